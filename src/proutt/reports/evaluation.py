"""What a report of evaluations shows of each folder: settings, warnings, tables and figures, from stored judgements.

A folder holds a pointwise or a pairwise evaluation, what `proutt evaluate agreement` wrote, or both. Nothing of a
dialogue is in these but names: of systems, data sets, models and people. Folders of SynPT and UPC are told elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from proutt.errors import UserError
from proutt.evaluation.agreeing import agreement_in
from proutt.evaluation.agreement_tables import agreement_tables
from proutt.evaluation.figures import panels_of_agreement, panels_of_results
from proutt.evaluation.record import LLM_JUDGE
from proutt.evaluation.stored import AGREEMENT, FACTS, SCORES, VERDICTS, derived
from proutt.reports.mining import is_mining, mining_parts
from proutt.reports.parts import Part, count, inconclusive
from proutt.reports.proactivity import is_proactivity, proactivity_parts


def is_evaluation(path: Path) -> bool:
    """Whether `proutt evaluate` wrote this folder."""
    return (path / FACTS).is_file() or (path / AGREEMENT).is_file() or is_mining(path) or is_proactivity(path)


def holds_answers(path: Path) -> bool:
    """Whether `proutt annotate` wrote this folder, and nothing else has been made of it."""
    return not is_evaluation(path) and any((path / name).is_file() for name in (VERDICTS, SCORES))


def parts_in(folders: Sequence[Path]) -> list[Part]:
    """The evaluations of these folders, in their order, those of mining and proactivity last.

    Raises UserError where one holds none.
    """
    mined = [folder for folder in folders if is_mining(folder)]
    proactive = [folder for folder in folders if is_proactivity(folder)]
    others = [part for folder in folders if folder not in (*mined, *proactive) for part in _parts_of(folder)]
    return [*others, *mining_parts(mined), *proactivity_parts(proactive)]


def _parts_of(folder: Path) -> Iterator[Part]:
    if holds_answers(folder):
        remedy = f"Run proutt evaluate agreement {folder} --out agreement, and report that."
        raise UserError("holds what people said, and no evaluation yet.", where=str(folder), remedy=remedy)
    if not is_evaluation(folder):
        raise UserError("is no evaluation.", where=str(folder), remedy="Name folders that proutt evaluate wrote.")
    name = folder.resolve().name
    if (folder / FACTS).is_file():
        stored, tables, _ = derived(folder)
        facts, results = stored["evaluation"], stored["results"]
        kind = facts["kind"]
        found = [*_warnings(facts), *(_of_scores(results) if kind == "pointwise" else _of_verdicts(facts, results))]
        panels = panels_of_results(kind, results)
        yield Part(kind, name, _lead(facts), _settings(facts), found, tables, panels)
    if (folder / AGREEMENT).is_file():
        agreement = agreement_in(folder)
        yield _agreement(name, agreement)


def _lead(facts: Mapping[str, Any]) -> str:
    if facts["kind"] == "pointwise":
        asked = "Each suggestion against what the user really said"
    else:
        asked = "Two systems' suggestions side by side"
    by = f"judged by {facts['judge']}" if facts["judge"] else "by sentence embeddings"
    return f"{asked}, {by}: {count(facts['cases'], 'test case')} of {count(facts['dialogues'], 'dialogue')}."


def _settings(facts: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What was evaluated by whom, in the words of `evaluation.json`."""
    systems = [
        (f"system {name}", f"{', '.join(of['models'])}" + (f"; {of['runs']} files" if of["runs"] > 1 else ""))
        for name, of in facts["systems"].items()
    ]
    left_out = [
        f"{facts[name]:,} {what}"
        for name, what in (
            ("cases_not_in_all", "that not all systems have"),
            ("cases_without_truth", "without a truth"),
        )
        if facts[name]
    ]
    judge = facts["judge"] or "none"
    rows = [
        ("judge", judge + (f" (family {facts['judge_family']})" if facts["judge_family"] else "")),
        *systems,
        ("embeddings", str(facts.get("embed") or "")),
        ("controls", ", ".join(facts.get("controls", ()))),
        ("repeats", str(facts["repeats"])),
        ("orders", {"both": "both", "one": "one, drawn by chance"}.get(facts.get("orders", ""), "")),
        ("difference that matters", f"{facts['matters'] * 100:g} points"),
        ("a hit is a score of", f"{facts['hit']:g} or more" if "hit" in facts else ""),
        ("test cases left out", ", ".join(left_out)),
        ("seed", str(facts["seed"])),
    ]
    return [(name, value) for name, value in rows if value]


def _warnings(facts: Mapping[str, Any]) -> Iterator[str]:
    """What makes the numbers doubtful, of either kind of evaluation."""
    if not facts["complete"]:
        yield "The evaluation is not complete: the same command goes on."
    if facts["same_family"]:
        yield (
            f"The judge is of the family {facts['judge_family']}, as are models of {', '.join(facts['same_family'])}: "
            "judges like what their own family writes. Judge with another family, too."
        )
    if facts["failed"]:
        counts = ", ".join(f"{name} {count}" for name, count in facts["failed"].items())
        yield f"Questions without an answer: {counts}. They are no scores and no ties (failures.jsonl)."
    if facts["dialogues"] < 2:
        yield "There is one dialogue only, so nothing can be said of others: no intervals."


def _of_scores(results: Mapping[str, Any]) -> Iterator[str]:
    flagged = max((found["flagged"] for found in results.values()), default=0)
    if flagged:
        yield _flagged(flagged)
    rescaled = [metric for metric in results if "(cos" in metric]
    if rescaled:
        yield f"{', '.join(rescaled)}: an offline embedding, rescaled. It is not the paper's Embed-Sim."
    if LLM_JUDGE in results and not any(found["above_controls"] for found in results.values()):
        yield "There are no controls, so what chance alone would score is not known."
    yield from inconclusive([each for found in results.values() for each in found["comparisons"]])


def _of_verdicts(facts: Mapping[str, Any], results: Mapping[str, Any]) -> Iterator[str]:
    if results["flagged"]:
        yield _flagged(results["flagged"])
    biased = sorted({f"{row['a']} / {row['b']}, {row['dataset']}" for row in results["pairs"] if row["biased"]})
    if biased:
        yield f"The judge is biased: where a suggestion stands decides ({'; '.join(biased)}). No winner is named there."
    if facts["orders"] == "one":
        yield "Each comparison was asked in one order, so whether the judge is biased by it can't be seen."
    yield from inconclusive([row["comparison"] for row in results["pairs"] if not row["biased"]])


def _flagged(number: int) -> str:
    return (
        f"{count(number, 'judgement')} flagged: a suggestion or its context held words that speak to a judge. They "
        "were taken out before judging, unless the user really said such words."
    )


def _agreement(name: str, agreement: Mapping[str, Any]) -> Part:
    groups = [*agreement["groups"], *agreement.get("scores", ())]
    raters: dict[str, str] = {}
    for group in groups:
        raters |= {rater: of["kind"] for rater, of in group["raters"].items()}
    settings = [(f"rater {rater}", kind) for rater, kind in raters.items()]
    settings.append(("gate of a batch", f"{agreement['gate']:g}"))
    judged = agreement["groups"][-1] if agreement["groups"] else None
    if judged is not None:
        settings.append(("comparisons judged by two", str(judged["items_judged_twice"])))
        settings.append(("of valid batches", str(judged["items_of_valid_batches"])))
    lead = f"How far {count(len(raters), 'rater')} agree."
    warnings = []
    if judged is not None and judged["items_judged_twice"] and not judged["items_of_valid_batches"]:
        warnings.append(f"No batch of two people passes the gate of {agreement['gate']:g}.")
    tables, panels = agreement_tables(agreement), panels_of_agreement(agreement)
    return Part("agreement", name, lead, settings, warnings, tables, panels)

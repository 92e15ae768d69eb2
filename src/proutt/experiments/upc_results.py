"""What an experiment on UPC has measured so far: proactivity and curricula, with the paper's numbers beside them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from proutt.errors import UserError
from proutt.evaluation.tables import Table, interval_text
from proutt.evaluation.upc.results import Evaluation, results_of
from proutt.evaluation.upc.scale import score_text
from proutt.evaluation.upc.stored import evaluation_in
from proutt.evaluation.upc.tables import tables_of
from proutt.experiments.curriculum.account import ACCOUNT
from proutt.experiments.curriculum.figure import draw_iterations
from proutt.experiments.plan import Planned
from proutt.experiments.running import Standing
from proutt.prompts.upc.heard import ASPECTS

#: (arm, column, place) → the paper's number as it prints it; empty where it has none.
PaperValue = Callable[[str, str, int], str]
#: The columns of Table 1: our name → the paper's. Perplexity is of the chatbot's responses, and has no critic.
SCORES = {"relevance": "Rel.", "interest": "Int.", "value": "Val."}
PERPLEXITY = "perplexity"
#: Table 3's rows, a value for each iteration: our name → the paper's.
REGENERATIONS = {
    "regeneration-rate": ("regeneration rate, percent", "regeneration_rate", 100),
    "regenerations": ("mean number of regenerations", "mean_regenerations", 1),
}


def proactivity(plan: Planned, found: Mapping[str, Standing], paper: PaperValue) -> Iterator[dict[str, Any]]:
    """Every score of every arm on each data set, by each critic, 1 to 5; perplexity where it was measured or printed.

    The paper's column of a critic is named "relevance CRITIC" where an arm has several.
    """
    for data, by_arm in plan.proactive.items():
        for arm, by_critic in by_arm.items():
            several = len(by_critic) > 1
            for critic, id in by_critic.items():
                kept = found[id].kept
                row: dict[str, Any] = {"data": data, "arm": arm, "critic": critic}
                for name, title in SCORES.items():
                    of = None if kept is None else kept.facts["scores"][name]
                    column = f"{name} {critic}" if several else name
                    yield {**row, "metric": name, "title": title, "paper": paper(arm, column, 0), **_estimate(of)}
            kept = found[next(iter(by_critic.values()))].kept
            of = None if kept is None else kept.facts.get(PERPLEXITY)
            printed = paper(arm, PERPLEXITY, 0)
            if printed or of is not None:
                row = {"data": data, "arm": arm, "critic": None, "metric": PERPLEXITY, "title": "PPL"}
                yield {**row, "paper": printed, **_estimate(of, "value")}


def _estimate(of: Mapping[str, Any] | None, mean: str = "mean") -> dict[str, Any]:
    named = {"measured": mean, "low": "low", "high": "high"}
    return {name: None if of is None or of[key] is None else round(of[key], 4) for name, key in named.items()}


def curricula(plan: Planned, found: Mapping[str, Standing]) -> dict[str, Any]:
    """Arm → its `curriculum.json`; None where it is not done."""
    made = {}
    for arm, kinds in plan.of_arm.items():
        for id in kinds.get("curriculum", ()):
            kept = found[id].kept
            made[arm] = None if kept is None else json.loads((kept.run / ACCOUNT).read_text(encoding="utf-8"))
    return made


def regenerations(of: Mapping[str, Any], paper: PaperValue) -> Iterator[dict[str, Any]]:
    """Table 3: of each arm and iteration, measured or printed. of: as `curricula` gives it."""
    for arm, account in of.items():
        iterations = [] if account is None else account["iterations"]
        for name, (title, key, scale) in REGENERATIONS.items():
            at = 0
            while at < len(iterations) or paper(arm, name, at):
                value = iterations[at][key] if at < len(iterations) else None
                yield {
                    "arm": arm,
                    "what": name,
                    "title": title,
                    "iteration": at + 1,
                    "paper": paper(arm, name, at),
                    "measured": None if value is None else round(value * scale, 3),
                }
                at += 1


def beside_each_other(plan: Planned, found: Mapping[str, Standing]) -> dict[str, Any]:
    """Data set → every arm's results by each critic, and their paired comparisons on the users that they share."""
    made = {}
    for data, by_arm in plan.proactive.items():
        kept = [(arm, found[id].kept) for arm, by_critic in by_arm.items() for id in by_critic.values()]
        every = [_named(arm, evaluation_in(each.run)) for arm, each in kept if each is not None]
        if every:
            made[data] = results_of(every)
    return made


def _named(arm: str, of: Evaluation) -> Evaluation:
    """Under the arm's name: equal stages of several arms are one stage."""
    return Evaluation(of.name, [each.model_copy(update={"system": arm}) for each in of.dialogues])


# Tables ---------------------------------------------------------------------------------------------------------------


def upc_tables(results: Mapping[str, Any]) -> list[Table]:
    """The tables of what `results.json` has of UPC; some have no row."""
    title = f"{results['title']} ({results['paper'] or 'no paper'})"
    compared = [
        Table(table.name, f"{table.title}: {data}", table.header, table.rows, table.note)
        for data, of in results["proactive"].items()
        for table in tables_of(of)
        if table.name in ("upc-comparisons", "upc-account")
    ]
    return [
        Table("proactivity", title, ("metric", "critic", "data set", "arm", "paper", "measured"),
              tuple((each["title"], each["critic"] or "", each["data"], each["arm"], each["paper"], _shown(each))
                    for each in results["proactivity"]),
              "Scores from 1 to 5, and perplexity; in brackets 95% intervals over personas or their groups."),
        *compared,
        Table("regenerations", "Regenerations by iteration", ("what", "arm", "iteration", "paper", "measured"),
              tuple((each["title"], each["arm"], str(each["iteration"]), each["paper"], _number(each["measured"]))
                    for each in results["regenerations"])),
        Table("curriculum", "Curricula",
              ("arm", "iteration", "personas", "dialogues", "easy", "by the letter", "trained on", "rows", "loss",
               *ASPECTS, "mean", "chosen"),
              tuple(_iteration(arm, account, each) for arm, account in results["curricula"].items()
                    if account is not None for each in account["iterations"]),
              "Easy: by the reading that was chosen, and by the letter of equation (3). Scores are of the validation "
              "personas, with 95% intervals."),
    ]  # fmt: skip


def _iteration(arm: str, account: Mapping[str, Any], each: Mapping[str, Any]) -> tuple[str, ...]:
    selection, validation, loss = each["selection"], each["validation"] or {}, each["loss"]
    by = selection["easy_by_reading"] or {}
    return (
        arm,
        str(each["iteration"]),
        *(str(each[name][key]) for name, key in (("personas", "in"), ("dialogues", "all"))),
        _counted(selection["easy"]),
        _counted(by.get("letter")),
        *(_counted(value) for value in (selection["taken"], each["rows"])),
        "" if loss is None else f"{loss['first']:.3f} → {loss['last']:.3f}",
        *(_shown(_estimate(validation.get(name))) for name in (*ASPECTS, "mean")),
        "chosen" if account["chosen"] == each["iteration"] else "",
    )


def _counted(value: int | None) -> str:
    return "" if value is None else str(value)


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _shown(each: Mapping[str, Any]) -> str:
    """A score with its interval on its scale; perplexity, which has none, with the interval as it is."""
    if each["measured"] is None or each["low"] is None:
        return _number(each["measured"])
    if each.get("metric") == PERPLEXITY:
        return interval_text(each["measured"], each["low"], each["high"], digits=3)
    return score_text(each["measured"], each["low"], each["high"])


def draw_figure_5(results: Mapping[str, Any], out: Path, formats: Sequence[str] = ("svg", "png", "pdf")) -> list[str]:
    """Figure 5 of the curricula that are done and were validated; what is missing, and why."""
    whole = {
        arm: account
        for arm, account in results["curricula"].items()
        if account is not None and any(each["validation"] is not None for each in account["iterations"])
    }
    try:
        if whole:
            draw_iterations(whole, out, formats)
    except UserError as error:
        return [str(error)]
    return []

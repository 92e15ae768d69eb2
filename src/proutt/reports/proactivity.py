"""What a report shows of folders of `proutt evaluate upc`: each by itself, and several beside each other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from proutt.evaluation.critic.responses import model_name
from proutt.evaluation.family import family_of, same_family
from proutt.evaluation.stored import object_in
from proutt.evaluation.upc.figures import turn_panels
from proutt.evaluation.upc.record import Failed
from proutt.evaluation.upc.results import Evaluation, results_of
from proutt.evaluation.upc.stored import counted_in, evaluation_in, holds_evaluation
from proutt.evaluation.upc.tables import COUNTS_AS, tables_of
from proutt.reports.parts import Part, count, inconclusive
from proutt.runs.directory import SUMMARY

is_proactivity = holds_evaluation
#: With fewer personas intervals say little, and depend on who they happen to be.
FEW = 10


def proactivity_parts(folders: Sequence[Path]) -> Iterator[Part]:
    """A part for each folder, after one that has all of them where there are several. Raises UserError, also where
    they can't stand beside each other."""
    evaluations = [evaluation_in(folder) for folder in folders]
    if len(folders) > 1:
        yield _compared(folders, _results(evaluations, counted_in(folders[0])))
    for folder, evaluation in zip(folders, evaluations, strict=True):
        results = _results([evaluation], counted_in(folder))
        yield Part(
            kind="proactivity",
            name=folder.resolve().name,
            lead=_lead(results),
            settings=_settings(results),
            warnings=list(_warnings(object_in(folder / SUMMARY), results)),
            tables=tables_of(results),
            panels=turn_panels(results),
            scored=evaluation.dialogues,
        )


def _compared(folders: Sequence[Path], results: Mapping[str, Any]) -> Part:
    critics = len({each["critic"] for each in results["systems"]})
    systems = len({each["system"] for each in results["systems"]})
    lead = (
        f"{count(systems, 'system')} beside each other under {count(critics, 'critic')}, compared on the personas that "
        "they share."
    )
    names = ", ".join(folder.resolve().name for folder in folders)
    warnings = [*_of_mixed(results), *_of_critics(results), *_of_few(results), *inconclusive(results["comparisons"])]
    return Part("proactivity", names, lead, (), warnings, tables_of(results), turn_panels(results))


def _results(evaluations: Sequence[Evaluation], failed: Failed) -> dict[str, Any]:
    """`results_of`, with models by their names alone: a page is passed on, and tells nobody's address."""
    found = results_of(evaluations, failed=failed)
    systems = [
        {
            **each,
            "critic": model_name(each["critic"]),
            "models": _named(each["models"]),
            "perplexity": each["perplexity"]
            and {**each["perplexity"], **_named({"models": each["perplexity"]["models"]})},
        }
        for each in found["systems"]
    ]
    comparisons = [{**each, "critic": model_name(each["critic"])} for each in found["comparisons"]]
    return {**found, "systems": systems, "comparisons": comparisons}


def _named(models: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    return {role: [model_name(each) for each in of] for role, of in models.items()}


def _lead(results: Mapping[str, Any]) -> str:
    systems = results["systems"]
    names = ", ".join(dict.fromkeys(each["system"] for each in systems))
    critics = ", ".join(dict.fromkeys(each["critic"] for each in systems))
    dialogues = sum(each["dialogues"] for each in systems)
    personas = max(each["personas"] for each in systems)
    return (
        f"How proactive {names} is: {count(dialogues, 'dialogue')} with {count(personas, 'test persona')}, each "
        f"response scored by {critics}."
    )


def _settings(results: Mapping[str, Any]) -> list[tuple[str, str]]:
    rows = []
    for each in results["systems"]:
        measured = each["perplexity"]
        rows += [
            ("system", each["system"]),
            ("asked", each["baseline"]),
            *((role, ", ".join(models)) for role, models in each["models"].items()),
            ("perplexity by", ", ".join(measured["models"]) if measured else ""),
            ("turns", str(each["turns"])),
            ("repeats", str(each["repeats"])),
        ]
    rows.append(("turns that a chatbot failed to answer", COUNTS_AS[results["failed_turns_count"]]))
    return [(name, value) for name, value in rows if value]


# To keep in mind ------------------------------------------------------------------------------------------------------


def _warnings(summary: Mapping[str, Any], results: Mapping[str, Any]) -> Iterator[str]:
    """summary: of `summary.json`, or nothing: the dialogues alone make a report."""
    if summary.get("complete") is False:
        yield "The evaluation is not complete: the same command goes on."
    if summary.get("failed"):
        counts = _counts(summary["failed"])
        yield f"Dialogues that user or critic failed in: {counts}. They are in no number (failures.jsonl)."
    if summary.get("seen_groups"):
        groups = ", ".join(map(str, summary["seen_groups"]))
        yield f"Occupation groups that the chatbot was trained with are tested on: {groups}."
    for each in results["systems"]:
        if each["chatbot_failed"]:
            counted = COUNTS_AS[results["failed_turns_count"]]
            yield f"{each['system']} failed in dialogues: {_counts(each['chatbot_failed'])}. The turns {counted}."
        if each["flags"]:
            yield f"What checks found in dialogues: {_counts(each['flags'])}. They count like others."
        if each["perplexity"] and each["perplexity"]["too_long"]:
            responses = count(each["perplexity"]["too_long"], "response")
            yield f"Perplexity is without {responses}, too long for the model that measures it."
    yield from _of_critics(results)
    yield from _of_few(results)


def _of_mixed(results: Mapping[str, Any]) -> Iterator[str]:
    """Folders of one name count as one system, which they may not be."""
    for each in results["systems"]:
        chatbots = each["models"]["assistant-agent"]
        if len(chatbots) > 1:
            yield (
                f"{each['system']} is of several models ({', '.join(chatbots)}), which count as repeats of one system: "
                "evaluate each with a name of its own (--system) to tell them apart."
            )


def _of_critics(results: Mapping[str, Any]) -> Iterator[str]:
    """Critics that score what they, or their kin, have had a hand in."""
    for critic in dict.fromkeys(each["critic"] for each in results["systems"]):
        scored = [each for each in results["systems"] if each["critic"] == critic]
        if any(critic in each["models"]["user-agent"] for each in scored):
            yield (
                f"The critic {critic} plays the users, too, and may like what goes well with its own words: score with "
                "another critic, too (--reuse)."
            )
        kin = same_family(critic, {each["system"]: each["models"]["assistant-agent"] for each in scored})
        if kin:
            yield (
                f"The critic is of the family {family_of(critic)}, as are models of {', '.join(kin)}: judges like what "
                "their own family writes. Score with another family, too."
            )


def _of_few(results: Mapping[str, Any]) -> Iterator[str]:
    fewest = min(each["personas"] for each in results["systems"])
    if fewest < FEW:
        yield f"Few test personas ({fewest}): little can be said of other users, and intervals are wide or missing."


def _counts(found: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {number}" for name, number in found.items())

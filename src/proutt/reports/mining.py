"""What a report shows of folders of `proutt evaluate synpt`: each by itself, and several beside each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from proutt.evaluation.critic.responses import model_name
from proutt.evaluation.stored import object_in
from proutt.evaluation.synpt.figures import metric_panels
from proutt.evaluation.synpt.record import EvaluatedDialogue
from proutt.evaluation.synpt.stored import counted_in, derived, evaluation_in, holds_evaluation
from proutt.reports.parts import Part, count, inconclusive
from proutt.runs.directory import SUMMARY

is_mining = holds_evaluation
_COUNTED = {"wrong": "count as wrong", "left-out": "are left out"}


def mining_parts(folders: Sequence[Path]) -> Iterator[Part]:
    """A part for each folder, after one that has all of them where there are several. Raises UserError."""
    evaluations = [evaluation_in(folder) for folder in folders]
    if len(folders) > 1:
        results, tables, _ = derived(evaluations, counted_in(folders[0]))
        names = ", ".join(folder.resolve().name for folder in folders)
        warnings = list(inconclusive(results["comparisons"]))
        lead = f"{count(len(results['systems']), 'system')} beside each other, compared on the first words they share."
        yield Part("mining", names, lead, (), warnings, tables, metric_panels(results))
    for folder, evaluation in zip(folders, evaluations, strict=True):
        results, tables, _ = derived([evaluation], counted_in(folder))
        panels = [] if len(folders) > 1 else metric_panels(results)
        name, dialogues = folder.resolve().name, evaluation.dialogues
        warnings = list(_warnings(object_in(folder / SUMMARY), results, dialogues))
        yield Part("mining", name, _lead(dialogues), _settings(results, dialogues), warnings, tables, panels, dialogues)


def _lead(dialogues: Sequence[EvaluatedDialogue]) -> str:
    systems = ", ".join(dict.fromkeys(each.system for each in dialogues))
    seeds = len({each.seed_id for each in dialogues})
    return (
        f"How well {systems} finds out what its user left unsaid: {count(len(dialogues), 'dialogue')} of "
        f"{count(seeds, 'test case')} with a simulated user."
    )


def _settings(results: Mapping[str, Any], dialogues: Sequence[EvaluatedDialogue]) -> list[tuple[str, str]]:
    first = {each.seed_id: each for each in dialogues}
    parts = Counter(each.part for each in first.values())
    # Models go by their names, without an address: a page is passed on.
    rows = [("first words tell", ", ".join(f"{part} {number}" for part, number in parts.items()))]
    for each in results["systems"]:
        named = each["system"] if len(results["systems"]) > 1 else "system"
        rows.append((named, each["system"]))
        rows.append(("talked to as", each["subject"]))
        rows += [(role, ", ".join(map(model_name, models))) for role, models in each["models"].items()]
        rows.append(("repeats", str(each["repeats"])))
    rows.append(("failures of the model under test", _COUNTED[results["failed"]["counted"]]))
    return rows


def _warnings(
    summary: Mapping[str, Any], results: Mapping[str, Any], dialogues: Sequence[EvaluatedDialogue]
) -> Iterator[str]:
    """summary: of `summary.json`, or nothing where it is not there: the dialogues alone make a report."""
    if summary.get("complete") is False:
        yield "The evaluation is not complete: the same command goes on."
    if summary.get("failed"):
        counts = ", ".join(f"{name} {number}" for name, number in summary["failed"].items())
        yield f"Dialogues that user or judge failed in: {counts}. They are in no number (failures.jsonl)."
    failed = results["failed"]
    for system, reasons in failed["by_system"].items():
        counts = ", ".join(f"{name} {number}" for name, number in reasons.items())
        yield f"{system} failed in dialogues: {counts}. They {_COUNTED[failed['counted']]}."
    unknown = sum(each.vague and each.mined is None for each in dialogues)
    if unknown:
        yield (
            f"In {count(unknown, 'dialogue')} nobody could tell what replies ask for, since there was no judge: IIM is "
            "of the others, which are no fair sample."
        )
    if len({each.seed_id for each in dialogues}) < 2:
        yield "There is one test case only, so nothing can be said of others: no intervals."
    yield from inconclusive(results["comparisons"])

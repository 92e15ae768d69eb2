"""SynPT's evaluation as tables, in the form of Tables III to X: a row a metric, a column a system. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from proutt.evaluation.synpt.results import METRICS
from proutt.evaluation.tables import Table, finding_text, p_text

_BY_NAME = {metric.name: metric for metric in METRICS}


def tables_of(results: Mapping[str, Any]) -> list[Table]:
    """The tables of `results_of`; those without rows are left out."""
    made = [_main(results), _by_task(results), _comparisons(results), _account(results)]
    return [table for table in made if table.rows]


def _main(results: Mapping[str, Any]) -> Table:
    systems = results["systems"]
    rows = [
        (metric.title, *(_shown(metric.name, each["metrics"][metric.name]) for each in systems))
        for metric in METRICS
        if any(each["metrics"][metric.name] for each in systems)
    ]
    return Table(
        "synpt",
        "Mining implicit intentions",
        ("metric", *(each["system"] for each in systems)),
        tuple(rows),
        "Accuracies in percent, with 95% intervals over seeds; after several repeats also ± the standard error over "
        "them, as the paper prints. IIM counts a case with nothing missing as right, as the paper does; vague only "
        "leaves those out. Turns B: of dialogues that are right by VJ, IIM and IS.",
    )


def _by_task(results: Mapping[str, Any]) -> Table:
    rows = [
        (system["system"], task["task"], *(_shown(name, task["metrics"][name]) for name in _TASK_METRICS))
        for system in results["systems"]
        for task in system["by_task"]
    ]
    return Table(
        "synpt-tasks", "By task", ("system", "task", *(_BY_NAME[name].title for name in _TASK_METRICS)), tuple(rows)
    )


_TASK_METRICS = ("vagueness", "mining", "summary", "turns-a", "turns-b", "emotion", "options")


def _comparisons(results: Mapping[str, Any]) -> Table:
    rows = [
        (
            _BY_NAME[each["metric"]].title,
            each["a"],
            each["b"],
            _signed(each),
            p_text(each["p"]),
            p_text(each["p_adjusted"]),
            str(each["clusters"]),
            finding_text(each, better="higher"),
        )
        for each in results["comparisons"]
    ]
    return Table(
        "synpt-comparisons",
        "Two systems on the same first words",
        ("metric", "a", "b", "a − b", "p", "p (Holm)", "seeds", "finding"),
        tuple(rows),
        "Accuracies in points of 100, with 95% intervals over seeds; paired. Where nothing was found and a difference "
        "of 10 points (half a turn) would have been missed in more than a fifth of evaluations: inconclusive.",
    )


def _account(results: Mapping[str, Any]) -> Table:
    of_systems = {each["system"]: each for each in results["systems"]}
    failed = results["failed"]
    rows = [
        (
            name,
            *(("", "", "", "") if each is None else _account_of(each)),
            _counts(failed["by_system"].get(name, {})),
        )
        for name in dict.fromkeys([*of_systems, *failed["by_system"]])
        for each in [of_systems.get(name)]
    ]
    return Table(
        "synpt-account",
        "What the numbers rest on",
        (
            "system",
            "seeds",
            "repeats",
            "dialogues end by",
            "what a reply asks for was told by",
            "failures of the model",
        ),
        tuple(rows),
        _FAILED[failed["counted"]] if failed["by_system"] else "",
    )


_FAILED = {
    "wrong": "Dialogues in which the model under test failed count as wrong in VJ, IIM and IS.",
    "left-out": "Dialogues in which the model under test failed are left out of every number.",
}


def _account_of(system: Mapping[str, Any]) -> tuple[str, ...]:
    counts = (str(system["seeds"]), str(system["repeats"]))
    return (*counts, _counts(system["ends"]), _counts(system["mining_decided_by"]))


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{name} {count}" for name, count in counts.items())


def _shown(name: str, estimate: Mapping[str, Any] | None) -> str:
    if estimate is None:
        return ""
    scale, digits = (100, 2) if _BY_NAME[name].share else (1, 0 if name == "tokens" else 2)
    over = estimate["over_repeats"]
    shown = f"{estimate['mean'] * scale:.{digits}f}"
    shown += f" ± {over['error'] * scale:.{digits}f}" if over else ""
    if estimate["low"] is None:
        return shown
    return f"{shown} [{estimate['low'] * scale:.{digits}f}, {estimate['high'] * scale:.{digits}f}]"


def _signed(each: Mapping[str, Any]) -> str:
    scale = 100 if _BY_NAME[each["metric"]].share else 1
    shown = f"{each['effect'] * scale:.2f}"
    if each["low"] is None:
        return shown
    return f"{shown} [{each['low'] * scale:.2f}, {each['high'] * scale:.2f}]"

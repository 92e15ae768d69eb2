"""UPC's evaluation as tables, in the form of Table 1: a row a system under a critic. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from proutt.evaluation.tables import Table, finding_text, interval_text, p_text
from proutt.evaluation.upc.results import MATTERS, METRICS
from proutt.evaluation.upc.scale import DIFFERENCES, score_text

TITLES = {"relevance": "Rel.", "interest": "Int.", "value": "Val.", "mean": "mean"}
_COLUMNS = tuple(TITLES[metric] for metric in METRICS)
COUNTS_AS = {"lowest": "count 1 in all three scores", "left-out": "are left out"}
_ON_SCALE = "Intervals are cut off at the ends of the scale; –: too few personas for an interval."


def tables_of(results: Mapping[str, Any]) -> list[Table]:
    """The tables of `results_of`; those without rows are left out."""
    made = [_main(results), _by_turn(results), _comparisons(results), _account(results)]
    return [table for table in made if table.rows]


def _main(results: Mapping[str, Any]) -> Table:
    rows = [
        (
            each["critic"],
            each["system"],
            *(_shown(each["scores"][metric]) for metric in METRICS),
            _shown_perplexity(each["perplexity"]),
            str(each["personas"]),
        )
        for each in results["systems"]
    ]
    return Table(
        "upc",
        "Proactivity",
        ("critic", "system", *_COLUMNS, "PPL", "personas"),
        tuple(rows),
        "Scores 1 to 5, averaged over turns, repeats and then personas, with 95% intervals: over personas, or over "
        f"occupation groups where that is wider. {_ON_SCALE} PPL: corpus perplexity, its interval by "
        f"bootstrap over personas. Turns that a chatbot failed to answer {COUNTS_AS[results['failed_turns_count']]}.",
    )


def _by_turn(results: Mapping[str, Any]) -> Table:
    rows = [
        (each["critic"], each["system"], str(turn["turn"]), *(_shown(turn["scores"][metric]) for metric in METRICS))
        for each in results["systems"]
        for turn in each["by_turn"]
    ]
    return Table("upc-turns", "By turn", ("critic", "system", "turn", *_COLUMNS), tuple(rows), _ON_SCALE)


def _comparisons(results: Mapping[str, Any]) -> Table:
    rows = [
        (
            each["critic"],
            TITLES[each["metric"]],
            each["a"],
            each["b"],
            score_text(each["effect"], each["low"], each["high"], DIFFERENCES, digits=2),
            p_text(each["p"]),
            p_text(each["p_adjusted"]),
            f"{each['clusters']} {each['clustered_by']}s",
            finding_text(each),
        )
        for each in results["comparisons"]
    ]
    return Table(
        "upc-comparisons",
        "Two systems on the same personas",
        ("critic", "score", "a", "b", "a − b", "p", "p (Holm)", "over", "finding"),
        tuple(rows),
        f"Paired, with 95% intervals over personas or occupation groups, whichever is wider. {_ON_SCALE} Where "
        f"nothing was found and a difference of {MATTERS:g} would have been missed in more than a fifth of "
        "evaluations: inconclusive.",
    )


def _account(results: Mapping[str, Any]) -> Table:
    rows = [
        (
            each["system"],
            each["critic"],
            each["baseline"],
            ", ".join(each["models"]["assistant-agent"]),
            ", ".join(each["models"]["user-agent"]),
            ", ".join(each["perplexity"]["models"]) if each["perplexity"] else "",
            f"{each['dialogues']} ({each['repeats']} × {each['personas']})",
            str(each["groups"]),
            ", ".join(f"{reason} {count}" for reason, count in each["chatbot_failed"].items()),
        )
        for each in results["systems"]
    ]
    return Table(
        "upc-account",
        "What the numbers rest on",
        ("system", "critic", "asked", "chatbot", "users by", "PPL by", "dialogues", "groups", "chatbot failed"),
        tuple(rows),
    )


def _shown(estimate: Mapping[str, Any] | None) -> str:
    return "" if estimate is None else score_text(estimate["mean"], estimate["low"], estimate["high"])


def _shown_perplexity(found: Mapping[str, Any] | None) -> str:
    return "" if found is None else interval_text(found["value"], found["low"], found["high"], digits=3)

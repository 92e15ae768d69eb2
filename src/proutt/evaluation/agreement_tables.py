"""Agreement as tables: of verdicts two by two and all together, and of scores. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from proutt.evaluation.tables import Table


def agreement_tables(results: Mapping[str, Any]) -> list[Table]:
    """The tables of `agreement.json`'s content; those without rows are left out."""
    made = [*_of_verdicts(results["groups"]), *_of_scores(results.get("scores", ()))]
    return [table for table in made if table.rows]


def _of_verdicts(groups: Any) -> list[Table]:
    rows = [
        (
            group["dataset"],
            pair["one"],
            pair["other"],
            str(pair["items"]),
            *(_shown(pair[name]) for name in ("agreement", "kappa", "weighted_kappa", "ac1")),
        )
        for group in groups
        for pair in group["pairs"]
    ]
    alphas = [
        (
            group["dataset"],
            kind,
            str(found["items"]),
            _shown({**found, "mean": found["nominal"]}),
            _shown({"mean": found["ordinal"], "low": None}),
        )
        for group in groups
        for kind, found in group["alpha"].items()
    ]
    return [
        Table(
            "agreement",
            "Agreement of two raters",
            ("data set", "one", "other", "items", "agreement", "κ", "κ, weighted", "AC1"),
            tuple(rows),
            "95% intervals over dialogues. people: what two agree on, or a third decided; gated: of valid batches "
            "only, which selects by the outcome. Weighted: a tie is half as far from a winner as the other winner.",
        ),
        Table(
            "alpha",
            "Krippendorff's α of all",
            ("data set", "raters", "items", "α", "α, ordinal"),
            tuple(alphas),
        ),
    ]


def _of_scores(groups: Any) -> list[Table]:
    names = ("squared_kappa", "alpha", "spearman", "pearson")
    rows = [
        (
            group["dataset"],
            pair["one"],
            pair["other"],
            str(pair["suggestions"]),
            *(_shown(pair[name]) for name in names),
            _points(pair["difference"]),
        )
        for group in groups
        for pair in group["pairs"]
    ]
    alphas = [
        (group["dataset"], str(found["people"]), str(found["suggestions"]), _shown(found["alpha"]))
        for group in groups
        if (found := group["alpha"]) is not None
    ]
    return [
        Table(
            "score-agreement",
            "Agreement of two raters' scores",
            ("data set", "one", "other", "suggestions", "κ, squared", "α", "Spearman", "Pearson", "one − other"),
            tuple(rows),
            "95% intervals over dialogues. people: the mean of two or more. one − other: how much higher the first "
            "scores on average, in points of 100. Embeddings have a scale of their own: of them correlations only.",
        ),
        Table(
            "score-alpha",
            "Krippendorff's α of all people's scores",
            ("data set", "people", "suggestions", "α"),
            tuple(alphas),
        ),
    ]


def _shown(value: Mapping[str, Any] | None) -> str:
    if value is None or value["mean"] is None:
        return ""
    interval = "" if value["low"] is None else f" [{value['low']:.2f}, {value['high']:.2f}]"
    return f"{value['mean']:.2f}{interval}"


def _points(value: Mapping[str, Any] | None) -> str:
    if value is None:
        return ""
    interval = "" if value["low"] is None else f" [{value['low'] * 100:.1f}, {value['high'] * 100:.1f}]"
    return f"{value['mean'] * 100:.1f}{interval}"

"""Results as tables, and tables as Markdown, LaTeX and CSV. Pure. Scores and shares in percent, as in the paper."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Table:
    """name: of its CSV file; note: what a reader must know of it."""

    name: str
    title: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    note: str = ""


def tables_of(kind: str, results: Mapping[str, Any]) -> list[Table]:
    """The tables of an evaluation. kind: "pointwise" or "pairwise"."""
    found = pointwise_tables(results) if kind == "pointwise" else pairwise_tables(results)
    return [table for table in found if table.rows]


def pointwise_tables(results: Mapping[str, Any]) -> list[Table]:
    """Scores, comparisons, systems against controls, and what length tells."""
    scores = [_score_row(metric, row) for metric, found in results.items() for row in found["systems"]]
    most = max((row["suggestions"] for found in results.values() for row in found["systems"]), default=0)
    length = [
        (metric, row["dataset"], _percent(row["longer_is_better"]))
        for metric, found in results.items()
        for row in found["length_only"]
        if row["longer_is_better"]
    ]
    return [
        Table(
            "scores",
            "Scores, best of the suggestions",
            (
                "metric",
                "data set",
                "system",
                "best",
                "over repeats",
                "mean",
                "first",
                "hit@1",
                f"hit@{most}",
                "cases",
                "dialogues",
                "silent",
                "unjudged",
            ),
            tuple(scores),
            'Percent; in brackets 95% intervals over dialogues. "over repeats" is the paper\'s interval: it tells how '
            "much judging varies, nothing of other dialogues. Silent cases, without a suggestion, count 0.",
        ),
        Table(
            "comparisons",
            "Comparisons of systems, best of the suggestions",
            _COMPARED,
            _comparisons(results, "comparisons"),
            _COMPARED_NOTE,
        ),
        Table(
            "controls", "Systems against controls", _COMPARED, _comparisons(results, "above_controls"), _COMPARED_NOTE
        ),
        Table(
            "length",
            "The longer of two suggestions has the higher score",
            ("metric", "data set", "share"),
            tuple(length),
            "Percent; 50 where length tells nothing.",
        ),
    ]


_COMPARED = ("metric", "data set", "a", "b", "a − b", "p", "p (Holm)", "power", "cases", "finding")
_COMPARED_NOTE = (
    "Points of 100, with 95% intervals over dialogues. Power: to find the difference that matters; where it is under "
    "80% and nothing was found, the comparison is inconclusive."
)


def _score_row(metric: str, row: Mapping[str, Any]) -> tuple[str, ...]:
    over = row["best_repeat_interval"]
    hits = row["hit_at"]
    return (
        metric,
        row["dataset"],
        row["system"],
        _percent(row["best"]),
        "" if over is None else f"± {(over[1] - over[0]) * 50:.1f}",
        _percent(row["mean"]),
        _percent(row["best_of_first"][0]) if row["best_of_first"] else "",
        _percent(hits[0]) if hits else "",
        _percent(hits[-1]) if hits else "",
        *(str(row[name]) for name in ("cases", "dialogues", "silent", "unjudged")),
    )


def _comparisons(results: Mapping[str, Any], name: str) -> tuple[tuple[str, ...], ...]:
    return tuple((metric, *_comparison(each)) for metric, found in results.items() for each in found[name])


def _comparison(each: Mapping[str, Any]) -> tuple[str, ...]:
    effect = {"mean": each["effect"], "low": each["low"], "high": each["high"]}
    return (
        each["dataset"],
        each["a"],
        each["b"],
        _percent(effect),
        p_text(each["p"]),
        p_text(each["p_adjusted"]),
        "" if each["power"] is None else f"{each['power'] * 100:.0f}",
        str(each["n"]),
        finding_text(each),
    )


def pairwise_tables(results: Mapping[str, Any]) -> list[Table]:
    """Win, tie and loss; the judge; the ranking."""
    pairs = [
        (
            row["dataset"],
            row["a"],
            row["b"],
            _percent(row["win"]),
            _percent(row["tie"]),
            _percent(row["loss"]),
            p_text(row["comparison"]["p_adjusted"]),
            _percent(row["position_consistency"]),
            _signed(row["preference_fairness"]),
            _percent(row["length_only"]),
            str(row["cases"]),
            "judge is biased" if row["biased"] else _comparison(row["comparison"])[-1],
        )
        for row in results["pairs"]
    ]
    ranking = [
        (
            each["dataset"],
            str(place),
            strength["system"],
            interval_text(strength["theta"], strength["low"], strength["high"]),
            "half a win was added to each pair" if each["smoothed"] else "",
        )
        for each in results["rankings"]
        for place, strength in enumerate(each["strengths"], start=1)
    ]
    return [
        Table(
            "pairs",
            "Win, tie, loss",
            (
                "data set",
                "a",
                "b",
                "a wins",
                "ties",
                "b wins",
                "p (Holm)",
                "consistency",
                "fairness",
                "longer won",
                "cases",
                "finding",
            ),
            tuple(pairs),
            "Percent, with 95% intervals over dialogues; a win counts where both orders agree on it. Consistency: both "
            "orders give one verdict. Fairness: -1..1, above 0 where standing first decides.",
        ),
        Table(
            "ranking",
            "Ranking (Bradley–Terry)",
            ("data set", "place", "system", "strength", "note"),
            tuple(ranking),
            "Log odds with 95% intervals over dialogues; the mean of all is 0.",
        ),
    ]


def _percent(estimate: Mapping[str, Any] | None) -> str:
    if estimate is None:
        return ""
    bounds = [None if estimate[name] is None else estimate[name] * 100 for name in ("low", "high")]
    return interval_text(estimate["mean"] * 100, *bounds, digits=1)


def _signed(estimate: Mapping[str, Any] | None) -> str:
    return "" if estimate is None else interval_text(estimate["mean"], estimate["low"], estimate["high"])


def interval_text(mean: float, low: float | None, high: float | None, *, digits: int = 2) -> str:
    """A number, with its interval where it has one."""
    shown = f"{mean:.{digits}f}"
    return shown if low is None or high is None else f"{shown} [{low:.{digits}f}, {high:.{digits}f}]"


def p_text(p: float | None) -> str:
    """A p as tables print it."""
    return "" if p is None else "<0.001" if p < 0.001 else f"{p:.3f}"


def finding_text(comparison: Mapping[str, Any], *, better: str = "better") -> str:
    """What a comparison allows to say, in words."""
    named = {f"{side} is better": f"{comparison[side]} is {better}" for side in ("a", "b")}
    finding: str = comparison["finding"]
    return named.get(finding, finding)


# Forms ----------------------------------------------------------------------------------------------------------------


def as_csv(table: Table) -> str:
    """Cells that a spreadsheet would take for formulas get an apostrophe: names of systems come from files."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerows([[_no_formula(cell) for cell in row] for row in (table.header, *table.rows)])
    return out.getvalue()


def _no_formula(cell: str) -> str:
    formula = cell[:1] in ("=", "+", "@", "\t", "\r") or (cell[:1] == "-" and not cell[1:2].isdigit())
    return f"'{cell}" if formula else cell


def as_markdown(tables: Iterable[Table]) -> str:
    parts = []
    for table in tables:
        lines = [_md(table.header), "|" + " --- |" * len(table.header), *(_md(row) for row in table.rows)]
        parts.append(f"## {table.title}\n\n" + "\n".join(lines) + "\n" + (f"\n{table.note}\n" if table.note else ""))
    return "\n".join(parts)


def _md(row: Sequence[str]) -> str:
    return "| " + " | ".join(_md_cell(cell) for cell in row) + " |"


def _md_cell(cell: str) -> str:
    flat = " ".join(cell.split())
    for char in "\\`*_[]<>|":
        flat = flat.replace(char, f"\\{char}")
    return flat


_LATEX = {
    "\\": r"\textbackslash{}", "&": r"\&", "%": r"\%", "$": r"\$", "#": r"\#", "_": r"\_", "{": r"\{", "}": r"\}",
    "~": r"\textasciitilde{}", "^": r"\textasciicircum{}", "±": r"$\pm$", "−": "$-$", "<": r"$<$", ">": r"$>$",
    "–": "--",
}  # fmt: skip


def as_latex(tables: Iterable[Table]) -> str:
    """Tables for the package booktabs."""
    parts = []
    for table in tables:
        body = "\n".join(" & ".join(_tex(cell) for cell in row) + r" \\" for row in table.rows)
        head = " & ".join(_tex(cell) for cell in table.header) + r" \\"
        parts.append(
            "\\begin{table}\n\\centering\n"
            f"\\caption{{{_tex(table.title)}. {_tex(table.note)}}}\n"
            f"\\begin{{tabular}}{{{'l' * len(table.header)}}}\n"
            f"\\toprule\n{head}\n\\midrule\n{body}\n\\bottomrule\n\\end{{tabular}}\n\\end{{table}}\n"
        )
    return "\n".join(parts)


def _tex(cell: str) -> str:
    return "".join(_LATEX.get(char, char) for char in " ".join(cell.split()))

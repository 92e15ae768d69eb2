"""The paper's figures 3 to 6 from an evaluation's folder, by matplotlib (the extra `figures`). The same results give
the same SVG.

    figure-3  win, tie, loss            of a pairwise evaluation
    figure-4  agreement and κ           of `proutt evaluate agreement`
    figure-5  confusion of two raters   of the same
    figure-6  best of the first n       of a pointwise evaluation
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from proutt.errors import UserError
from proutt.evaluation.stored import AGREEMENT, RESULTS

_COLOURS = {"win": "#3b7dd8", "tie": "#c9ccd1", "loss": "#e08a3c"}


def draw(folder: Path, formats: Sequence[str]) -> list[Path]:
    """Draw what the folder's results allow, into it; the files made.

    formats: of "png", "svg", "pdf". Raises UserError where matplotlib is not there, or there is nothing to draw.
    """
    plt = _pyplot()
    figures = _figures(folder)
    if not figures:
        raise UserError("there is nothing to draw.", where=str(folder), remedy="Name the --out of proutt evaluate.")
    written = []
    for name, make in figures.items():
        figure = make(plt)
        for kind in dict.fromkeys(formats):
            path = folder / f"{name}.{kind}"
            metadata = {"svg": {"Date": None}, "pdf": {"CreationDate": None}, "png": {"Software": None}}[kind]
            figure.savefig(path, format=kind, dpi=200, bbox_inches="tight", metadata=metadata)
            written.append(path)
        plt.close(figure)
    return written


def _pyplot() -> Any:
    try:
        matplotlib = importlib.import_module("matplotlib")
    except ImportError as error:
        remedy = "Install it with: pip install 'proutt[figures]'"
        raise UserError("figures need the package matplotlib.", remedy=remedy) from error
    matplotlib.use("Agg")
    matplotlib.rcParams.update(
        {
            "svg.hashsalt": "proutt",
            "svg.fonttype": "none",
            "text.parse_math": False,  # names of systems are text, never formulas
            "font.size": 9,
            "axes.spines.top": False,
            "axes.spines.right": False,
        }
    )
    return importlib.import_module("matplotlib.pyplot")


def _figures(folder: Path) -> dict[str, Callable[[Any], Any]]:
    found: dict[str, Callable[[Any], Any]] = {}
    if (folder / RESULTS).is_file():
        stored = json.loads((folder / RESULTS).read_text(encoding="utf-8"))
        results = stored["results"]
        if stored["evaluation"]["kind"] == "pairwise":
            found["figure-3"] = lambda plt: win_tie_loss(plt, results["pairs"])
        else:
            found["figure-6"] = lambda plt: best_of_first(plt, results)
    if (folder / AGREEMENT).is_file():
        groups = json.loads((folder / AGREEMENT).read_text(encoding="utf-8"))["groups"]
        if any(group["pairs"] for group in groups):
            found["figure-4"] = lambda plt: agreement_bars(plt, groups)
            found["figure-5"] = lambda plt: confusions(plt, groups)
    return found


def win_tie_loss(plt: Any, pairs: Sequence[Mapping[str, Any]]) -> Any:
    """Figure 3: a stacked bar a pair and data set, in percent."""
    figure, axes = plt.subplots(figsize=(7, 0.8 + 0.4 * len(pairs)))
    labels = [f"{row['a']} / {row['b']} ({row['dataset']})" for row in pairs]
    for at, row in enumerate(pairs):
        left = 0.0
        for name in ("win", "tie", "loss"):
            width = row[name]["mean"] * 100
            axes.barh(at, width, left=left, color=_COLOURS[name], label=name if at == 0 else None)
            if width >= 6:
                axes.text(left + width / 2, at, f"{width:.0f}", ha="center", va="center", fontsize=8)
            left += width
        if row["win"]["low"] is not None:
            low, high = row["win"]["low"] * 100, row["win"]["high"] * 100
            axes.plot([low, high], [at + 0.34] * 2, color="black", linewidth=1)
    axes.set_yticks(range(len(pairs)), labels)
    axes.invert_yaxis()
    axes.set_xlim(0, 100)
    axes.set_xlabel("percent of test cases (line: 95% interval of wins)")
    axes.legend(ncols=3, loc="lower center", bbox_to_anchor=(0.5, 1.0), frameon=False)
    return figure


def agreement_bars(plt: Any, groups: Sequence[Mapping[str, Any]]) -> Any:
    """Figure 4: agreement rate and κ with their intervals, a pair of raters and data set."""
    rows = [
        (f"{pair['one']} / {pair['other']}\n{group['dataset']}", pair) for group in groups for pair in group["pairs"]
    ]
    figure, axes = plt.subplots(figsize=(1.5 + 1.3 * len(rows), 3.4))
    for at, (_, pair) in enumerate(rows):
        for shift, (name, shown, colour) in enumerate(
            (("agreement", "agreement rate", "#3b7dd8"), ("kappa", "Cohen's κ", "#e08a3c"))
        ):
            value = pair[name]
            if value is None:
                continue
            axes.bar(at + 0.4 * shift, value["mean"], 0.38, color=colour, label=shown if at == 0 else None)
            if value["low"] is not None:
                around = [[value["mean"] - value["low"]], [value["high"] - value["mean"]]]
                axes.errorbar(at + 0.4 * shift, value["mean"], yerr=around, color="black", capsize=3, linewidth=1)
    axes.set_xticks([at + 0.2 for at in range(len(rows))], [label for label, _ in rows], rotation=20, ha="right")
    axes.set_ylim(min(0.0, axes.get_ylim()[0]), 1.05)
    axes.legend(ncols=2, loc="lower center", bbox_to_anchor=(0.5, 1.0), frameon=False)
    return figure


def confusions(plt: Any, groups: Sequence[Mapping[str, Any]]) -> Any:
    """Figure 5: a matrix a pair of raters and data set: the first rater's verdict by the second's."""
    rows = [(group["dataset"], pair) for group in groups for pair in group["pairs"]]
    columns = min(4, len(rows))
    lines = -(-len(rows) // columns)
    figure, grid = plt.subplots(lines, columns, figsize=(2.6 * columns, 2.8 * lines), squeeze=False)
    for axes in grid.flat[len(rows) :]:
        axes.set_axis_off()
    for axes, (dataset, pair) in zip(grid.flat, rows, strict=False):
        matrix = pair["confusion"]
        largest = max(max(row) for row in matrix) or 1
        axes.imshow(matrix, cmap="Blues", vmin=0, vmax=largest)
        for y, row in enumerate(matrix):
            for x, count in enumerate(row):
                axes.text(x, y, count, ha="center", va="center", color="white" if count > largest / 2 else "black")
        axes.set_xticks(range(3), pair["labels"])
        axes.set_yticks(range(3), pair["labels"])
        axes.set_xlabel(pair["other"])
        axes.set_ylabel(pair["one"])
        axes.set_title(dataset)
    figure.tight_layout()
    return figure


def best_of_first(plt: Any, results: Mapping[str, Any]) -> Any:
    """Figure 6: the best of the first n suggestions by n, a panel per metric and data set, controls dashed."""
    panels = [
        (metric, dataset)
        for metric, found in results.items()
        for dataset in dict.fromkeys(row["dataset"] for row in found["systems"])
    ]
    figure, grid = plt.subplots(1, len(panels), figsize=(1 + 3.2 * len(panels), 3.2), squeeze=False)
    for axes, (metric, dataset) in zip(grid.flat, panels, strict=True):
        for row in results[metric]["systems"]:
            if row["dataset"] != dataset or not row["best_of_first"]:
                continue
            means = [each["mean"] * 100 for each in row["best_of_first"]]
            style = "--" if row["system"].startswith("control: ") else "-"
            ns = range(1, len(means) + 1)
            (drawn,) = axes.plot(ns, means, style, marker="o", markersize=3, label=row["system"])
            if all(each["low"] is not None for each in row["best_of_first"]):
                low, high = ([each[end] * 100 for each in row["best_of_first"]] for end in ("low", "high"))
                axes.fill_between(ns, low, high, color=drawn.get_color(), alpha=0.12, linewidth=0)
        axes.set_xlabel("suggestions")
        axes.set_title(f"{metric}\n{dataset}", fontsize=8)
        axes.xaxis.get_major_locator().set_params(integer=True)
    grid.flat[0].set_ylabel("best score, percent")
    grid.flat[-1].legend(frameon=False, fontsize=7, loc="center left", bbox_to_anchor=(1.0, 0.5))
    return figure

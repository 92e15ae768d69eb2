"""The paper's figures 3 to 6 from an evaluation's results, by matplotlib (the extra `figures`). The same results give
the same SVG.

    figure 3  win, tie, loss            of a pairwise evaluation, a panel a data set
    figure 4  agreement and κ           of `proutt evaluate agreement`, a panel a data set
    figure 5  confusion of two raters   of the same, a panel a pair of raters and data set
    figure 6  best of the first n       of a pointwise evaluation, a panel a metric and data set
"""

from __future__ import annotations

import importlib
import io
import json
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from proutt.errors import UserError
from proutt.evaluation import plots
from proutt.evaluation.stored import AGREEMENT, RESULTS

STYLE = {
    "svg.hashsalt": "proutt",
    "svg.fonttype": "none",
    "text.parse_math": False,  # names of systems are text, never formulas
    "font.size": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
}
NOTHING_OF_NOW: dict[str, dict[str, None]] = {
    "svg": {"Date": None},
    "pdf": {"CreationDate": None},
    "png": {"Software": None},
}


@dataclass(frozen=True)
class Panel:
    """One picture. number: of the paper's figure; inches: width and height; plot: draws it into axes; caption: of its
    figure, where that is not one of ProUtt's."""

    number: int
    title: str
    dataset: str
    inches: tuple[float, float]
    plot: Callable[[Any], None]
    caption: str = ""


def panels_of_results(kind: str, results: Mapping[str, Any]) -> list[Panel]:
    """Of `results.json`. kind: "pointwise" or "pairwise"."""
    if kind == "pairwise":
        by_dataset = _by(results["pairs"], "dataset")
        return [
            Panel(3, dataset, dataset, (4.4, 0.9 + 0.55 * len(rows)), partial(plots.win_tie_loss, pairs=rows))
            for dataset, rows in by_dataset.items()
        ]
    return [
        Panel(6, f"{metric}, {dataset}", dataset, (4.0, 2.6), partial(plots.best_of_first, rows=rows))
        for metric, found in results.items()
        for dataset, rows in _by(found["systems"], "dataset").items()
        if any(row["best_of_first"] for row in rows)
    ]


def panels_of_agreement(agreement: Mapping[str, Any]) -> list[Panel]:
    """Of `agreement.json`: of verdicts; scores have no figure in the paper."""
    groups = [group for group in agreement["groups"] if group["pairs"]]
    rates = [
        Panel(
            4,
            group["dataset"],
            group["dataset"],
            (4.4, 0.8 + 0.6 * len(group["pairs"])),
            partial(plots.agreement, pairs=group["pairs"]),
        )
        for group in groups
    ]
    matrices = [
        Panel(5, group["dataset"], group["dataset"], (2.1, 2.1), partial(plots.confusion, pair=pair))
        for group in groups
        for pair in group["pairs"]
    ]
    return rates + matrices


def _by(rows: Sequence[Mapping[str, Any]], name: str) -> dict[str, list[Mapping[str, Any]]]:
    found: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        found.setdefault(row[name], []).append(row)
    return found


def panels_in(folder: Path) -> list[Panel]:
    """Of whatever results are in the folder."""
    found: list[Panel] = []
    if (folder / RESULTS).is_file():
        stored = json.loads((folder / RESULTS).read_text(encoding="utf-8"))
        if "evaluation" in stored:  # that of proutt annotate has none
            found += panels_of_results(stored["evaluation"]["kind"], stored["results"])
    if (folder / AGREEMENT).is_file():
        found += panels_of_agreement(json.loads((folder / AGREEMENT).read_text(encoding="utf-8")))
    return found


def draw(folder: Path, formats: Sequence[str]) -> list[Path]:
    """Draw what the folder's results allow, into it, one file a figure of the paper; the files made.

    formats: of "png", "svg", "pdf". Raises UserError where matplotlib is not there, or there is nothing to draw.
    """
    found = panels_in(folder)
    if not found:
        raise UserError("there is nothing to draw.", where=str(folder), remedy="Name the --out of proutt evaluate.")
    return draw_panels(found, folder, formats)


def draw_panels(found: Sequence[Panel], folder: Path, formats: Sequence[str]) -> list[Path]:
    """Draw these panels into the folder, one file a figure; the files made. Raises UserError without matplotlib."""
    written = []
    with drawing() as plt:
        for number in sorted({panel.number for panel in found}):
            figure = _grid(plt, [panel for panel in found if panel.number == number])
            for kind in dict.fromkeys(formats):
                path = folder / f"figure-{number}.{kind}"
                figure.savefig(path, format=kind, dpi=200, bbox_inches="tight", metadata=NOTHING_OF_NOW[kind])
                written.append(path)
            plt.close(figure)
    return written


def _grid(plt: Any, panels: Sequence[Panel]) -> Any:
    """All panels of one figure together, four beside each other at most."""
    columns = min(4 if panels[0].number == 5 else 2, len(panels))
    lines = -(-len(panels) // columns)
    width, height = (max(panel.inches[axis] for panel in panels) for axis in (0, 1))
    size = ((width + 0.8) * columns, (height + (2.0 if panels[0].number == 6 else 1.0)) * lines)
    figure, grid = plt.subplots(lines, columns, figsize=size, squeeze=False, layout="constrained")
    for axes in grid.flat[len(panels) :]:
        axes.set_axis_off()
    for axes, panel in zip(grid.flat, panels, strict=False):
        panel.plot(axes)
        axes.set_title(plots.label(panel.title), loc="left", fontsize=9, pad=20 if panel.number in (3, 4) else 6)
    # Laid out once: each further layout starts from the one before, so a format would depend on those drawn before it.
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    return figure


def pictures(panels: Sequence[Panel]) -> list[str]:
    """Each panel as an SVG of its own, on no ground, text as text. Raises UserError where matplotlib is not there."""
    drawn = []
    with drawing() as plt, warnings.catch_warnings():
        # A browser has fonts of its own for letters that matplotlib's lacks.
        warnings.filterwarnings("ignore", message="Glyph .* missing from font")
        for panel in panels:
            figure, axes = plt.subplots(figsize=panel.inches)
            panel.plot(axes)
            out = io.StringIO()
            figure.savefig(out, format="svg", bbox_inches="tight", transparent=True, metadata=NOTHING_OF_NOW["svg"])
            plt.close(figure)
            drawn.append(out.getvalue())
    return drawn


@contextmanager
def drawing() -> Iterator[Any]:
    """matplotlib's pyplot in our style."""
    try:
        matplotlib = importlib.import_module("matplotlib")
    except ImportError as error:
        remedy = "Install it with: pip install 'proutt[figures]'"
        raise UserError("figures need the package matplotlib.", remedy=remedy) from error
    matplotlib.use("Agg")
    with matplotlib.rc_context(STYLE):
        yield importlib.import_module("matplotlib.pyplot")

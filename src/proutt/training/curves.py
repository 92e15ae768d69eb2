"""Curves of a training from its stored log: loss, margin, accuracy by step. The same log gives the same SVG."""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from proutt.errors import UserError

#: What is drawn → its name in the trainers' logs
MEASURES = {
    "loss": "loss",
    "margin": "rewards/margins",
    "accuracy of preferences": "rewards/accuracies",
    "accuracy of tokens": "mean_token_accuracy",
}
FILES = ("curves.svg", "curves.png")


def draw_curves(logs: Mapping[str, Sequence[Mapping[str, Any]]], folder: Path) -> list[Path]:
    """Draw a row of panels for each stage into `curves.svg` and `curves.png`; the files made.

    logs  stage → its logged steps (`stages.read_log`). Raises UserError where matplotlib is not there.
    """
    plt = _pyplot()
    panels = {stage: [name for name, key in MEASURES.items() if _points(log, key)[0]] for stage, log in logs.items()}
    panels = {stage: names for stage, names in panels.items() if names}
    if not panels:
        return []
    columns = max(map(len, panels.values()))
    figure, grid = plt.subplots(len(panels), columns, figsize=(3.2 * columns, 2.5 * len(panels)), squeeze=False)
    for row, (stage, names) in zip(grid, panels.items(), strict=True):
        for axes in row[len(names) :]:
            axes.set_axis_off()
        for axes, name in zip(row, names, strict=False):
            steps, values = _points(logs[stage], MEASURES[name])
            axes.plot(
                steps, values, color="#3b7dd8", linewidth=1.2, marker="o" if len(steps) < 30 else None, markersize=3
            )
            axes.set_title(f"{stage}: {name}")
            axes.set_xlabel("step")
            axes.xaxis.get_major_locator().set_params(integer=True)
    figure.tight_layout()
    written = []
    for file in FILES:
        kind = file.rpartition(".")[2]
        metadata = {"svg": {"Date": None}, "png": {"Software": None}}[kind]
        figure.savefig(folder / file, format=kind, dpi=150, metadata=metadata)
        written.append(folder / file)
    plt.close(figure)
    return written


def _points(log: Sequence[Mapping[str, Any]], key: str) -> tuple[list[int], list[float]]:
    """Steps and values, of the steps that have it."""
    found = [(int(entry["step"]), float(entry[key])) for entry in log if key in entry and "step" in entry]
    return [step for step, _ in found], [value for _, value in found]


def _pyplot() -> Any:
    try:
        matplotlib = importlib.import_module("matplotlib")
    except ImportError as error:
        raise UserError(
            "curves need the package matplotlib.", remedy="Install it with: pip install 'proutt[train]'"
        ) from error
    matplotlib.use("Agg")
    matplotlib.rcParams.update(
        {
            "svg.hashsalt": "proutt",
            "svg.fonttype": "none",
            "text.parse_math": False,
            "font.size": 8,
            "axes.spines.top": False,
            "axes.spines.right": False,
        }
    )
    return importlib.import_module("matplotlib.pyplot")

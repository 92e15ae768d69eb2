"""Scores by turn as a figure, by matplotlib (the extra `figures`). The same numbers give the same SVG."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from proutt.evaluation.critic.responses import model_name
from proutt.evaluation.figures import Panel, drawing
from proutt.evaluation.plots import MARKERS, NEUTRAL, SYSTEMS, label
from proutt.evaluation.pointwise import ALL
from proutt.evaluation.synpt.figures import saved
from proutt.evaluation.upc.results import MEAN, METRICS
from proutt.evaluation.upc.scale import SCORES, on_scale

FIGURE = "figure-upc-turns"
CAPTION = "Scores by turn"
#: Estimates of one line, each at its place.
Line = Iterable[tuple[int, Mapping[str, Any] | None]]


def turn_panels(results: Mapping[str, Any]) -> list[Panel]:
    """A picture a critic: a line a system, of its mean score; of one system alone, a line a score. None of one turn.

    results: of `results_of`.
    """
    by_critic: dict[str, list[Mapping[str, Any]]] = {}
    for each in results["systems"]:
        if len(each["by_turn"]) > 1:
            by_critic.setdefault(each["critic"], []).append(each)
    return [
        Panel(0, _title(critic, systems), ALL, (4.4, 2.8), partial(_plot, systems=systems), CAPTION)
        for critic, systems in by_critic.items()
    ]


def draw_turns(results: Mapping[str, Any], folder: Path, formats: Sequence[str]) -> list[Path]:
    """All of them side by side; the files made, none where there are no pictures. Raises UserError where matplotlib is
    not there."""
    found = turn_panels(results)
    if not found:
        return []
    with drawing() as plt:
        figure, grid = plt.subplots(1, len(found), figsize=(4.4 * len(found), 4), layout="constrained", squeeze=False)
        for axes, panel in zip(grid.flat, found, strict=True):
            panel.plot(axes)
            axes.set_title(label(panel.title), loc="left", fontsize=9)
        return saved(plt, figure, folder / FIGURE, formats)


def _title(critic: str, systems: Sequence[Mapping[str, Any]]) -> str:
    what = systems[0]["system"] if len(systems) == 1 else "mean of the three scores"
    return f"{what}, scored by {model_name(critic)}"


def _plot(axes: Any, *, systems: Sequence[Mapping[str, Any]]) -> None:
    if len(systems) == 1:
        lines = {metric: _line(systems[0], metric) for metric in METRICS if metric != MEAN}
    else:
        lines = {each["system"]: _line(each, MEAN) for each in systems}
    score_lines(axes, lines)
    axes.set_xticks([turn["turn"] for turn in systems[0]["by_turn"]])
    axes.set_xlabel("turn (lines: 95% intervals)")
    axes.set_ylabel("score, 1 to 5")
    axes.grid(axis="y", color=NEUTRAL, alpha=0.3, linewidth=0.7)
    axes.set_axisbelow(True)
    axes.legend(loc="upper left", bbox_to_anchor=(-0.02, -0.18), frameon=False)


def _line(system: Mapping[str, Any], metric: str) -> Line:
    return [(turn["turn"], turn["scores"][metric]) for turn in system["by_turn"]]


def score_lines(axes: Any, lines: Mapping[str, Line]) -> None:
    """Scores from 1 to 5 as lines, with 95% intervals; what was not measured is left out. lines: name → estimates."""
    for at, (name, line) in enumerate(lines.items()):
        colour, marker = SYSTEMS[at % len(SYSTEMS)], MARKERS[at % len(MARKERS)]
        shift = 0.06 * (at - (len(lines) - 1) / 2)  # side by side where they are the same
        found = [(place + shift, of) for place, of in line if of is not None]
        places, means = [x for x, _ in found], [of["mean"] for _, of in found]
        style = "-" if at < len(SYSTEMS) else "--"
        axes.plot(places, means, style, color=colour, marker=marker, markersize=5, label=label(name), clip_on=False)
        for x, of in found:
            cut = on_scale(of["low"], of["high"])
            if cut is not None:
                axes.plot([x, x], cut, color=colour, linewidth=1)
    axes.set_ylim(*SCORES)

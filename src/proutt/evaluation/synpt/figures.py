"""SynPT's figures 3 and 4, by matplotlib (the extra `figures`). The same numbers give the same SVG.

figure 3  the metrics of several evaluations beside each other, e.g. of combinations of user and assistant models
figure 4  lengths of initial inquiries, with and without probability control
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from proutt.evaluation.figures import NOTHING_OF_NOW, Panel, drawing
from proutt.evaluation.plots import NEUTRAL, SYSTEMS, label
from proutt.evaluation.pointwise import ALL
from proutt.evaluation.synpt.results import METRICS

#: Hatches tell more systems apart than there are colours.
_HATCHES = ("", "//", "..", "xx")
#: What the pictures of a report stand under.
CAPTION = "The metrics of each system (SynPT, figure 3)"
_ACCURACIES = ("vagueness", "mining", "summary")
_TITLES = {metric.name: metric.title for metric in METRICS}


def draw_metrics(results: Mapping[str, Any], folder: Path, formats: Sequence[str]) -> list[Path]:
    """Figure 3: accuracies, turns and tokens as grouped bars with 95% intervals; the files made.

    results: of `results_of`. Raises UserError where matplotlib is not there.
    """
    systems = results["systems"]
    with drawing() as plt:
        width = max(6.4, 1.2 + 0.34 * len(systems) * 3)
        figure, (left, middle, right) = plt.subplots(
            1, 3, figsize=(width, 3.4), layout="constrained", width_ratios=(3, 2, 1)
        )
        _bars(left, systems, _ACCURACIES, 100)
        left.set_ylim(0, 100)
        left.set_ylabel("percent")
        _bars(middle, systems, ("turns-a", "turns-b"), 1)
        _bars(right, systems, ("tokens",), 1)
        handles, names = left.get_legend_handles_labels()
        figure.legend(handles, names, loc="outside lower left", ncols=min(3, len(names)), frameon=False)
        return saved(plt, figure, folder / "figure-synpt-3", formats)


def metric_panels(results: Mapping[str, Any]) -> list[Panel]:
    """The same as pictures of their own, with a legend each."""
    systems = results["systems"]
    wide = 1.6 + 0.34 * len(systems)
    groups = (("Accuracies, percent", _ACCURACIES, 100.0), ("Turns", ("turns-a", "turns-b"), 1.0),
              ("Tokens of the model under test", ("tokens",), 1.0))  # fmt: skip

    def plot(axes: Any, *, names: Sequence[str], scale: float) -> None:
        _bars(axes, systems, names, scale)
        axes.legend(loc="upper left", bbox_to_anchor=(0, -0.18), frameon=False)

    return [
        Panel(3, title, ALL, (0.8 + wide * len(names) / 2, 2.6), partial(plot, names=names, scale=scale), CAPTION)
        for title, names, scale in groups
        if systems
    ]


def _bars(axes: Any, systems: Sequence[Mapping[str, Any]], names: Sequence[str], scale: float) -> None:
    """A group of bars a metric, a bar a system; what was not measured has none."""
    wide = 0.8 / len(systems)
    for at, system in enumerate(systems):
        style = {"color": SYSTEMS[at % len(SYSTEMS)], "hatch": _HATCHES[at // len(SYSTEMS) % len(_HATCHES)]}
        for group, name in enumerate(names):
            found = system["metrics"][name]
            place = group - 0.4 + wide * (at + 0.5)
            shown = label(system["system"]) if group == 0 else None
            axes.bar(place, 0 if found is None else found["mean"] * scale, wide * 0.92, label=shown, **style)
            if found is not None and found["low"] is not None:
                axes.plot([place] * 2, [found["low"] * scale, found["high"] * scale], color="black", linewidth=1)
    axes.set_xticks(range(len(names)), [_TITLES[name].replace(" a ", "\na ") for name in names])
    axes.grid(axis="y", color=NEUTRAL, alpha=0.3, linewidth=0.7)
    axes.set_axisbelow(True)


def draw_lengths(lengths: Mapping[str, Sequence[int]], folder: Path, formats: Sequence[str]) -> list[Path]:
    """Figure 4: a violin a run, with its median and quartiles; the files made. Raises UserError as `draw_metrics`."""
    with drawing() as plt:
        figure, axes = plt.subplots(figsize=(1.6 + 1.5 * len(lengths), 3.2), layout="constrained")
        places = range(1, len(lengths) + 1)
        varied = {at: each for at, each in zip(places, lengths.values(), strict=True) if len(set(each)) > 1}
        if varied:  # a density needs two values
            parts = axes.violinplot(list(varied.values()), list(varied), widths=0.8, showextrema=False)
            for at, body in zip(varied, parts["bodies"], strict=True):
                body.set(facecolor=SYSTEMS[(at - 1) % len(SYSTEMS)], alpha=0.6)
        axes.boxplot(list(lengths.values()), positions=list(places), widths=0.12, showfliers=False)
        axes.set_xticks(places, [label(name, 24) for name in lengths])
        axes.set_ylim(bottom=0)
        axes.set_ylabel("words of the initial inquiry")
        return saved(plt, figure, folder / "figure-synpt-4", formats)


def saved(plt: Any, figure: Any, path: Path, formats: Sequence[str]) -> list[Path]:
    """Laid out once, so that a format does not depend on those drawn before it."""
    figure.draw_without_rendering()
    figure.set_layout_engine("none")
    written = []
    for kind in dict.fromkeys(formats):
        file = path.with_name(f"{path.name}.{kind}")
        figure.savefig(file, format=kind, dpi=200, bbox_inches="tight", metadata=NOTHING_OF_NOW[kind])
        written.append(file)
    plt.close(figure)
    return written

"""UPC's figure 5, by matplotlib (the extra `figures`): what each iteration scores, and how many dialogues were easy."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from proutt.evaluation.figures import drawing
from proutt.evaluation.plots import NEUTRAL, label
from proutt.evaluation.synpt.figures import saved
from proutt.evaluation.upc.figures import score_lines
from proutt.prompts.upc.heard import ASPECTS

FIGURE = "figure-upc-5"


def draw_iterations(accounts: Mapping[str, Mapping[str, Any]], folder: Path, formats: Sequence[str]) -> list[Path]:
    """A panel an arm: its validation scores as lines with 95% intervals, the share of easy dialogues as bars; the files
    made.

    accounts  arm → the content of its `curriculum.json`. Raises UserError where matplotlib is not there.
    """
    with drawing() as plt:
        figure, panels = plt.subplots(
            1, len(accounts), figsize=(3.6 * len(accounts), 3.2), layout="constrained", squeeze=False
        )
        for axes, (arm, account) in zip(panels.flat, accounts.items(), strict=True):
            _panel(axes, account["iterations"])
            axes.set_title(label(arm), loc="left", fontsize=9)
        handles, names = panels.flat[0].get_legend_handles_labels()
        figure.legend(handles, names, loc="outside lower left", ncols=4, frameon=False)
        return saved(plt, figure, folder / FIGURE, formats)


def _panel(axes: Any, iterations: Sequence[Mapping[str, Any]]) -> None:
    numbers = [each["iteration"] for each in iterations]
    easy = [each["selection"]["easy_share"] for each in iterations]
    bars = axes.twinx()
    bars.bar(numbers, [(share or 0) * 100 for share in easy], 0.5, color=NEUTRAL, alpha=0.35)
    bars.set_ylim(0, 100)
    bars.set_ylabel("easy dialogues, percent")
    axes.fill_between([], [], color=NEUTRAL, alpha=0.35, linewidth=0, label="easy")  # for the legend
    axes.set_zorder(bars.get_zorder() + 1)  # lines over bars
    axes.patch.set_visible(False)
    measured = [(each["iteration"], each["validation"]) for each in iterations if each["validation"] is not None]
    score_lines(axes, {name: [(number, found[name]) for number, found in measured] for name in ASPECTS})
    axes.set_xticks(numbers)
    axes.set_xlabel("iteration")
    axes.set_ylabel("score on validation, 1 to 5")

"""The paper's figures 3 to 6, each drawn into axes that it is given (matplotlib). Nothing here reads or writes a file.

Everything is drawn narrow, with names above what they name instead of beside it, so that a figure is legible on a
phone. Colours are told apart by colour-blind people and on light and dark grounds; markers, dashes and places say the
same once more. Black is what a page may take for its own ink; text on a coloured ground is NEARLY_BLACK, and stays.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from proutt.evaluation.controls import COPY, MARK, SHUFFLED, is_control

NEARLY_BLACK = "#0a0a0a"
SIDES = {"win": ("first wins", "#5b9be6"), "tie": ("tie", "#b9bdc4"), "loss": ("second wins", "#e08a3c")}
#: For systems: contrast of 3 and more with white, and with the dark page.
SYSTEMS = ("#3b7dd8", "#c8641e", "#2e8b57", "#b0559c", "#8a7a1f", "#7a6fd0")
MARKERS = ("o", "s", "^", "D", "v", "P")
NEUTRAL = "#80868f"
#: A longer name is cut in a figure; the tables have it whole.
LONGEST = 46


def label(text: str, longest: int = LONGEST) -> str:
    """A name as a figure shows it: on one line, cut, and without characters that a picture can't hold."""
    flat = "".join(char if char.isprintable() else "\ufffd" for char in " ".join(text.split()))
    return flat if len(flat) <= longest else flat[: longest - 1] + "…"


def win_tie_loss(axes: Any, pairs: Sequence[Mapping[str, Any]]) -> None:
    """Figure 3: a stacked bar a pair, in percent, with the interval of the first one's wins."""
    _stacked(axes, [(f"{row['a']} / {row['b']}", row) for row in pairs], SIDES, line="first wins")
    axes.legend(ncols=3, loc="lower center", bbox_to_anchor=(0.5, 1.0), frameon=False, handlelength=1, columnspacing=1)


def preferences(axes: Any, rows: Sequence[Mapping[str, Any]], *, a: str, b: str) -> None:
    """UPC's figure 4: a stacked bar an aspect, in percent: participants who preferred a, found both the same, or
    preferred b; with the interval of a's share."""
    names = {"win": f"{label(a, 36)} preferred", "tie": "same", "loss": f"{label(b, 36)} preferred"}
    sides = {name: (names[name], colour) for name, (_, colour) in SIDES.items()}
    _stacked(axes, [(row["aspect"], row) for row in rows], sides, line="the first share")
    axes.legend(loc="upper left", bbox_to_anchor=(-0.02, -0.14), frameon=False, handlelength=1)


def _stacked(
    axes: Any, rows: Sequence[tuple[str, Mapping[str, Any]]], sides: Mapping[str, tuple[str, str]], *, line: str
) -> None:
    """A stacked bar of shares a row, below its name, with the interval of its first share. line: what that is of."""
    for at, (name, row) in enumerate(rows):
        left = 0.0
        axes.text(0, at - 0.3, label(name, 60), ha="left", va="bottom")
        for side, (shown, colour) in sides.items():
            width = row[side]["mean"] * 100
            axes.barh(at, width, 0.5, left=left, color=colour, label=shown if at == 0 else None)
            if width >= 8:
                axes.text(left + width / 2, at, f"{width:.0f}", ha="center", va="center", color=NEARLY_BLACK)
            left += width
        if row["win"]["low"] is not None:
            low, high = row["win"]["low"] * 100, row["win"]["high"] * 100
            axes.plot([low, high], [at + 0.36] * 2, color="black", linewidth=1.2)
    axes.set_ylim(len(rows) - 0.45, -0.75)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set_xlim(0, 100)
    axes.set_xlabel(f"percent (line: 95% interval of {line})")


def agreement(axes: Any, pairs: Sequence[Mapping[str, Any]]) -> None:
    """Figure 4: agreement rate and Cohen's κ of two raters, with their 95% intervals."""
    least = 0.0
    for at, pair in enumerate(pairs):
        axes.text(0, at - 0.22, label(f"{pair['one']} / {pair['other']}", 60), ha="left", va="bottom")
        for shift, (name, shown, colour, marker) in enumerate(
            (("agreement", "agreement rate", SYSTEMS[0], "o"), ("kappa", "Cohen's κ", SYSTEMS[1], "s"))
        ):
            value, y = pair[name], at + 0.24 * shift
            axes.plot([], [], marker, color=colour, label=shown if at == 0 else None)
            if value is None:
                continue
            if value["low"] is not None:
                least = min(least, value["low"])
                axes.plot([value["low"], value["high"]], [y, y], color=colour, linewidth=1.6)
            axes.plot(value["mean"], y, marker, color=colour, markersize=6)
            least = min(least, value["mean"])
    axes.set_ylim(len(pairs) - 0.45, -0.75)
    axes.set_yticks([])
    axes.spines["left"].set_visible(False)
    axes.set_xlim(least - (0.05 if least else 0), 1.02)
    axes.grid(axis="x", color=NEUTRAL, alpha=0.3, linewidth=0.7)
    axes.set_axisbelow(True)
    axes.legend(ncols=2, loc="lower center", bbox_to_anchor=(0.5, 1.0), frameon=False, handlelength=1)


def confusion(axes: Any, pair: Mapping[str, Any]) -> None:
    """Figure 5: how often the first rater said the row where the second said the column; a share of all is a shade."""
    from matplotlib.colors import LinearSegmentedColormap, to_hex
    from matplotlib.patches import Rectangle

    shades = LinearSegmentedColormap.from_list("counts", ["#edf3fc", "#5b9be6"])
    matrix = pair["confusion"]
    largest = max(max(row) for row in matrix) or 1
    for y, row in enumerate(matrix):
        for x, count in enumerate(row):
            axes.add_patch(Rectangle((x - 0.49, y - 0.49), 0.98, 0.98, color=to_hex(shades(count / largest)), lw=0))
            axes.text(x, y, str(count), ha="center", va="center", color=NEARLY_BLACK)
    places = range(len(pair["labels"]))
    axes.set_xticks(places, pair["labels"])
    axes.set_yticks(places, pair["labels"])
    axes.set_xlim(-0.5, len(places) - 0.5)
    axes.set_ylim(len(places) - 0.5, -0.5)
    axes.set_aspect("equal")
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.set_xlabel(label(pair["other"], 24))
    axes.set_ylabel(label(pair["one"], 24))


def best_of_first(axes: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    """Figure 6: the best of the first n suggestions by n, in percent.

    Controls are dashed; shuffled labels have the colour of their system.
    """
    named = [row["system"] for row in rows if not is_control(row["system"])]
    for row in rows:
        if not row["best_of_first"]:
            continue
        of = row["system"].removeprefix(f"{MARK}{SHUFFLED} ")
        place = named.index(of) % len(SYSTEMS) if of in named else None
        colour = NEUTRAL if place is None else SYSTEMS[place]
        marker = "x" if place is None and row["system"] == MARK + COPY else "+" if place is None else MARKERS[place]
        means = [each["mean"] * 100 for each in row["best_of_first"]]
        ns = range(1, len(means) + 1)
        style = {"linestyle": "--", "markerfacecolor": "none"} if is_control(row["system"]) else {"linestyle": "-"}
        axes.plot(ns, means, color=colour, marker=marker, markersize=5, label=label(row["system"]), **style)
        if not is_control(row["system"]) and all(each["low"] is not None for each in row["best_of_first"]):
            low, high = ([each[end] * 100 for each in row["best_of_first"]] for end in ("low", "high"))
            axes.fill_between(ns, low, high, color=colour, alpha=0.18, linewidth=0)
    axes.set_xlabel("of the first n suggestions")
    axes.set_ylabel("best score, percent")
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.legend(frameon=False, loc="upper left", bbox_to_anchor=(-0.14, -0.2))

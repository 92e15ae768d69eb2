"""What participants preferred (UPC 5.4, figure 4), with intervals, and what might have swayed them; pure.

Each participant gives one verdict an aspect, so verdicts are independent: intervals are Wilson's, tests exact.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean, median
from typing import Any

from proutt.evaluation.pointwise import rounded
from proutt.evaluation.significance import holm, sign_test
from proutt.quality.intervals import wilson
from proutt.web.arena.visits import ASPECTS, SIDES, Side, Visit

#: As rows of `proutt evaluate pairwise` name it: of the first system.
_OUTCOMES = {"win": "a", "tie": "same", "loss": "b"}


def left_out(visit: Visit, least_turns: int) -> str | None:
    """Why a participant does not count: never-chatted, too-few-turns, no-verdict; None for who does."""
    if not visit.begun:
        return "never-chatted"
    if visit.least < least_turns:
        return "too-few-turns"
    return None if visit.verdict is not None else "no-verdict"


def results(
    visits: Iterable[Visit], names: Mapping[Side, str], *, least_turns: int, models: Iterable[str] = ()
) -> dict[str, Any]:
    """Shares by aspect, the effect of position, and the chats in numbers. names: of the two, as results call them.

    models: by which they are opened; whoever was told one may have known which is which.

    least_turns: with each; participants who had fewer are left out and counted.
    """
    every, families = list(visits), _families(models)
    why = Counter(reason for each in every if (reason := left_out(each, least_turns)) is not None)
    counted = [each for each in every if left_out(each, least_turns) is None]
    return {
        "a": names["a"],
        "b": names["b"],
        "least_turns": least_turns,
        "invited": len(every),
        "counted": len(counted),
        "left_out": dict(sorted(why.items())),
        "aspects": _aspects(counted) if counted else [],
        "position": _position(counted) if counted else None,
        "chats": {names[side]: _chats(counted, side) for side in SIDES} if counted else {},
        "told": sum(_told(each, families) for each in counted),
    }


def _aspects(counted: Sequence[Visit]) -> list[dict[str, Any]]:
    """Of each aspect the shares, 0..1, and p of a's wins against b's (exact, two-sided; Holm's among the aspects)."""
    rows: list[dict[str, Any]] = []
    for aspect in ASPECTS:
        said = Counter(visit.verdict.preferred[aspect] for visit in counted if visit.verdict)
        shares = {name: _share(said[value], len(counted)) for name, value in _OUTCOMES.items()}  # type: ignore[index]
        rows.append({"aspect": aspect, **shares, "p": sign_test(said["a"], said["b"])})
    for row, corrected in zip(rows, holm([row["p"] for row in rows]), strict=True):
        row |= {"p": rounded(row["p"]), "p_adjusted": rounded(corrected)}
    return rows


def _position(counted: Sequence[Visit]) -> dict[str, Any]:
    """Whether bot 1 is preferred because it is bot 1: its share of the verdicts that prefer one, and the exact p."""
    rows = []
    for aspect in ASPECTS:
        said = [(v.verdict.preferred[aspect], v.first) for v in counted if v.verdict]
        decided = [preferred == first for preferred, first in said if preferred != "same"]
        first, second = sum(decided), len(decided) - sum(decided)
        p = rounded(sign_test(first, second))
        rows.append({"aspect": aspect, "first": _share(first, len(decided)) if decided else None, "p": p})
    return {"a_first": sum(visit.first == "a" for visit in counted), "aspects": rows}


def _share(hits: int, of: int) -> dict[str, Any]:
    """A share, 0..1, with its 95% interval."""
    low, high = wilson(hits, of)
    return {"mean": rounded(hits / of), "low": rounded(low), "high": rounded(high), "hits": hits, "n": of}


def _chats(counted: Sequence[Visit], side: Side) -> dict[str, Any]:
    """turns: mean of a chat; characters: mean of what each says at once; seconds: median until a reply was there."""
    by_bot = [each for visit in counted for each in visit.by_bot(side)]
    by_people = [each for visit in counted for each in visit.by_participant(side)]
    took = [each.seconds for each in by_bot if each.seconds is not None]
    return {
        "turns": rounded(fmean(visit.turns(side) for visit in counted)),
        "characters": rounded(fmean(len(each.text) for each in by_bot)),
        "characters_of_participants": rounded(fmean(len(each.text) for each in by_people)),
        "seconds": rounded(median(took)) if took else None,
    }


def _families(models: Iterable[str]) -> list[str]:
    """The first word of each model's name: "Llama" of "meta/Llama-3-70B". The embedded engine's own names tell none."""
    files = [each.rpartition("/")[2] for each in models if each not in ("local", "local:tiny")]
    return [match[0] for each in files if (match := re.search(r"[^\W\d_]{4,}", each.removeprefix("local:")))]


def _told(visit: Visit, families: Iterable[str]) -> bool:
    """Whether a bot has said the name of a model's family."""
    said = "\n".join(each.text for side in SIDES for each in visit.by_bot(side))
    return any(re.search(rf"\b{re.escape(family)}", said, re.IGNORECASE) for family in families)

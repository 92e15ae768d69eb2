"""The arena's visits as files, by the chatbots' names.

conversations.jsonl  every chat that was begun, as `proutt dialogues` reads it: the chatbot's greeting, then turns
verdicts.jsonl       every verdict: which was preferred, for what, and which was bot 1
results.json         shares, intervals and tests
links.txt            the link of every participant, while the arena is served
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from proutt.evaluation import plots
from proutt.evaluation.figures import Panel, draw_panels
from proutt.evaluation.stored import RESULTS, VERDICTS
from proutt.web.arena.results import left_out
from proutt.web.arena.visits import SIDES, Side, Verdict, Visit
from proutt.web.files import write_lines

LINKS = "links.txt"
CONVERSATIONS = "conversations.jsonl"
#: Of UPC's paper.
_FIGURE = 4


def export(
    folder: Path, visits: Sequence[Visit], names: Mapping[Side, str], *, language: str, least_turns: int
) -> None:
    """Write conversations and verdicts; the same visits give the same bytes. Raises UserError."""
    chats = [each for visit in visits for each in _conversations(visit, names, language)]
    verdicts = [
        _verdict(visit, visit.verdict, names, counted=left_out(visit, least_turns) is None)
        for visit in visits
        if visit.verdict is not None
    ]
    write_lines(folder, {CONVERSATIONS: lambda: _lines(chats), VERDICTS: lambda: _lines(verdicts)})


def write_links(folder: Path, links: Mapping[int, str]) -> Path:
    """Write each participant's link, a line each, for the owner's eyes; the file. Raises UserError."""
    path = folder / LINKS
    path.touch(mode=0o600)
    path.chmod(0o600)  # who has a link is that participant
    path.write_text("".join(f"{number}\t{link}\n" for number, link in links.items()), encoding="utf-8")
    return path


def write_results(folder: Path, results: Mapping[str, Any], figures: Sequence[str]) -> list[Path]:
    """Write the results, and figure 4 in these formats ("png", "svg", "pdf"); the figures made. Raises UserError."""
    write_lines(folder, {RESULTS: lambda: [json.dumps(results, ensure_ascii=False, indent=2) + "\n"]})
    if not figures or not results["aspects"]:
        return []
    drawn = partial(plots.preferences, rows=results["aspects"], a=results["a"], b=results["b"])
    title = f"{results['counted']} participants"
    return draw_panels([Panel(_FIGURE, title, "arena", (4.4, 3.4), drawn)], folder, figures)


def _conversations(visit: Visit, names: Mapping[Side, str], language: str) -> Iterator[dict[str, Any]]:
    for side in SIDES:
        if not visit.by_participant(side):
            continue
        roles = ("assistant", "user") if visit.greets else ("user", "assistant")
        yield {
            "id": f"{visit.participant}-{side}",
            "participant": visit.participant,
            "system": names[side],
            "position": visit.place(side),
            "language": language,
            "turns": visit.turns(side),
            "messages": [
                {"role": roles[number % 2], "content": each.text} for number, each in enumerate(visit.said[side])
            ],
            "seconds": [each.seconds for each in visit.by_bot(side)],
        }


def _verdict(visit: Visit, verdict: Verdict, names: Mapping[Side, str], *, counted: bool) -> dict[str, Any]:
    of: dict[str, str] = {"a": names["a"], "b": names["b"], "same": "same"}
    return {
        "participant": visit.participant,
        "first": names[visit.first],
        **{aspect: of[preferred] for aspect, preferred in verdict.preferred.items()},
        "words": verdict.words,
        "turns": {names[side]: visit.turns(side) for side in SIDES},
        "counted": counted,
    }


def _lines(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    return (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)

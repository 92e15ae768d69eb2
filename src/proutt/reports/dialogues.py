"""Writing the explorer of SynPT's dialogues: the page of report.py with another overview and another record.

One pass over the dialogues, memory flat but for sums; the same input gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TextIO

from proutt import __version__
from proutt.errors import UserError
from proutt.methods.synpt.record import SynPTDialogue
from proutt.quality.dialogue_statistics import dialogue_statistics
from proutt.reports.assembly import DIALOGUES, head, tail
from proutt.reports.chunks import Chunks
from proutt.reports.dialogue_data import ENTRY, dialogue_data, entry, run_flags
from proutt.reports.pair_data import Flag
from proutt.reports.report import CHUNK_CHARS, CHUNK_ENTRIES, CHUNK_PAIRS, Facts, Report, put_in_place


def write_dialogues(
    dialogues: Iterable[SynPTDialogue],
    out: Path,
    facts: Facts,
    *,
    limit: int | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Report:
    """Write the page to `out`; arguments and errors as those of `write_report`."""
    written, limited = put_in_place(out, lambda file: _write(dialogues, file, facts, limit, progress))
    return Report(out, written, out.stat().st_size, limited)


def _write(
    dialogues: Iterable[SynPTDialogue],
    file: TextIO,
    facts: Facts,
    limit: int | None,
    progress: Callable[[int], None],
) -> tuple[int, bool]:
    stream, written = iter(dialogues), 0
    records, listed = Chunks("pairs", size=CHUNK_PAIRS, weight=CHUNK_CHARS), Chunks("entries", size=CHUNK_ENTRIES)
    file.write(head(f"{facts.name} · proutt report", DIALOGUES))

    def passing() -> Iterator[SynPTDialogue]:
        nonlocal written
        for dialogue in islice(stream, limit):
            flags = _flags(dialogue, facts)
            weight = sum(len(turn.user.utterance) + len(turn.assistant.reply) for turn in dialogue.turns)
            file.writelines(listed.add(entry(dialogue, flags)))
            file.writelines(records.add(dialogue_data(dialogue, flags), weight))
            written += 1
            progress(written)
            yield dialogue

    groups = dialogue_statistics(passing())
    if not written:
        remedy = "See its summary.json for what became of them."
        raise UserError("there are no dialogues to show.", where=facts.name, remedy=remedy)
    limited = limit is not None and next(stream, None) is not None
    file.writelines(listed.rest())
    file.writelines(records.rest())
    overview = {
        "proutt": __version__,
        "noun": "dialogue",
        "name": facts.name,
        "source": facts.source,
        "count": written,
        "limited": limited,
        "entry": ENTRY,
        "groups": [[name, group.as_json()] for name, group in groups.items()],
        "summary": facts.summary,
        "failed": (facts.failures or {"count": 0})["count"],
        "audit": facts.audit,
    }
    file.write(tail(overview, DIALOGUES))
    return written, limited


def _flags(dialogue: SynPTDialogue, facts: Facts) -> list[Flag]:
    """The run's flags, then the audit's; a check that both made is named once."""
    own = run_flags(dialogue)
    known = {flag.check for flag in own}
    return [*own, *(flag for flag in facts.flags(dialogue.seed_id) if flag.check not in known)]

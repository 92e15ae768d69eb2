"""Writing an explorer of dialogues: the page of report.py with another overview and another record.

One pass over the dialogues, memory flat but for what is counted; the same input gives the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Generic, TextIO, TypeVar

from proutt import __version__
from proutt.errors import UserError
from proutt.reports.assembly import Page, head, tail
from proutt.reports.chunks import Chunks
from proutt.reports.pair_data import Flag
from proutt.reports.report import CHUNK_CHARS, CHUNK_ENTRIES, CHUNK_PAIRS, Facts, Report, put_in_place

Dialogue = TypeVar("Dialogue")


@dataclass(frozen=True, slots=True)
class DialogueKind(Generic[Dialogue]):
    """What is told of one method's dialogues.

    page        scripts and styles
    fields      what stands where in an entry
    name        the dialogue's id, as an audit calls it
    run_flags   what the run's own checks found
    entry       the dialogue in the list, by `fields`
    data        everything that its page shows
    characters  about how much text that is
    counted     takes all dialogues, one at a time; what the overview shows of them
    """

    page: Page
    fields: tuple[str, ...]
    name: Callable[[Dialogue], str]
    run_flags: Callable[[Dialogue], list[Flag]]
    entry: Callable[[Dialogue, Sequence[Flag]], list[Any]]
    data: Callable[[Dialogue, Sequence[Flag]], dict[str, Any]]
    characters: Callable[[Dialogue], int]
    counted: Callable[[Iterator[Dialogue]], dict[str, Any]]


def write_page(
    kind: DialogueKind[Dialogue],
    dialogues: Iterable[Dialogue],
    out: Path,
    facts: Facts,
    *,
    limit: int | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> Report:
    """Write the page to `out`; arguments and errors as those of `write_report`."""
    written, limited = put_in_place(out, lambda file: _write(kind, dialogues, file, facts, limit, progress))
    return Report(out, written, out.stat().st_size, limited)


def _write(
    kind: DialogueKind[Dialogue],
    dialogues: Iterable[Dialogue],
    file: TextIO,
    facts: Facts,
    limit: int | None,
    progress: Callable[[int], None],
) -> tuple[int, bool]:
    stream, written = iter(dialogues), 0
    records, listed = Chunks("pairs", size=CHUNK_PAIRS, weight=CHUNK_CHARS), Chunks("entries", size=CHUNK_ENTRIES)
    file.write(head(f"{facts.name} · proutt report", kind.page))

    def passing() -> Iterator[Dialogue]:
        nonlocal written
        for dialogue in islice(stream, limit):
            flags = _flags(kind, dialogue, facts)
            file.writelines(listed.add(kind.entry(dialogue, flags)))
            file.writelines(records.add(kind.data(dialogue, flags), kind.characters(dialogue)))
            written += 1
            progress(written)
            yield dialogue

    counted = kind.counted(passing())
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
        "entry": kind.fields,
        **counted,
        "summary": facts.summary,
        "failed": (facts.failures or {"count": 0})["count"],
        "audit": facts.audit,
    }
    file.write(tail(overview, kind.page))
    return written, limited


def _flags(kind: DialogueKind[Dialogue], dialogue: Dialogue, facts: Facts) -> list[Flag]:
    """The run's flags, then the audit's; a check that both made is named once."""
    own = kind.run_flags(dialogue)
    known = {flag.check for flag in own}
    return [*own, *(flag for flag in facts.flags(kind.name(dialogue)) if flag.check not in known)]

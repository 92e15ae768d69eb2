"""Writing the explorer: one pass over the pairs, memory flat but for the few sums of the overview.

The page is, in this order: skeleton and style, the pairs in chunks, the entries of list and filters in chunks, the
overview, the script. A browser shows the skeleton at once and reads the rest as the file comes in. The same input gives
the same bytes: nothing in the file tells when or where it was made.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, TextIO, TypeVar

from proutt import __version__
from proutt.errors import UserError
from proutt.export.reading import TextPair, texts_of
from proutt.methods.record import PreferencePair
from proutt.quality import ESTIMATE, TokenCounter, statistics
from proutt.reports.assembly import head, tail
from proutt.reports.chunks import Chunks
from proutt.reports.overview import Scores, groups_as_data
from proutt.reports.pair_data import ENTRY, Flag, entry, name_of, pair_data, text_pair_data, verification_flags

#: A chunk holds as many pairs, or as many characters of dialogue: what a page unpacks in some 20 ms (docs/explorer.md).
CHUNK_PAIRS = 100
CHUNK_CHARS = 600_000
#: Entries are small, and all of them are unpacked when the page opens.
CHUNK_ENTRIES = 1000


@dataclass(frozen=True, slots=True)
class Report:
    """What was written. size: bytes; limited: whether there were more pairs."""

    path: Path
    pairs: int
    size: int
    limited: bool


@dataclass(frozen=True, slots=True)
class Facts:
    """What a report says beside its pairs.

    name      of the run or file; source: what it is, in a few words
    summary   content of summary.json; failures: how many, and the first of them; audit: see reports/audit.py
    flags     what the audit says against a pair, by its name (`dialogue:K`, or the row's id)
    """

    name: str
    source: str
    summary: Mapping[str, Any] | None = None
    failures: Mapping[str, Any] | None = None
    audit: Mapping[str, Any] | None = None
    flags: Callable[[str], Iterable[Flag]] = lambda _: ()


def write_report(
    pairs: Iterable[PreferencePair | TextPair],
    out: Path,
    facts: Facts,
    *,
    limit: int | None = None,
    counter: TokenCounter = ESTIMATE,
    progress: Callable[[int], None] = lambda _: None,
) -> Report:
    """Write the page to `out`, aside first and then in its place.

    limit     as many pairs at most; progress is told how many are done

    Raises UserError where there is no pair or `out` can't be written.
    """
    written, limited = put_in_place(out, lambda file: _write(pairs, file, facts, limit, counter, progress))
    return Report(out, written, out.stat().st_size, limited)


Written = TypeVar("Written")


def put_in_place(out: Path, write: Callable[[TextIO], Written]) -> Written:
    """Have a page written aside and put in its place. Raises UserError where that can't be."""
    draft = out.with_name(f".{out.name}.part")
    try:
        with draft.open("w", encoding="utf-8", newline="\n") as file:
            done = write(file)
        draft.replace(out)
    except OSError as error:
        draft.unlink(missing_ok=True)
        remedy = "Name another file with --out."
        raise UserError(f"can't be written ({error.strerror or error}).", where=str(out), remedy=remedy) from error
    except BaseException:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
        raise
    return done


def _write(
    pairs: Iterable[PreferencePair | TextPair],
    file: TextIO,
    facts: Facts,
    limit: int | None,
    counter: TokenCounter,
    progress: Callable[[int], None],
) -> tuple[int, bool]:
    stream, scores, packer = iter(pairs), Scores(), _Packer(facts.flags)
    file.write(head(f"{facts.name} · proutt report"))

    def passing() -> Iterator[PreferencePair | TextPair]:
        for pair in islice(stream, limit):
            file.writelines(packer.add(pair))
            scores.add(pair)
            progress(packer.count)
            yield pair

    groups = statistics(passing(), texts=texts_of, tokens=counter.tokens)
    if not packer.count:
        remedy = "See its summary.json for what became of them."
        raise UserError("there are no pairs to show.", where=facts.name, remedy=remedy)
    limited = limit is not None and next(stream, None) is not None
    file.writelines(packer.rest())
    file.write(
        tail(
            {
                "proutt": __version__,
                "noun": "pair",
                "name": facts.name,
                "source": facts.source,
                "count": packer.count,
                "limited": limited,
                "entry": ENTRY,
                "tokens": {"tokenizer": counter.name, "estimated": counter.estimated},
                "groups": groups_as_data(groups),
                "j_max": scores.as_rows(),
                "thresholds": scores.common(),
                "summary": facts.summary,
                "failures": facts.failures or {"count": 0, "shown": []},
                "audit": facts.audit,
            }
        )
    )
    return packer.count, limited


class _Packer:
    """Pairs and their entries as chunks of the page."""

    def __init__(self, flags: Callable[[str], Iterable[Flag]]) -> None:
        self.count = 0
        self._flags = flags
        self._pairs = Chunks("pairs", size=CHUNK_PAIRS, weight=CHUNK_CHARS)
        self._entries = Chunks("entries", size=CHUNK_ENTRIES)
        self._before: PreferencePair | None = None

    def add(self, pair: PreferencePair | TextPair) -> Iterator[str]:
        self.count += 1
        flags = [*verification_flags(pair), *self._flags(name_of(pair))]
        if isinstance(pair, TextPair):
            data, texts = text_pair_data(pair, flags), [pair.prompt, pair.chosen]
        else:
            data = pair_data(pair, flags, None if self._pairs.empty else self._before)
            self._before = pair
            texts = [text for turn in data["turns"] for text in turn]
        weight = sum(len(text) for text in texts)
        yield from self._entries.add(entry(pair, flags))
        yield from self._pairs.add(data, weight)

    def rest(self) -> Iterator[str]:
        yield from self._entries.rest()
        yield from self._pairs.rest()

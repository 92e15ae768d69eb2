"""Items over a stream of records: what every run that makes something does, whatever it makes.

    run → record → item → call

A record is what the input is a stream of (a dialogue), an item what is decided on its own (a dialogue's K). The stream
is read ahead, some records are at work at once, and how each item ends is written down. One item's failure never stops
the run, and whatever order the answers come in, what is written is the same.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import traceback
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Generic, TypeVar

from proutt.dialogue import Dialogue
from proutt.dialogue.writing import messages_line
from proutt.errors import AnswerError, ItemFailed, ModelError, UserError
from proutt.llm.batch_job import Postponed
from proutt.runs.calls import Calls, Stopped
from proutt.runs.deaths import GIVEN_UP, KILLED, NONE, Deaths
from proutt.runs.journal import Item, Journal
from proutt.runs.reading import ReadAhead
from proutt.runs.sharding import WHOLE, Shard
from proutt.runs.stopping import interruptible

T = TypeVar("T")

#: Why a K is skipped that the setting `turns` leaves out.
NOT_SELECTED = "turn-not-selected"

#: Why an item failed at which proutt itself did: an error that nobody foresaw.
INTERNAL = "internal-error"
#: So many items that failed so, and none that ended well: then it is no matter of single records.
INTERNAL_AT_MOST = 10


@dataclass
class Progress:
    """What a display may show, changed as the run goes on.

    made      items that ended well; failures  those that failed, by reason; reasons  those skipped and failed
    marks     of those made, what the run tells apart: pairs by branch, predictions by what was repaired
    stopped, postponed  records and items that are left to a later session
    """

    made: int = 0
    skipped: int = 0
    failed: int = 0
    stopped: int = 0
    postponed: int = 0
    marks: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def items(self) -> int:
        """Items decided."""
        return self.made + self.skipped + self.failed

    @property
    def worked(self) -> int:
        """Of those decided, the ones that were work: not those that `turns` left out."""
        return self.items - self.reasons[NOT_SELECTED]

    def count(self, item: Item) -> None:
        if item.state == "skipped":
            self.skipped += 1
        elif item.state == "failed":
            self.failed += 1
            self.failures[item.reason] += 1
        else:
            self.made += 1
        if item.reason:
            self.reasons[item.reason] += 1


@dataclass(frozen=True, slots=True)
class Entry(Generic[T]):
    """One record of the input, as the journal knows it.

    fingerprint  a short hash of all of it that its items depend on
    items        the numbers of its items
    where        where it stands, for whoever is to mend it
    """

    record: T
    id: str
    fingerprint: str
    items: tuple[int, ...]
    where: str


def fingerprint_of(said: Any) -> str:
    """A short hash of a JSON value, whatever the order of its keys."""
    text = json.dumps(said, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def entry_of(dialogue: Dialogue, ks: Iterable[int]) -> Entry[Dialogue]:
    """A dialogue whose items are these K."""
    fingerprint = hashlib.sha256(messages_line(dialogue).encode()).hexdigest()[:32]
    return Entry(dialogue, dialogue.id, fingerprint, tuple(ks), dialogue.source or dialogue.id)


#: The work on one record: its place in the input, the record, the items that are not yet decided.
Work = Callable[[int, T, Sequence[int]], Awaitable[None]]


@dataclass(frozen=True)
class Stream:
    """The records of a run at work.

    window   records at work at once
    on_stop  told when the run is asked to stop
    noun     what a record is called
    shard    the share of the input that is worked on; the other records are read, and keep their numbers
    deaths   of workers before this one, where others take over
    """

    calls: Calls
    window: int
    progress: Progress = field(default_factory=Progress)
    on_stop: Callable[[], None] = lambda: None
    noun: str = "dialogue"
    shard: Shard = WHOLE
    deaths: Deaths = NONE

    @property
    def journal(self) -> Journal:
        return self.calls.journal

    async def run(self, entries: Iterable[Entry[T]], work: Work[T]) -> bool:
        """Let all records be worked on; they are read in a thread. True where nothing is left for a later session.

        Raises UserError or ModelError where nothing more can be done (a bad key, a full disk); what was finished is
        in the journal.
        """
        count, cut = 0, False
        room = asyncio.Semaphore(self.window)
        try:
            with ReadAhead(entries) as reading, interruptible(lambda: self._stop(reading)):
                async with asyncio.TaskGroup() as working:
                    async for entry in reading:
                        if not self.shard.has(count):
                            count += 1
                            continue
                        places = self.window if count in self.deaths.suspects else 1  # a suspect works alone
                        for _ in range(places):
                            await room.acquire()
                        if self.calls.stopped and not self._done(count, entry):
                            cut = True
                            break
                        task = working.create_task(self._at_work(count, entry, work))
                        task.add_done_callback(partial(_left, room, places))
                        count += 1
                        await asyncio.sleep(0)
                cut = cut or reading.left
        except BaseExceptionGroup as failures:
            raise _first_of(failures) from None  # the first of them stopped the others
        if cut or self.progress.stopped:
            return False
        self._refuse_fewer(count)
        return not self.progress.postponed

    async def items(self, number: int, making: Mapping[int, Coroutine[Any, Any, Item]]) -> None:
        """Make items of a record side by side, and write down how each ended.

        What ends the run ends them all: a UserError, or a ModelError that is fatal.
        """
        async with asyncio.TaskGroup() as working:
            for k, each in making.items():
                working.create_task(self._item(number, k, each))

    async def _item(self, number: int, k: int, making: Coroutine[Any, Any, Item]) -> None:
        try:
            item = await making
        except Stopped:
            self.progress.stopped += 1
        except Postponed:  # a batch has the question: a later session decides
            self.progress.postponed += 1
        except (AnswerError, ItemFailed, ModelError) as error:
            self.fail(number, [k], error)
        except Exception as error:
            self._fail_unforeseen(number, [k], error)
        else:
            self.decide(item)

    def fail(self, number: int, ks: Iterable[int], error: AnswerError | ItemFailed | ModelError) -> None:
        """Write down that items failed, all for one reason. Raises the error where it ends the run."""
        if isinstance(error, ModelError) and error.fatal:
            raise error
        for k in ks:
            self.decide(Item(number, k, "failed", *_why(error)))

    def _fail_unforeseen(self, number: int, ks: Iterable[int], error: Exception) -> None:
        """Write down that items failed at an error of proutt's own. Raises it where it is no matter of one record."""
        cause = _first_of(error) if isinstance(error, ExceptionGroup) else error
        everywhere = not self.progress.made and self.progress.failures[INTERNAL] >= INTERNAL_AT_MOST
        if everywhere or isinstance(cause, (UserError, ModelError)):
            raise error
        for k in ks:
            self.decide(Item(number, k, "failed", INTERNAL, message=_seen(cause)))

    def decide(self, item: Item) -> None:
        """Write down how an item ended."""
        self.journal.add_item(item)
        self.progress.count(item)

    def _done(self, number: int, entry: Entry[T]) -> bool:
        """Whether nothing of a record is left to do."""
        return self.journal.fingerprint(number) is not None and self.journal.decided(number) >= set(entry.items)

    def _stop(self, reading: ReadAhead[Entry[T]]) -> None:
        self.calls.stop()
        reading.leave()
        self.on_stop()

    async def _at_work(self, number: int, entry: Entry[T], work: Work[T]) -> None:
        self._begin(number, entry)
        if number in self.deaths.given_up:
            self.fail(number, self._left_of(number, entry), ItemFailed(GIVEN_UP, reason=KILLED, stage=""))
            return
        try:
            with self.deaths.watching(number):
                await work(number, entry.record, self._left_of(number, entry))
        except Stopped:
            self.progress.stopped += 1
        except Postponed:
            self.progress.postponed += 1
        except Exception as error:
            self._fail_unforeseen(number, self._left_of(number, entry), error)

    def _left_of(self, number: int, entry: Entry[T]) -> list[int]:
        """The items that are not decided."""
        decided = self.journal.decided(number)
        return [k for k in entry.items if k not in decided]

    def _begin(self, number: int, entry: Entry[T]) -> None:
        """Note that a record has come up. Raises UserError where an earlier session has seen another one there."""
        before = self.journal.fingerprint(number)
        if before is None:
            self.journal.add_dialogue(number, entry.id, entry.fingerprint, len(entry.items))
        elif before != entry.fingerprint:
            raise UserError(
                f"{self.noun} {number + 1} of the input is not the one that this run has seen at that place.",
                where=entry.where,
                remedy="Give the same files in the same order to resume, or another --out for a new run.",
            )

    def _refuse_fewer(self, count: int) -> None:
        """Raises UserError where the input has come to an end before records that an earlier session has seen."""
        ((seen,),) = self.journal.rows("SELECT COALESCE(MAX(number) + 1, 0) FROM dialogues")
        if count < seen:
            raise UserError(
                f"the input has {count} {self.noun}s now; this run has seen {seen}.",
                remedy="Give the same files in the same order to resume, or another --out for a new run.",
            )


def _why(error: AnswerError | ItemFailed | ModelError) -> tuple[str, str, str, str]:
    """Reason, stage, message and the model's last text, as an `Item` has them."""
    if isinstance(error, ItemFailed):
        return error.reason, error.stage, str(error), error.raw
    return error.kind, error.step, str(error), error.raw if isinstance(error, AnswerError) else ""


def _left(room: asyncio.Semaphore, places: int, _: object) -> None:
    for _ in range(places):
        room.release()


def _seen(error: BaseException) -> str:
    """What an error was, and where in proutt it came from."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else "?"
    return f"{type(error).__name__} at {place}: {error}"[:500]


def _first_of(failures: BaseExceptionGroup[BaseException]) -> BaseException:
    """The failure itself, out of however many groups."""
    first = failures.exceptions[0]
    return _first_of(first) if isinstance(first, BaseExceptionGroup) else first

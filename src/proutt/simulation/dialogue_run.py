"""What the runs that make dialogues are alike in: a record of the input (a seed, a persona) is made one dialogue."""

from __future__ import annotations

import json
from abc import abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO, Generic, Protocol, TypeVar

from proutt.dialogue import ReadingReport
from proutt.llm import ModelSpec
from proutt.methods.record import UsageRecord
from proutt.prompts import Role
from proutt.runs.calls import ItemAsk
from proutt.runs.directory import DIALOGUES, RunDirectory
from proutt.runs.journal import Item, Journal
from proutt.runs.making import Decided, MakingOf
from proutt.runs.reading import standard_input
from proutt.runs.run import countable
from proutt.runs.session import Ended, Session
from proutt.runs.stream import Entry, Stream, fingerprint_of

#: A record of the input has one item, its dialogue.
DIALOGUE = 1


class DialogueDecided(Decided, Protocol):
    """A resolved configuration that says which role has which model."""

    @property
    def inputs(self) -> list[str]: ...

    def spec(self, role: Role) -> ModelSpec: ...


class Given(Protocol):
    """A record of the input. source: file and line, where it has been read from one."""

    @property
    def id(self) -> str: ...

    @property
    def source(self) -> str: ...


class Simulated(Protocol):
    """A line of `dialogues.jsonl`. flags: what the checks found."""

    @property
    def flags(self) -> list[str]: ...

    def model_dump_json(self) -> str: ...


DecidedT = TypeVar("DecidedT", bound=DialogueDecided)
GivenT = TypeVar("GivenT", bound=Given)


@dataclass(frozen=True)
class DialogueRun(MakingOf[DecidedT], Generic[DecidedT, GivenT]):
    """`Making` of dialogues, one of each record of the input."""

    @property
    @abstractmethod
    def roles(self) -> Sequence[Role]:
        """The roles that are asked."""

    @abstractmethod
    def read(self, report: ReadingReport, *, stdin: BinaryIO | None = None) -> Iterator[GivenT]:
        """The records of the input; what is left out goes into the report."""

    @abstractmethod
    def facts(self, given: GivenT) -> Any:
        """All of a record that its dialogue depends on, as a JSON value: the journal knows it by this."""

    @abstractmethod
    async def dialogue(self, given: GivenT, ask: ItemAsk, models: Mapping[str, str]) -> Simulated:
        """The dialogue of one record, its questions put by `ask`. models: role → the model's identity."""

    @abstractmethod
    def summary(self, journal: Journal, ended: Ended) -> dict[str, Any]:
        """The content of `summary.json`."""

    @property
    def specs(self) -> dict[Role, ModelSpec]:
        return {role: self.decided.spec(role) for role in self.roles}

    def count(self) -> int | None:
        if not countable(self.decided.inputs):
            return None
        return sum(1 for _ in self.read(ReadingReport()))

    async def work(self, session: Session, stream: Stream) -> bool:
        identities = {role.value: model.identity for role, model in session.calls.models.items()}

        async def one(number: int, given: GivenT, missing: Sequence[int]) -> None:
            await stream.items(number, {k: self._item(stream, number, given, identities) for k in missing})

        records = self.read(self.report, stdin=standard_input())
        return await stream.run((self.entry(given) for given in records), one)

    def entry(self, given: GivenT) -> Entry[GivenT]:
        """A record as the journal knows it."""
        return Entry(given, given.id, fingerprint_of(self.facts(given)), (DIALOGUE,), given.source or given.id)

    async def _item(self, stream: Stream, number: int, given: GivenT, models: Mapping[str, str]) -> Item:
        ask = stream.calls.for_item((number, DIALOGUE), rounds=stream.journal.rounds(number))
        made = await self.dialogue(given, ask, models)
        stream.progress.marks.update(made.flags)
        return Item(number, DIALOGUE, "simulated", record=made.model_dump_json())

    def derive(self, directory: RunDirectory, ended: Ended) -> dict[str, Any]:
        summary = self.summary(directory.journal, ended)
        lines = directory.records("simulated")
        directory.derive(DIALOGUES, lines, summary, failures=failures_of(directory, self.words.record))
        return summary


def failures_of(directory: RunDirectory, record: str) -> Iterator[str]:
    """The lines of `failures.jsonl`, which names records of the input, by what one is called, and not turns."""
    for line in directory.failures():
        failure = json.loads(line)
        del failure["k"]
        yield json.dumps({f"{record}_id": failure.pop("dialogue_id"), **failure}, ensure_ascii=False) + "\n"


def ends_of(journal: Journal, simulated: int) -> dict[str, int]:
    """What became of the records of the input: in = simulated + failed + undecided."""
    ((given,),) = journal.rows("SELECT COALESCE(SUM(items), 0) FROM dialogues")
    failed = sum(journal.failed_by_reason().values())
    return {"in": given, "simulated": simulated, "failed": failed, "undecided": given - simulated - failed}


def sum_of(usages: Iterable[UsageRecord]) -> dict[str, int]:
    """Calls and tokens of the dialogues that stand; calls of failed records are in `calls` alone."""
    found: Counter[str] = Counter()
    for each in usages:
        found.update(each.model_dump())
    return dict(found)

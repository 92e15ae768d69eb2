"""The run that writes personas with a model (UPC 4.4): occupation groups side by side, rounds of some people a call.

    group by group:  brief → round → checks → who is in, who is asked for again
    then, in order:  who is somebody of an earlier group over again is asked for again

Rounds are items of the journal, so a run goes on after the last one that is whole. Within its group a round knows all
that came before it, and the second pass knows all groups: what comes out does not depend on which call was quicker.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from proutt.llm import ModelSpec
from proutt.prompts import Role
from proutt.prompts.personas.brief import Brief, Sketch
from proutt.prompts.personas.small_write import WritePerson
from proutt.prompts.personas.write import WritePeople
from proutt.runs.directory import RunDirectory
from proutt.runs.journal import Item, Journal
from proutt.runs.making import MakingOf
from proutt.runs.run import Made, make
from proutt.runs.session import Ended, Observer, Session
from proutt.runs.standing import Words
from proutt.runs.stream import Entry, Stream, fingerprint_of
from proutt.runs.summary import taken
from proutt.simulation.upc.casting import TRIES, Candidate, Cast, read, written
from proutt.simulation.upc.company import Company
from proutt.simulation.upc.drawing import brief_of
from proutt.simulation.upc.generating_config import GeneratingConfig
from proutt.simulation.upc.occupations import OccupationGroup, drawn_groups
from proutt.simulation.upc.personas import PERSONAS

WORDS = Words("rounds", "personas", items="rounds", record="group")


def generate_personas(
    config: GeneratingConfig,
    out: Path,
    observer: Observer,
    *,
    reuse: Sequence[Path] = (),
    retry_failed: str | None = None,
) -> Made:
    """`make` for personas. Raises UserError where there is something to mend."""
    return make(_Personas(config.resolved()), out, observer, reuse=reuse, retry_failed=retry_failed)


@dataclass(frozen=True)
class _Personas(MakingOf[GeneratingConfig]):
    """`Making` of personas."""

    words = WORDS
    prompts = "personas"

    @cached_property
    def groups(self) -> tuple[OccupationGroup, ...]:
        return drawn_groups(self.decided.groups, self.decided.seed)

    @property
    def specs(self) -> dict[Role, ModelSpec]:
        return {Role.USER_AGENT: self.decided.model_of_all}

    async def work(self, session: Session, stream: Stream) -> bool:  # noqa: ARG002
        async def one(number: int, group: OccupationGroup, missing: Sequence[int]) -> None:
            cast = self._cast(stream.journal, number, Company())
            await self._rounds(stream, number, group, cast, missing)

        if not await stream.run((self._entry(group, self._first) for group in self.groups), one):
            return False
        everybody = Company()

        async def again(number: int, group: OccupationGroup, missing: Sequence[int]) -> None:
            cast = self.settled(stream.journal, number, everybody)
            await self._rounds(stream, number, group, cast, missing)

        in_order = replace(stream, window=1)
        return await in_order.run((self._entry(group, self._second) for group in self.groups), again)

    def _entry(self, group: OccupationGroup, rounds: range) -> Entry[OccupationGroup]:
        briefs = [asdict(each) for each in self._briefs(group).values()]
        fingerprint = fingerprint_of([group.code, self.decided.language, briefs])
        return Entry(group, group.code, fingerprint, tuple(rounds), group.en)

    @property
    def _first(self) -> range:
        """The rounds of a group on its own."""
        return range(1, most_rounds(self.decided) + 1)

    @property
    def _second(self) -> range:
        """The rounds for those who clash with another group."""
        return range(self._first.stop, 2 * self._first.stop - 1)

    def _briefs(self, group: OccupationGroup) -> dict[int, Brief]:
        return briefs_of(self.decided, group)

    async def _rounds(
        self, stream: Stream, number: int, group: OccupationGroup, given: _Casting, missing: Sequence[int]
    ) -> None:
        """The rounds that are left to do, one after the other."""
        cast, company = given.cast, given.company
        for k in missing:
            if stream.calls.stopped:
                stream.progress.stopped += 1
                return
            slots = cast.wanted()
            if not slots:
                return
            before = len(cast.kept)
            await stream.items(number, {k: self._round(stream, number, k, group, cast, slots)})
            if not _replayed(cast, stream.journal, number, k, company):
                return  # it was stopped
            stream.progress.marks["personas"] += len(cast.kept) - before

    async def _round(
        self, stream: Stream, number: int, k: int, group: OccupationGroup, cast: Cast, slots: Sequence[int]
    ) -> Item:
        ask = stream.calls.for_item((number, k), rounds=stream.journal.rounds(number))
        step = question(self.decided, group, cast, slots)
        found = step.found(await ask(step, f"{group.code}/{k}/write"))
        sketches = [found] if isinstance(found, Sketch) else found
        return Item(number, k, "grown", record=written(map(Candidate, slots, sketches)))

    def _cast(self, journal: Journal, number: int, company: Company) -> _Casting:
        """A group after the rounds of the first pass that are there."""
        group = self.groups[number]
        cast = Cast(self.decided.language, self._briefs(group), self.decided.per_call or 1)
        for k in _done(journal, number, self._first):
            _replayed(cast, journal, number, k, company)
        return _Casting(cast, company)

    def settled(self, journal: Journal, number: int, everybody: Company) -> _Casting:
        """A group among the earlier ones, which `everybody` holds, after the rounds of both passes."""
        cast = self._cast(journal, number, Company()).cast
        cast.settle(everybody)
        for k in _done(journal, number, self._second):
            _replayed(cast, journal, number, k, everybody)
        return _Casting(cast, everybody)

    def derive(self, directory: RunDirectory, ended: Ended) -> dict[str, Any]:
        journal, everybody = directory.journal, Company()
        known = {number for (number,) in journal.rows("SELECT number FROM dialogues")}
        casts = {
            group: self.settled(journal, number, everybody).cast
            for number, group in enumerate(self.groups)
            if number in known
        }
        model = ended.identities.get(Role.USER_AGENT.value, self.decided.model)
        summary = self._summary(journal, casts, ended)
        directory.derive(PERSONAS, self._lines(casts, model), summary)
        return summary

    def _lines(self, casts: dict[OccupationGroup, Cast], model: str) -> Iterator[str]:
        """The lines of `personas.jsonl`, as `read_personas` reads them."""
        for group, cast in casts.items():
            for slot, (k, sketch) in sorted(cast.kept.items()):
                record = {
                    "id": f"{group.code}-{slot:02d}",
                    "name": sketch.name,
                    "background": sketch.background,
                    "group": group.code,
                    "group_name": group.name(cast.language),
                    "language": cast.language,
                    "career": sketch.career,
                    "education": sketch.education,
                    "personality": sketch.personality,
                    "hobbies": sketch.hobbies,
                    "drawn": asdict(cast.briefs[slot]),
                    "source": {"model": model, "round": k, "prompt_version": self.prompt_version},
                }
                yield json.dumps(record, ensure_ascii=False) + "\n"

    def _summary(self, journal: Journal, casts: dict[OccupationGroup, Cast], ended: Ended) -> dict[str, Any]:
        kept = [cast.briefs[slot] for cast in casts.values() for slot in cast.kept]
        refused: Counter[str] = sum((cast.dropped for cast in casts.values()), Counter())
        return {
            "complete": ended.complete,
            "personas": len(kept),
            "wanted": self.decided.each * len(self.groups),
            "groups": {
                group.code: {
                    "name": group.name(cast.language),
                    "personas": len(cast.kept),
                    "refused": dict(cast.dropped.most_common()),
                }
                for group, cast in casts.items()
            },
            "refused": dict(refused.most_common()),
            "tempers": dict(sorted(Counter(brief.temper_kind for brief in kept).items())),
            "careers": dict(sorted(Counter(brief.luck_kind for brief in kept).items())),
            "failed": journal.failed_by_reason(),
            **taken(journal, ended),
        }


def question(
    config: GeneratingConfig, group: OccupationGroup, cast: Cast, slots: Sequence[int]
) -> WritePerson | WritePeople:
    """What a round is asked. cast: whom the rounds before it have brought; slots: the places it is to fill."""
    name = group.name(cast.language)
    if config.small_steps:
        (slot,) = slots
        return WritePerson(code=cast.language, group=name, brief=cast.briefs[slot], taken=cast.names)
    return WritePeople(
        code=cast.language,
        group=name,
        briefs=tuple(cast.briefs[slot] for slot in slots),
        taken=cast.names,
        refused=tuple(
            (position, cast.refused[slot].text) for position, slot in enumerate(slots, start=1) if slot in cast.refused
        ),
    )


def briefs_of(config: GeneratingConfig, group: OccupationGroup) -> dict[int, Brief]:
    """Place → what is drawn of who is to fill it, from 1."""
    how: dict[str, Any] = {"seed": config.seed, "language": config.language}
    how |= {"difficult": config.difficult, "rough": config.rough}
    return {slot: brief_of(group.code, slot, **how) for slot in range(1, config.each + 1)}


def most_rounds(config: GeneratingConfig) -> int:
    """Most rounds of a group on its own: as many as it takes where every place is asked for TRIES times."""
    return math.ceil(config.each * TRIES / (config.per_call or 1)) + TRIES


def kept_in(journal: Journal, config: GeneratingConfig) -> dict[OccupationGroup, int]:
    """Group → how many people a run has brought. config: the run's own."""
    people, everybody = _Personas(config), Company()
    known = {number for (number,) in journal.rows("SELECT number FROM dialogues")}
    return {
        group: len(people.settled(journal, number, everybody).cast.kept)
        for number, group in enumerate(people.groups)
        if number in known
    }


@dataclass(frozen=True)
class _Casting:
    """A group, and whom nobody in it may repeat."""

    cast: Cast
    company: Company


def _done(journal: Journal, number: int, rounds: range) -> list[int]:
    """The rounds of a group that came to an end, well or not, in order."""
    return sorted(journal.decided(number) & set(rounds))


def _replayed(cast: Cast, journal: Journal, number: int, k: int, company: Company) -> bool:
    """Let a round that the journal has do what it did; False where it has none."""
    item = journal.item(number, k)
    if item is None:
        return False
    if item.state == "failed":
        cast.missed()
    else:
        cast.take(k, read(item.record), company)
    return True

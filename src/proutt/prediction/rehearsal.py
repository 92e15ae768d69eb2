"""A method rehearsed to say what a run of it will take, before anything is spent; as `runs/estimate.py` does of pairs.

    input → cases → the method itself, a stand-in for its models → calls and tokens → time and money

What a verb adds: how one case is rehearsed, what an older run measured, and what the numbers rest on.
"""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from proutt.llm import ModelSpec
from proutt.methods.proutt import Settings
from proutt.prediction.estimate_like import Measures
from proutt.prompts import Role
from proutt.runs.estimate import Estimate, context_tokens_of, estimate_of
from proutt.runs.estimate_amounts import Table
from proutt.runs.estimate_answers import Course, Maker
from proutt.runs.estimate_basis import THINKING, of_tokens, sampled_of
from proutt.runs.estimate_draws import Draws
from proutt.runs.estimate_large import LARGE
from proutt.runs.estimate_measured import MEASURED
from proutt.runs.estimate_money import models_of, named
from proutt.runs.estimate_profile import Profile
from proutt.runs.estimate_rehearsal import Setting, StandIn, stand_in
from proutt.runs.estimate_sample import EXACT, Sample, rehearsed, sample_of
from proutt.runs.journal import Journal
from proutt.runs.making import Decided
from proutt.runs.prices import Price, shipped_prices


class Rehearsable(Decided, Protocol):
    """A resolved configuration that says how much its models may think."""

    @property
    def thinking_tokens(self) -> int: ...


RehearsableT = TypeVar("RehearsableT", bound=Rehearsable)
#: A record of the input: a dialogue, a seed, a persona.
GivenT = TypeVar("GivenT")
#: What of a record is rehearsed on its own.
CaseT = TypeVar("CaseT")


@dataclass(frozen=True)
class Rehearsal(ABC, Generic[RehearsableT, GivenT, CaseT]):
    """A method, rehearsed.

    about    what of the prompts is real and what is made up, in a sentence
    nouns    what records of the input are called, what their items are, and what a run made so many of
    turns    about how many turns a case has
    makers   what the stand-in's answers are made by, by step, where not as for pairs
    config   a resolved one
    profile  how long answers are, and how often a step asks again
    """

    about: ClassVar[str]
    nouns: ClassVar[tuple[str, str, str]]
    turns: ClassVar[int] = 1
    makers: ClassVar[tuple[Maker, ...]] = ()

    config: RehearsableT
    profile: Profile

    @property
    @abstractmethod
    def specs(self) -> Mapping[Role, ModelSpec]:
        """The roles that are asked, each with its model."""

    @property
    def settings(self) -> Settings:
        """What of the run's settings bounds its prompts."""
        return Settings(seed=self.config.seed)

    @abstractmethod
    def cases(self, given: GivenT) -> Sequence[CaseT]:
        """What of a record is rehearsed."""

    @abstractmethod
    async def case(self, case: CaseT, ask: StandIn) -> None:
        """Have the stand-in asked all that one case takes; its counts grow."""

    @abstractmethod
    def measures(self, like: Journal) -> Measures:
        """What a run tells of one to come. Raises UserError where it can't."""

    @abstractmethod
    def unmeasured(self) -> Iterator[str]:
        """What the numbers rest on where no run was measured, a sentence or two for each thing."""

    def bounded(self, tables: dict[Course, Table]) -> dict[Course, Table]:
        """The courses of a method of which nothing was measured."""
        return tables

    @property
    def setting(self) -> Setting:
        specs = {role.value: spec for role, spec in self.specs.items()}
        return Setting(
            settings=self.settings,
            context_tokens=min(context_tokens_of(spec) for spec in specs.values()),
            judge_calls=False,
            model_of={role: named(spec) for role, spec in specs.items()},
            thinking_tokens={role: 0 if spec.embedded else spec.thinking_tokens for role, spec in specs.items()},
        )

    def stand_in(self, course: Course, draws: Draws) -> StandIn:
        return stand_in(self.setting, self.profile, course, draws, self.makers)

    async def record(self, given: GivenT, ask: StandIn) -> None:
        """Have the stand-in asked all that one record of the input takes; its counts grow."""
        for case in self.cases(given):
            await self.case(case, ask)

    def of(self, cases: Iterable[CaseT]) -> Table:
        """What these cases take, as expected."""
        ask = self.stand_in("expected", Draws(f"{self.config.seed}/estimate/like"))

        async def all_of() -> None:
            for case in cases:
                await self.case(case, ask)

        asyncio.run(all_of())
        return ask.counts


def profile_of(*, small: bool) -> Profile:
    """What is known of how models answer the steps of pairs, for a method of which nothing was measured."""
    return replace(MEASURED if small else LARGE, foreign=True)


def estimated(
    rehearsal: Rehearsal[Any, GivenT, Any],
    given: Iterable[GivenT],
    *,
    prices: Mapping[str, Price] | None = None,
    like: Journal | None = None,
    exact: int = EXACT,
) -> Estimate:
    """What a run over these records will take. Calls no network and writes nothing; memory does not grow with them.

    prices   the table (`read_prices`); without one, the shipped prices
    like     the journal of a run of the same models and settings, whose measures the estimate takes
    exact    most records that are all rehearsed; of more, a sample of so many

    Not to be called while an event loop runs. Raises UserError where `like` can't tell of this run.
    """
    seed = rehearsal.config.seed
    measures = None if like is None else rehearsal.measures(like)
    sample = sample_of(given, lambda each: len(rehearsal.cases(each)), seed, exact)
    tables = asyncio.run(rehearsed(sample, seed, rehearsal.stand_in, rehearsal.record, turns=rehearsal.turns))
    tables = rehearsal.bounded(tables) if measures is None else measures.applied(tables["expected"])
    specs = rehearsal.specs
    models = models_of(specs.__getitem__, tables, shipped_prices() if prices is None else prices, None)
    rests_on = tuple(_rests_on(rehearsal, sample, measures))
    found = estimate_of(sample, tables, models, pilot=None, rests_on=rests_on)
    pace = None if measures is None else measures.seconds_per_call
    return found if pace is None else replace(found, seconds=found.total.calls.times(pace))


def _rests_on(
    rehearsal: Rehearsal[Any, GivenT, Any], sample: Sample[GivenT], measures: Measures | None
) -> Iterator[str]:
    """What the numbers rest on, a sentence or two for each thing."""
    yield rehearsal.about
    records, items, cases = rehearsal.nouns
    yield from sampled_of(sample, records, items)
    if measures is not None:
        yield from _of_measures(measures, cases)
    else:
        yield from rehearsal.unmeasured()
        if rehearsal.config.thinking_tokens:
            yield THINKING
    yield from of_tokens(measured=measures is not None)


def _of_measures(measures: Measures, noun: str) -> Iterator[str]:
    failed = f", in which {measures.failed} {noun} failed" if measures.failed else ""
    yield (
        f"Expected: calls, answers and how tokens count as in a run of {measures.cases} {noun} with "
        f"{measures.model}{failed}."
    )
    yield "Low: first draws alone, answers at the lower quartile. High: the upper one, further draws at 95 %."
    if measures.seconds_per_call is not None:
        yield f"Time: at that run's pace, with up to {measures.concurrency} calls in flight."

"""What a run of UPC will take, before anything is spent; as `runs/estimate.py` says it of pairs.

The method itself is rehearsed over the personas, with a stand-in for all models. How often a critic has a response
written again nobody knows before: expected is what the paper counted in its first iteration (Table 3).
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any

from proutt.errors import ItemFailed, UserError
from proutt.intent.persona import Persona
from proutt.llm import ModelSpec
from proutt.methods.proutt import Settings
from proutt.methods.upc.algorithm import simulate_dialogue
from proutt.methods.upc.record import UPCDialogue
from proutt.methods.upc.settings import UPCSettings
from proutt.prediction.estimate_like import Measures, measures_of
from proutt.prompts import Role, Step, upc
from proutt.prompts.step import AnswerT
from proutt.prompts.upc import small_question as small
from proutt.prompts.upc.chatbot import ChatbotStep
from proutt.prompts.upc.heard import ASPECTS
from proutt.prompts.upc.user import PersonStep
from proutt.runs.estimate import Estimate, context_tokens_of, estimate_of
from proutt.runs.estimate_amounts import Table
from proutt.runs.estimate_answers import Course, Draws
from proutt.runs.estimate_basis import THINKING, of_tokens, sampled_of
from proutt.runs.estimate_large import LARGE
from proutt.runs.estimate_measured import MEASURED
from proutt.runs.estimate_money import models_of, named
from proutt.runs.estimate_profile import Profile
from proutt.runs.estimate_rehearsal import Setting, StandIn, stand_in
from proutt.runs.estimate_sample import EXACT, Sample, rehearsed, sample_of
from proutt.runs.journal import Journal
from proutt.runs.prices import Price, shipped_prices
from proutt.simulation.upc.config import UPCConfig
from proutt.simulation.upc.run import steps_of

#: What must be the same for a run to tell of another.
_SAME = ("strategy", "turns", "regenerations", "threshold", "small_steps")
#: Chance that a first response is written again, and that a regeneration is: with R = 3 they make Table 3's 0.377 and
#: 0.785 of iteration 1.
FIRST_FAILS, AGAIN_FAILS = 0.377, 0.655


def estimate(
    config: UPCConfig,
    personas: Iterable[Persona],
    *,
    prices: Mapping[str, Price] | None = None,
    like: Journal | None = None,
    exact: int = EXACT,
) -> Estimate:
    """What the run will take. Calls no network and writes nothing; memory does not grow with the input.

    prices   the table (`read_prices`); without one, the shipped prices
    like     the journal of a run of the same models and settings, whose measures the estimate takes
    exact    most personas that are all rehearsed; of more, a sample of so many

    Not to be called while an event loop runs. Raises UserError where `like` can't tell of this run.
    """
    decided = config.resolved()
    settings = decided.settings()

    async def hold(persona: Persona, ask: StandIn) -> None:
        steps = steps_of(settings, RehearsedRoles(ask, persona, settings, MAKERS))
        await simulate_dialogue(persona, settings=settings, steps=steps)

    specs = {role: decided.spec(role) for role in decided.roles_asked}
    profile = replace(MEASURED if decided.small_steps else LARGE, foreign=True)
    measuring = UPCMeasuring("simulate upc", decided.model_dump(mode="json"), _SAME, _personas_of)
    return estimated(
        Rehearsal(specs, decided.seed, profile, hold), personas, measuring,
        prices=prices, like=like, exact=exact, unmeasured=tuple(_unmeasured(decided)),
    )  # fmt: skip


@dataclass(frozen=True)
class Rehearsal:
    """Dialogues with personas, rehearsed. hold: has the stand-in asked all that one persona's dialogues take."""

    specs: Mapping[Role, ModelSpec]
    seed: int
    profile: Profile
    hold: Callable[[Persona, StandIn], Awaitable[None]]

    @property
    def setting(self) -> Setting:
        specs = {role.value: spec for role, spec in self.specs.items()}
        return Setting(
            settings=Settings(seed=self.seed),
            context_tokens=min(context_tokens_of(spec) for spec in specs.values()),
            judge_calls=False,
            model_of={role: named(spec) for role, spec in specs.items()},
            thinking_tokens={role: 0 if spec.embedded else spec.thinking_tokens for role, spec in specs.items()},
        )

    def stand_in(self, course: Course, draws: Draws) -> StandIn:
        return stand_in(self.setting, self.profile, course, draws)

    async def dialogue(self, persona: Persona, ask: StandIn) -> None:
        """The counts of the stand-in grow."""
        with suppress(ItemFailed):
            await self.hold(persona, ask)

    def of(self, personas: Sequence[Persona]) -> Table:
        """What these personas take, as expected."""
        ask = self.stand_in("expected", Draws(f"{self.seed}/estimate/like"))

        async def all_of() -> None:
            for persona in personas:
                await self.dialogue(persona, ask)

        asyncio.run(all_of())
        return ask.counts


@dataclass(frozen=True)
class UPCMeasuring:
    """What a finished run must be to tell of one to come.

    verb      whose run it is
    wanted    the configuration of the run to come; same: what of it must be that of the finished one
    personas  the personas of a journal that have dialogues, and the models that made these
    """

    verb: str
    wanted: Mapping[str, Any]
    same: Sequence[str]
    personas: Callable[[Journal], list[tuple[Persona, Mapping[str, str]]]]

    def measures(self, journal: Journal, rehearsal: Rehearsal) -> Measures:
        """Raises UserError where it made no dialogue, or with other settings."""
        made, where = journal.config() or {}, str(journal.path)
        known = self.personas(journal)
        if not known:
            remedy = f"Name a run of proutt {self.verb} with some dialogues, or leave --like out."
            raise UserError("this run has made no dialogue: nothing can be measured in it.", where=where, remedy=remedy)
        wanted = self.wanted
        other = [
            f"{name}: {made.get(name)!r} → {wanted[name]!r}" for name in self.same if made.get(name) != wanted[name]
        ]
        if other:
            remedy = "Give the same settings as that run had, or leave --like out."
            raise UserError(f"this run was made with other settings ({'; '.join(other)}).", where=where, remedy=remedy)
        models = ", ".join(dict.fromkeys(known[0][1].values()))
        return measures_of(journal, rehearsal.of([each for each, _ in known]), cases=len(known), model=models)


def estimated(
    rehearsal: Rehearsal,
    personas: Iterable[Persona],
    measuring: UPCMeasuring,
    *,
    prices: Mapping[str, Price] | None,
    like: Journal | None,
    exact: int,
    unmeasured: Sequence[str],
) -> Estimate:
    """The estimate of what is rehearsed. unmeasured: what else it rests on where no run was measured."""
    measures = None if like is None else measuring.measures(like, rehearsal)
    sample = sample_of(personas, lambda _: 1, rehearsal.seed, exact)
    tables = asyncio.run(rehearsed(sample, rehearsal.seed, rehearsal.stand_in, rehearsal.dialogue))
    if measures is not None:
        tables = measures.applied(tables["expected"])
    models = models_of(lambda role: rehearsal.specs[role], tables, shipped_prices() if prices is None else prices, None)
    rests_on = tuple(_rests_on(rehearsal.profile, sample, measures, unmeasured))
    found = estimate_of(sample, tables, models, pilot=None, rests_on=rests_on)
    pace = None if measures is None else measures.seconds_per_call
    return found if pace is None else replace(found, seconds=found.total.calls.times(pace))


@dataclass
class RehearsedRoles:
    """`Ask` of one rehearsed dialogue: what is asked is counted by the stand-in. Texts are of a measured length."""

    ask: StandIn
    persona: Persona
    settings: UPCSettings
    makers: Makers

    async def __call__(self, step: Step[AnswerT], place: str) -> AnswerT:
        said = next(make(self, place) for kind, make in self.makers.items() if isinstance(step, kind))
        text = said["text"] if step.plain else json.dumps(said, ensure_ascii=False)
        self.ask.count_step(step, text)
        answer: Any = SimpleNamespace(
            **{name: SimpleNamespace(**each) if isinstance(each, dict) else each for name, each in said.items()}
        )
        return answer  # type: ignore[no-any-return]

    def text(self, name: str, times: int = 1) -> str:
        return " ".join(self.ask.answers.text(name, self.persona.language) for _ in range(times))

    def score(self, place: str, aspect: str) -> dict[str, Any]:
        """A score that passes, or one that has the response written again: never in the cheap courses, always in the
        dear one, else as often as in Table 3. Relevance decides, so that a response fails once and not three times."""
        first = place.partition("/judge/")[2].split("/")[0] == "0"
        fails = self.ask.course == "high"
        if self.ask.course == "expected" and aspect == ASPECTS[0]:
            name, share = ("first-fails", FIRST_FAILS) if first else ("again-fails", AGAIN_FAILS)
            fails = self.ask.answers.draws.happens(name, share)
        score = max(1, self.settings.threshold - 1) if fails else self.settings.threshold
        return {"reason": self.text("reasoning"), "score": score}


def _spoken(roles: RehearsedRoles, place: str) -> dict[str, Any]:  # noqa: ARG001
    return {"text": roles.text("utterance", 3)}


def _uttered(roles: RehearsedRoles, place: str) -> dict[str, Any]:  # noqa: ARG001
    return {"utterance": roles.text("utterance", 2)}


def _criticised(roles: RehearsedRoles, place: str) -> dict[str, Any]:
    return {**scored(roles, place), "advice": roles.text("utterance")}


def scored(roles: RehearsedRoles, place: str) -> dict[str, Any]:
    """What a critic answers who gives no advice."""
    return {aspect: roles.score(place, aspect) for aspect in ASPECTS}


def _rated(roles: RehearsedRoles, place: str) -> dict[str, Any]:
    return roles.score(place, place.rpartition("/")[2])


def _advised(roles: RehearsedRoles, place: str) -> dict[str, Any]:  # noqa: ARG001
    return {"advice": roles.text("utterance")}


#: Kind of step → what makes up its answer, at a place.
Makers = Mapping[type[Step[Any]], Callable[["RehearsedRoles", str], dict[str, Any]]]
MAKERS: Makers = {
    ChatbotStep: _spoken,
    PersonStep: _uttered,
    upc.Criticise: _criticised,
    small.SmallPersonStep: _uttered,
    small.Rate: _rated,
    small.Advise: _advised,
}


def _personas_of(journal: Journal) -> list[tuple[Persona, Mapping[str, str]]]:
    records = (UPCDialogue.model_validate_json(item.record) for item, _ in journal.items("simulated"))
    return [(each.persona, each.models) for each in records]


def _unmeasured(config: UPCConfig) -> Iterator[str]:
    if config.strategy == "guided":
        yield (
            "A response is written again as often as in the paper's first iteration (37.7 %). Low: never. High: "
            f"each one {config.regenerations} times."
        )
    if config.thinking_tokens:
        yield THINKING


def _rests_on(
    profile: Profile, sample: Sample[Persona], measures: Measures | None, unmeasured: Sequence[str]
) -> Iterator[str]:
    """What the numbers rest on, a sentence or two for each thing."""
    yield "Prompts are the real ones of these personas; all that is said in them is made up."
    yield from sampled_of(sample, "personas", "personas")
    if measures is not None:
        failed = f", in which {measures.failed} personas failed" if measures.failed else ""
        yield (
            f"Expected: calls, answers and how tokens count as in a run of {measures.cases} personas with "
            f"{measures.model}{failed}."
        )
        yield "Low: first draws alone, answers at the lower quartile. High: the upper one, further draws at 95 %."
        if measures.seconds_per_call is not None:
            yield f"Time: at that run's pace, with up to {measures.concurrency} calls in flight."
    else:
        yield (
            f"Expected: how long texts are, and how often a step asks again, as measured on {profile.basis}, which "
            "were no dialogues of this kind. A run measures it: --limit 20 --out PILOT, then --dry-run --like PILOT, "
            "then --reuse PILOT."
        )
        yield from unmeasured
    yield from of_tokens(measured=measures is not None)

"""What a run of UPC will take, before anything is spent; as `runs/estimate.py` says it of pairs.

The method itself is rehearsed over the personas, with a stand-in for all models. How often a critic has a response
written again nobody knows before: expected is what the paper counted in its first iteration (Table 3).
"""

from __future__ import annotations

import json
from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, ClassVar

from proutt.errors import ItemFailed
from proutt.intent.persona import Persona
from proutt.llm import ModelSpec
from proutt.methods.upc.algorithm import simulate_dialogue
from proutt.methods.upc.record import UPCDialogue
from proutt.methods.upc.settings import UPCSettings
from proutt.prediction.estimate_like import Measures, measures_of, refuse_other
from proutt.prediction.rehearsal import RehearsableT, Rehearsal, estimated, profile_of
from proutt.prompts import Role, Step, upc
from proutt.prompts.step import AnswerT
from proutt.prompts.upc import small_question as small
from proutt.prompts.upc.chatbot import ChatbotStep
from proutt.prompts.upc.heard import ASPECTS
from proutt.prompts.upc.user import PersonStep
from proutt.runs.estimate import Estimate
from proutt.runs.estimate_rehearsal import StandIn
from proutt.runs.estimate_sample import EXACT
from proutt.runs.journal import Journal
from proutt.runs.prices import Price
from proutt.simulation.upc.config import UPCConfig
from proutt.simulation.upc.run import steps_of

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
    """What the run will take: `estimated`, over these personas. Raises UserError as that does."""
    decided = config.resolved()
    rehearsal = _Corpus(decided, profile_of(small=bool(decided.small_steps)), decided.settings())
    return estimated(rehearsal, personas, prices=prices, like=like, exact=exact)


@dataclass(frozen=True)
class PersonaRehearsal(Rehearsal[RehearsableT, Persona, Persona]):
    """Dialogues with personas, rehearsed. method: the parameters of their method."""

    about = "Prompts are the real ones of these personas; all that is said in them is made up."
    nouns = ("personas", "personas", "personas")
    #: What must be the same for a run to tell of another, and whose runs these are.
    same: ClassVar[tuple[str, ...]]
    verb: ClassVar[str]

    method: UPCSettings

    @abstractmethod
    async def hold(self, persona: Persona, ask: StandIn) -> None:
        """Have the stand-in asked all that the dialogues with one persona take. Raises ItemFailed where one fails."""

    @abstractmethod
    def dialogues_in(self, journal: Journal) -> Iterable[UPCDialogue]:
        """The dialogues that a run has made."""

    def cases(self, given: Persona) -> tuple[Persona]:
        return (given,)

    async def case(self, case: Persona, ask: StandIn) -> None:
        with suppress(ItemFailed):
            await self.hold(case, ask)

    def measures(self, like: Journal) -> Measures:
        known = {each.persona_id: each for each in self.dialogues_in(like)}  # once, however many repeats there are
        refuse_other(like, self.config, self.same, made=len(known), verb=self.verb, what="dialogue")
        models = ", ".join(dict.fromkeys(next(iter(known.values())).models.values()))
        rehearsed = self.of(each.persona for each in known.values())
        return measures_of(like, rehearsed, cases=len(known), model=models)

    def unmeasured(self) -> Iterator[str]:
        yield (
            f"Expected: how long texts are, and how often a step asks again, as measured on {self.profile.basis}, "
            "which were no dialogues of this kind. A run measures it: --limit 20 --out PILOT, then --dry-run --like "
            "PILOT, then --reuse PILOT."
        )


@dataclass(frozen=True)
class _Corpus(PersonaRehearsal[UPCConfig]):
    """Algorithm 1, rehearsed."""

    same = ("strategy", "turns", "regenerations", "threshold", "small_steps")
    verb = "simulate upc"

    @property
    def specs(self) -> dict[Role, ModelSpec]:
        return {role: self.config.spec(role) for role in self.config.roles_asked}

    async def hold(self, persona: Persona, ask: StandIn) -> None:
        steps = steps_of(self.method, RehearsedRoles(ask, persona, self.method, MAKERS))
        await simulate_dialogue(persona, settings=self.method, steps=steps)

    def dialogues_in(self, journal: Journal) -> Iterable[UPCDialogue]:
        return (UPCDialogue.model_validate_json(item.record) for item, _ in journal.items("simulated"))

    def unmeasured(self) -> Iterator[str]:
        yield from super().unmeasured()
        if self.config.strategy == "guided":
            yield (
                "A response is written again as often as in the paper's first iteration (37.7 %). Low: never. High: "
                f"each one {self.config.regenerations} times."
            )


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

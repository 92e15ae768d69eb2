"""What an evaluation of UPC will take, before anything is spent: its dialogues are rehearsed over the test personas."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from proutt.evaluation.upc.agents import agents_of
from proutt.evaluation.upc.config import ROLES, UPCEvaluateConfig
from proutt.evaluation.upc.evaluating import chatbot_of
from proutt.evaluation.upc.record import UPCEvaluated
from proutt.evaluation.upc.talking import talk
from proutt.intent.persona import Persona
from proutt.llm import ModelSpec
from proutt.methods.upc.record import UPCDialogue
from proutt.prediction.rehearsal import estimated, profile_of
from proutt.prompts import Role
from proutt.prompts.upc import Score
from proutt.prompts.upc_evaluation import RespondByPlan
from proutt.runs.estimate import Estimate, context_tokens_of
from proutt.runs.estimate_rehearsal import StandIn
from proutt.runs.estimate_sample import EXACT
from proutt.runs.journal import Journal
from proutt.runs.prices import Price
from proutt.simulation.upc.estimate import MAKERS, PersonaRehearsal, RehearsedRoles, scored


def estimate(
    config: UPCEvaluateConfig,
    personas: Iterable[Persona],
    *,
    prices: Mapping[str, Price] | None = None,
    like: Journal | None = None,
    exact: int = EXACT,
) -> Estimate:
    """What the evaluation will take: `estimated`, over the test personas. Raises UserError as that does.

    like: the journal of an evaluation of the same models and settings. Calls that measure perplexity are not counted.
    """
    decided = config.resolved()
    rehearsal = _Evaluation(decided, profile_of(small=bool(decided.small_steps)), decided.settings())
    return estimated(rehearsal, personas, prices=prices, like=like, exact=exact)


@dataclass(frozen=True)
class _Evaluation(PersonaRehearsal[UPCEvaluateConfig]):
    """The evaluation, rehearsed."""

    same = ("baseline", "turns", "repeats", "small_steps")
    verb = "evaluate upc"

    @property
    def specs(self) -> dict[Role, ModelSpec]:
        return {role: self.config.spec(role) for role in ROLES}

    async def hold(self, persona: Persona, ask: StandIn) -> None:
        for repeat in range(1, self.config.repeats + 1):
            roles = RehearsedRoles(ask, persona, self.method, _MAKERS)
            chatbot = chatbot_of(self.config, roles, persona, context_tokens_of(self.specs[ROLES[0]]))
            await talk(f"{persona.id}/{repeat}", persona, self.method, chatbot, agents_of(self.method, roles))

    def dialogues_in(self, journal: Journal) -> Iterable[UPCDialogue]:
        return (UPCEvaluated.model_validate_json(item.record).dialogue for item, _ in journal.items("evaluated"))

    def unmeasured(self) -> Iterator[str]:
        yield from super().unmeasured()
        if self.config.perplexity_model is not None:
            yield "The calls that measure perplexity are not counted."


def _planned(roles: RehearsedRoles, place: str) -> dict[str, Any]:  # noqa: ARG001
    return {"state": roles.text("reasoning"), "plan": roles.text("reasoning"), "reply": roles.text("utterance", 3)}


_MAKERS = {RespondByPlan: _planned, Score: scored, **MAKERS}

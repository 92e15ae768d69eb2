"""What an evaluation of UPC will take, before anything is spent: its dialogues are rehearsed over the test personas."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from proutt.evaluation.upc.agents import agents_of
from proutt.evaluation.upc.config import ROLES, UPCEvaluateConfig
from proutt.evaluation.upc.evaluating import chatbot_of
from proutt.evaluation.upc.record import UPCEvaluated
from proutt.evaluation.upc.talking import talk
from proutt.intent.persona import Persona
from proutt.prompts.upc import Score
from proutt.prompts.upc_evaluation import RespondByPlan
from proutt.runs.estimate import Estimate, context_tokens_of
from proutt.runs.estimate_basis import THINKING
from proutt.runs.estimate_large import LARGE
from proutt.runs.estimate_measured import MEASURED
from proutt.runs.estimate_rehearsal import StandIn
from proutt.runs.estimate_sample import EXACT
from proutt.runs.journal import Journal
from proutt.runs.prices import Price
from proutt.simulation.upc.estimate import MAKERS, Rehearsal, RehearsedRoles, UPCMeasuring, estimated, scored

#: What must be the same for an evaluation to tell of another.
_SAME = ("baseline", "turns", "repeats", "small_steps")


def estimate(
    config: UPCEvaluateConfig,
    personas: Iterable[Persona],
    *,
    prices: Mapping[str, Price] | None = None,
    like: Journal | None = None,
    exact: int = EXACT,
) -> Estimate:
    """What the evaluation will take, as `proutt.simulation.upc.estimate.estimate` says it of a corpus.

    like: the journal of an evaluation of the same models and settings. Calls that measure perplexity are not counted.
    Not to be called while an event loop runs. Raises UserError where `like` can't tell of this evaluation.
    """
    decided = config.resolved()
    settings = decided.settings()
    chatbot_tokens = context_tokens_of(decided.spec(ROLES[0]))

    async def hold(persona: Persona, ask: StandIn) -> None:
        for repeat in range(1, decided.repeats + 1):
            roles = RehearsedRoles(ask, persona, settings, _MAKERS)
            chatbot = chatbot_of(decided, roles, persona, chatbot_tokens)
            await talk(f"{persona.id}/{repeat}", persona, settings, chatbot, agents_of(settings, roles))

    specs = {role: decided.spec(role) for role in ROLES}
    profile = replace(MEASURED if decided.small_steps else LARGE, foreign=True)
    measuring = UPCMeasuring("evaluate upc", decided.model_dump(mode="json"), _SAME, _personas_of)
    return estimated(
        Rehearsal(specs, decided.seed, profile, hold), personas, measuring,
        prices=prices, like=like, exact=exact, unmeasured=tuple(_unmeasured(decided)),
    )  # fmt: skip


def _personas_of(journal: Journal) -> list[tuple[Persona, Mapping[str, str]]]:
    """A persona, and the models that its dialogues were made with; once, however many repeats it has."""
    found = {}
    for item, _ in journal.items("evaluated"):
        dialogue = UPCEvaluated.model_validate_json(item.record).dialogue
        found[dialogue.persona_id] = (dialogue.persona, dialogue.models)
    return list(found.values())


def _unmeasured(config: UPCEvaluateConfig) -> Iterator[str]:
    if config.perplexity_model is not None:
        yield "The calls that measure perplexity are not counted."
    if config.thinking_tokens:
        yield THINKING


def _planned(roles: RehearsedRoles, place: str) -> dict[str, Any]:  # noqa: ARG001
    return {"state": roles.text("reasoning"), "plan": roles.text("reasoning"), "reply": roles.text("utterance", 3)}


_MAKERS = {RespondByPlan: _planned, Score: scored, **MAKERS}

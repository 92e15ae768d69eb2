"""Evaluated dialogues as an evaluation stores them."""

from __future__ import annotations

from proutt.evaluation.upc.record import ChatbotFailure, Likelihood, UPCEvaluated
from proutt.intent.persona import Persona
from proutt.methods.record import UsageRecord
from proutt.methods.upc.record import AspectRecord, AttemptRecord, ScoresRecord, UPCTurn
from proutt.methods.upc.settings import UPCSettings
from proutt.methods.upc.simulated import Simulated, record_of

USAGE = UsageRecord(calls=0, prompt_tokens=0, completion_tokens=0)


def evaluated(
    persona: str, *scores: tuple[int, int, int], system: str = "ours", critic: str = "c", group: str | None = None,
    repeat: int = 1, turns: int = 3, background: str = "Keeps bees.", nll: tuple[tuple[int, float], ...] = (),
) -> UPCEvaluated:  # fmt: skip
    """A dialogue whose responses have these scores (relevance, value, interest); fewer than turns - 1: the chatbot
    failed. nll: tokens and negative log likelihood of each response."""
    made = [
        UPCTurn(
            attempts=[AttemptRecord(utterance=f"Response {at}.", scores=_scores(*each))],
            kept=0, ended="passed", user="Well.",
        )
        for at, each in enumerate(scores)
    ]  # fmt: skip
    who = Persona(persona, "Ada Lo", background, "en", group)
    simulated = Simulated(who, UPCSettings(turns=turns), "Hello!", "I'm Ada.", tuple(made))
    models = {"assistant-agent": system, "user-agent": "u", "critic": critic}
    failed = len(made) < turns - 1
    return UPCEvaluated(
        system=system,
        baseline="plain",
        repeat=repeat,
        turns=turns,
        dialogue=record_of(simulated, models=models, usage=USAGE, usage_by_module={}),
        failure=ChatbotFailure(turn=len(made) + 2, reason="empty", message="said nothing") if failed else None,
        perplexity=[Likelihood(tokens=tokens, nll=value) for tokens, value in nll] or None,
        perplexity_model="p" if nll else None,
    )


def _scores(relevance: int, value: int, interest: int) -> ScoresRecord:
    numbers = {"relevance": relevance, "value": value, "interest": interest}
    return ScoresRecord(**{name: AspectRecord(score=score, reason="So.") for name, score in numbers.items()})

"""UPC dialogues for tests: responses that were written again or not, unguided ones, hostile text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from proutt.intent.persona import Persona
from proutt.methods.record import UsageRecord
from proutt.methods.upc.record import AspectRecord, AttemptRecord, ScoresRecord, UPCDialogue, UPCTurn
from proutt.methods.upc.settings import UPCSettings
from proutt.methods.upc.simulated import Simulated, record_of
from proutt.prompts.upc.heard import ASPECTS

#: Words of the background that nobody says.
CANARIES = ("Ljubljana", "harpsichord", "falconry")
#: What the critic wrote, none of which anybody but a reader of the record may see.
REASON, ADVICE, WITHHELD = "So it reads to me.", "Ask about their mornings.", "They love falconry."

Triple = tuple[int, int, int]


def scores_of(triple: Triple) -> ScoresRecord:
    found = {name: AspectRecord(score=each, reason=REASON) for name, each in zip(ASPECTS, triple, strict=True)}
    return ScoresRecord(**found)


def a_turn(*attempts: tuple[str, Triple | None], kept: int = -1, user: str = "I see.", **over: Any) -> UPCTurn:
    """A turn of these attempts, each with its scores; the last one is said where `kept` does not say otherwise."""
    made = [
        AttemptRecord(
            utterance=text,
            scores=None if triple is None else scores_of(triple),
            advice=ADVICE if at + 1 < len(attempts) else None,
            withheld=[WITHHELD] if at + 1 < len(attempts) else [],
        )
        for at, (text, triple) in enumerate(attempts)
    ]
    ended = "unguided" if attempts[0][1] is None else "passed"
    return UPCTurn(**{"attempts": made, "kept": kept % len(made), "ended": ended, "user": user, **over})


#: Scores that pass at once; and a response that was written again, so that it is easy by either reading.
EASY = (a_turn(("Which season is busy?", (3, 3, 3)), ("Spring must be busy. What comes first?", (4, 4, 4))),)


def a_chat(
    persona_id: str = "bee",
    turns: Sequence[UPCTurn] = EASY,
    said: tuple[str, str] = ("Hello! Who are you?", "I'm Quillon."),
    language: str = "en",
    **over: Any,
) -> UPCDialogue:
    """A dialogue with the beekeeper. said: greeting and introduction; over: further fields of the record."""
    persona = Persona(
        persona_id,
        "Quillon Zabriskie",
        f"Quillon Zabriskie keeps bees near {CANARIES[0]}, mends a {CANARIES[1]} and loves {CANARIES[2]}. Number "
        f"{persona_id}.",
        language,
        "61",
        "personas.jsonl:1",
    )
    strategy: Mapping[str, Any] = {"strategy": "unguided" if turns and turns[0].ended == "unguided" else "guided"}
    made = Simulated(persona, UPCSettings(turns=max(len(turns), 1) + 1, **strategy), *said, tuple(turns))
    usage = UsageRecord(calls=3, prompt_tokens=100, completion_tokens=20)
    record = record_of(made, models={"assistant-agent": "m"}, usage=usage, usage_by_module={"respond": usage})
    return record.model_copy(update=over)

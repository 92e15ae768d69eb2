"""Small dialogues of UPC with two attempts at each response: a short one and a longer one, equally good."""

from __future__ import annotations

from pathlib import Path

from proutt.intent.persona import Persona
from proutt.methods.record import UsageRecord
from proutt.methods.upc.record import AspectRecord, AttemptRecord, ScoresRecord, UPCDialogue, UPCTurn
from proutt.methods.upc.settings import UPCSettings
from proutt.methods.upc.simulated import Simulated, record_of
from proutt.prompts.upc.heard import ASPECTS
from runs.command import written

#: By turn: what both attempts begin with. "granite" is good.
_BEGINNINGS = ("Granite lasts", "Weather goes")


def scored(relevance: int, value: int, interest: int) -> ScoresRecord:
    numbers = zip(ASPECTS, (relevance, value, interest), strict=True)
    return ScoresRecord(**{name: AspectRecord(score=each, reason="So.") for name, each in numbers})


def upc_dialogue(number: int, *, chatbot: str, mark: str, group: str = "11") -> UPCDialogue:
    """The dialogue with persona `number`. mark: a word in all that the chatbot says, by which its hand is known."""
    background = f"Person{number} lays stone, {number + 20} years in a quarry, and reads at night."
    persona = Persona(f"p{number}", f"Person{number}", background, "en", group, f"personas.jsonl:{number + 1}")
    turns = []
    for beginning in _BEGINNINGS:
        short = f"{beginning} {mark}, number {'i' * (number + 1)}."
        long = f"{beginning} {mark}, number {'i' * (number + 1)}, and so on it goes."
        attempts = [
            AttemptRecord(utterance=short, scores=scored(3, 2, 2), advice="More."),
            AttemptRecord(utterance=long, scores=scored(4, 4, 2)),
        ]
        turns.append(UPCTurn(attempts=attempts, kept=1, ended="most-regenerations", user=f"Yes, {beginning}."))
    usage = UsageRecord(calls=0, prompt_tokens=0, completion_tokens=0)
    models = {"assistant-agent": f"{chatbot} @ http://here/v1", "critic": "old-critic @ http://here/v1"}
    made = Simulated(persona, UPCSettings(turns=3), "Hello!", f"I'm Person{number}.", tuple(turns))
    return record_of(made, models=models, usage=usage, usage_by_module={})


def run_of(folder: Path, personas: int, *, chatbot: str, mark: str) -> Path:
    """A folder as `proutt simulate upc` leaves it."""
    folder.mkdir(parents=True)
    dialogues = (upc_dialogue(number, chatbot=chatbot, mark=mark) for number in range(personas))
    written(folder / "dialogues.jsonl", (each.model_dump(mode="json") for each in dialogues))
    return folder

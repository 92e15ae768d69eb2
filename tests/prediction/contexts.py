"""Contexts, completions and scripted models that more than one file of this room's tests use."""

from __future__ import annotations

from random import Random

from proutt.dialogue import Context, Dialogue, Turn
from proutt.llm import ScriptedModel
from proutt.prediction.asking import ModelAsking

TURNS = (
    Turn("I want to visit Lyon in May.", "Good choice; two days are enough for the old town."),
    Turn("我想住在老城。", "There are hotels in every price range."),
)
CONTEXT = Context("trip", "en", TURNS)
DIALOGUE = Dialogue("trip", (*TURNS, Turn("CANARY-NEXT is a hotel?", "CANARY-LATER is one.")), "en", source="c.jsonl:1")
SAID = ("Which hotel is quiet?", "Show me trains from Geneva.", "I would eat fish.", "Who can mind my dog?")


def completion(said: tuple[str, ...] = SAID) -> str:
    """A completion in the canonical layout, with these utterances."""
    predictions = "\n".join(f"<predict>{each}</predict>" for each in said)
    return f"<think>\n{REASONING}\n</think>\n\nThe user will most likely say one of these next:\n{predictions}"


REASONING = """First, I lay out what the user has wanted so far as a tree of topics, attributes and values.
[User Intent Tree]:
Trip {
    City: Lyon,
    Hotel
}

Next, I work out which type of sentence the user will say next.
[Sentence Type Analysis]: Much is open. Therefore the sentence type of the user's next utterance is most likely \
interrogative.

Finally, I work out what the user may say, from the perspectives of exploitation and exploration.
[Exploitation Analysis]: The user may go further with what was talked about.
- The hotel is open. The intent path is Trip → Hotel - quiet
- So is the way there. The intent path is Trip → Train

[Exploration Analysis]: The user may also turn to something new that is close to it.
- One has to eat. The intent path is Food → Dinner - fish
- And the dog stays. The intent path is Dog → Sitter"""


def asking(model: ScriptedModel) -> ModelAsking:
    return ModelAsking(lambda _: model, seed=0)


def chance(what: str) -> Random:
    return Random(what)

"""A UPC dialogue as training text: what the chatbot saw when it spoke, and what it said.

The prompt is the chatbot's own question, made by the step that asked it: in the next iteration the trained chatbot is
asked what it learnt from. Its opening, a user's line that says that somebody came, stands before the greeting; so no
row begins with the assistant, which LLaMA-Factory would drop. Of a turn the reply that was said is learnt. A preference
pair sets it against the first attempt; the critic's feedback is in no prompt, for users give none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Literal

from proutt.errors import UserError
from proutt.export.dialogue_rows import takers
from proutt.export.example import Example
from proutt.export.formats import FORMATS
from proutt.export.neutral import neutral
from proutt.export.reading.textpair import Message, TextPair
from proutt.methods.upc.record import UPCDialogue, UPCTurn
from proutt.prompts.template import template
from proutt.prompts.upc import Heard, Respond

#: "chatbot": the system message that the chatbot was made with; "none": only the opening line
UPCInstruction = Literal["chatbot", "none"]
#: "whole": a row for a dialogue; "answers": for each reply; "pairs": for each reply that was preferred to the first one
UPCRows = Literal["whole", "answers", "pairs"]

#: The texts that a prompt has besides what was said.
_TEXTS = ("upc/system_chatbot", "upc/greet")


@dataclass(frozen=True, slots=True)
class UPCForm:
    """What rows a dialogue becomes."""

    rows: UPCRows = "whole"
    instruction: UPCInstruction = "chatbot"


def rows_of(format: str) -> UPCRows:
    """What a format gets: whole dialogues where every answer of one is learnt, else a row for each.

    Raises UserError of a format that wants records of pairs.
    """
    target = FORMATS[format]
    if target.records:
        raise UserError(
            f"{format} wants the record of a preference pair, and UPC's dialogues have none.",
            where="--to",
            remedy=f"Export SFT rows ({', '.join(takers('whole'))}) or pairs (trl-preference).",
        )
    if target.preference:
        return "pairs"
    return "whole" if "whole" in target.dialogues else "answers"


def check_whole(format: str) -> None:
    """Raise UserError where a format has no rows of whole dialogues."""
    if rows_of(format) != "whole":
        raise UserError(
            f"{format} learns one reply a row, so earlier ones of a whole dialogue would not be learnt.",
            where="--whole-dialogues",
            remedy=f"Leave the option out, or export one of {', '.join(takers('whole'))}.",
        )


def preferred(turn: UPCTurn) -> bool:
    """Whether the critic preferred the reply that was said to the first attempt: its scores sum up to more."""
    first, said = turn.first_scores, turn.scores
    return turn.kept > 0 and first is not None and said is not None and said.total > first.total


def examples_of(dialogue: UPCDialogue, form: UPCForm) -> list[Example]:
    """The rows of a dialogue, in the order of its turns; K counts the chatbot's utterances, the greeting first."""
    if form.rows == "pairs":
        return list(_pairs(dialogue, form))
    said = dialogue.utterances[:-1]  # nobody answers the user's last words
    if form.rows == "whole":
        return [Example(_texts(dialogue, form, dialogue.persona_id, said[:-1], said[-1]))]
    return [
        Example(_texts(dialogue, form, _name(dialogue, at), said[:at], said[at]), last_only=True)
        for at in range(0, len(said), 2)
    ]


def _pairs(dialogue: UPCDialogue, form: UPCForm) -> Iterator[Example]:
    said = dialogue.utterances
    for number, turn in enumerate(dialogue.turns, start=1):
        if preferred(turn):
            at, first = 2 * number, turn.attempts[0].utterance
            yield Example(_texts(dialogue, form, _name(dialogue, at), said[:at], said[at], first), last_only=True)


def _name(dialogue: UPCDialogue, at: int) -> str:
    return f"{dialogue.persona_id}:{at // 2 + 1}"


def _texts(
    dialogue: UPCDialogue, form: UPCForm, name: str, heard: tuple[str, ...], said: str, rejected: str | None = None
) -> TextPair:
    """heard: what was said before; said: what is learnt."""
    asked = Respond(heard=Heard(dialogue.language, heard), heat=Respond.temperature).messages()
    return TextPair(
        id=name,
        where=dialogue.source,
        messages=tuple(
            Message(each.role, neutral(each.content))
            for each in asked
            if form.instruction == "chatbot" or each.role != "system"
        ),
        chosen=neutral(said),
        rejected=None if rejected is None else neutral(rejected),
        dialogue_id=dialogue.persona_id,
        k=len(heard) // 2 + 1,
        language=dialogue.language,
    )


@cache
def upc_instruction_version() -> str:
    """A short hash of the chatbot's instruction and opening line: it changes when either does."""
    texts = "\0".join(template(name, language) for name in _TEXTS for language in ("en", "zh"))
    return sha256(texts.encode()).hexdigest()[:12]

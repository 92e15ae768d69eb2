"""Dialogues of `proutt simulate synpt`: what was said in them; what their agents thought is not read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

from proutt.dialogue.raw import RawDialogue, RawMessage, Speaker, bad_record
from proutt.dialogue.readers.fields import id_text


def recognises_synpt(value: Any) -> bool:
    return isinstance(value, Mapping) and {"seed_id", "turns", "inquiry"} <= set(value)


def read_synpt(value: Any) -> RawDialogue:
    """The dialogue of such a record. Raises ItemFailed where a turn is none."""
    turns = value.get("turns") if recognises_synpt(value) else None
    if not isinstance(turns, list):
        raise bad_record("not-a-dialogue", "it is no dialogue of proutt simulate synpt.")
    messages: list[RawMessage] = []
    for number, turn in enumerate(turns, start=1):
        messages.append(RawMessage(Speaker.USER, _text(turn, number, "user", "utterance")))
        messages.append(RawMessage(Speaker.ASSISTANT, _text(turn, number, "assistant", "reply")))
    return RawDialogue(id_text(value["seed_id"]), tuple(messages), None, Counter())


def _text(turn: Any, number: int, speaker: str, field: str) -> str:
    said = turn.get(speaker) if isinstance(turn, Mapping) else None
    text = said.get(field) if isinstance(said, Mapping) else None
    if not isinstance(text, str):
        raise bad_record("bad-message", f'turn {number} has no text at "{speaker}.{field}".')
    return text

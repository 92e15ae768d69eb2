"""Preference rows of other tools: a prompt, a completion to learn and one to unlearn. Pure.

Two functions for each shape: does a row look like it, and what does it say. `formats.py` has the names.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from proutt.dialogue.raw import Speaker, bad_record
from proutt.dialogue.readers.fields import ROLE_KEYS
from proutt.dialogue.readers.speakers import SPEAKERS
from proutt.dialogue.sources.sniffing import MESSAGE_KEYS
from proutt.export.neutral import without_surrogates
from proutt.export.reading.messages import completion_of, joined, messages_of, prompt_of, system_first
from proutt.export.reading.textpair import Message

#: columns that hold an instruction, beside `input` that goes with it
QUESTION_KEYS = ("instruction", "question", "query")
#: the last place where a transcript hands over to the assistant
_HANDOVER = re.compile(r"(?:^|\n)(?:Assistant|ASSISTANT|助手)\s*[:：] ?")


@dataclass(frozen=True, slots=True)
class Parts:
    """What a row says. rejected: None in SFT data."""

    messages: tuple[Message, ...]
    chosen: str
    rejected: str | None = None


def has_sides(row: Mapping[str, Any]) -> bool:
    """Whether a row holds both completions under TRL's names."""
    return "chosen" in row and "rejected" in row


def message_column(row: Mapping[str, Any]) -> str | None:
    """The column that holds a list of messages, if there is one."""
    return next((key for key in MESSAGE_KEYS if isinstance(row.get(key), list)), None)


def looks_explicit(row: Mapping[str, Any]) -> bool:
    """TRL: `prompt` beside both sides."""
    return has_sides(row) and "prompt" in row and not _is_conversation(row["chosen"])


def read_explicit(row: Mapping[str, Any]) -> Parts:
    """`prompt`, `chosen`, `rejected`: texts, or lists of messages."""
    messages = system_first(row, prompt_of(row.get("prompt"), "prompt"))
    return Parts(messages, *_sides(row))


def looks_implicit(row: Mapping[str, Any]) -> bool:
    """TRL without a prompt, axolotl ORPO: both sides are whole conversations."""
    return has_sides(row) and (_is_conversation(row["chosen"]) or not _has_prompt(row))


def read_implicit(row: Mapping[str, Any]) -> Parts:
    """The prompt is what both sides begin with: whole messages, or text up to the last handover to the assistant."""
    chosen, rejected = row.get("chosen"), row.get("rejected")
    if isinstance(chosen, str) and isinstance(rejected, str):
        prompt = _shared_text(chosen, rejected)
        texts = (without_surrogates(text[len(prompt) :]) for text in (chosen, rejected))
        return Parts((Message("user", without_surrogates(prompt)),), *texts)
    if not (isinstance(chosen, list) and isinstance(rejected, list)):
        raise bad_record("bad-row", '"chosen" and "rejected" are not both texts or both lists of messages.')
    sides = messages_of(chosen, "chosen"), messages_of(rejected, "rejected")
    shared = min(_shared(*sides), *(len(side) - 1 for side in sides))
    if shared < 1:
        raise bad_record("bad-row", "chosen and rejected have no first message in common: there is no prompt.")
    one, other = (side[shared:] for side in sides)
    return Parts(system_first(row, sides[0][:shared]), _as_text(one), _as_text(other))


def looks_ranked(row: Mapping[str, Any]) -> bool:
    """LLaMA-Factory and axolotl: a list of messages beside both sides."""
    return has_sides(row) and message_column(row) is not None


def read_ranked(row: Mapping[str, Any]) -> Parts:
    """`conversations` (or `messages`), and `chosen` and `rejected` as one message each."""
    column = message_column(row)
    if column is None or not row[column]:
        raise bad_record("bad-row", 'it has no messages under "conversations" or "messages".')
    return Parts(system_first(row, messages_of(row[column], column)), *_sides(row))


def looks_alpaca(row: Mapping[str, Any]) -> bool:
    """LLaMA-Factory's alpaca form with a ranking, and its like: an instruction beside both sides."""
    return has_sides(row) and any(isinstance(row.get(key), str) for key in QUESTION_KEYS)


def read_alpaca(row: Mapping[str, Any]) -> Parts:
    """`instruction` (and `input`, `history`), and both sides as texts."""
    return Parts(alpaca_prompt(row), *_sides(row))


def alpaca_prompt(row: Mapping[str, Any]) -> tuple[Message, ...]:
    """System prompt, earlier rounds, and the instruction with its input, as LLaMA-Factory puts them together."""
    asked = [row[key] for key in (*QUESTION_KEYS, "input") if isinstance(row.get(key), str) and row[key]]
    if not asked:
        raise bad_record("bad-row", 'it has no text under "instruction".')
    history = row.get("history") or []
    if not isinstance(history, list):
        raise bad_record("bad-row", '"history" is no list of rounds.')
    earlier: list[Message] = []
    for turn in history:
        if not (isinstance(turn, list) and len(turn) == 2 and all(isinstance(text, str) for text in turn)):
            raise bad_record("bad-row", '"history" is no list of rounds, each with what was asked and answered.')
        earlier += [
            Message(role, without_surrogates(text)) for role, text in zip(("user", "assistant"), turn, strict=True)
        ]
    return system_first(row, (*earlier, Message("user", without_surrogates("\n".join(asked)))))


def looks_openai(row: Mapping[str, Any]) -> bool:
    """OpenAI, Together, Fireworks."""
    return "preferred_output" in row and "non_preferred_output" in row


def read_openai(row: Mapping[str, Any]) -> Parts:
    """`input.messages`, `preferred_output`, `non_preferred_output`."""
    asked = row.get("input")
    if not isinstance(asked, dict) or not isinstance(asked.get("messages"), list) or not asked["messages"]:
        raise bad_record("bad-row", '"input" has no "messages".')
    names = ("preferred_output", "non_preferred_output")
    return Parts(
        messages_of(asked["messages"], "input.messages"), *(completion_of(row.get(name), name) for name in names)
    )


def _sides(row: Mapping[str, Any]) -> tuple[str, str]:
    return completion_of(row.get("chosen"), "chosen"), completion_of(row.get("rejected"), "rejected")


def _has_prompt(row: Mapping[str, Any]) -> bool:
    return any(row.get(key) is not None for key in ("prompt", *QUESTION_KEYS, *MESSAGE_KEYS))


def _is_conversation(side: Any) -> bool:
    """A list of messages that somebody other than the assistant begins."""
    if not (isinstance(side, list) and len(side) > 1 and isinstance(side[0], dict)):
        return False
    name = next((side[0][key] for key in ROLE_KEYS if key in side[0]), None)
    return isinstance(name, str) and SPEAKERS.get(name.strip().casefold()) in {Speaker.USER, Speaker.SYSTEM}


def _as_text(messages: tuple[Message, ...]) -> str:
    return messages[0].content if len(messages) == 1 else joined(messages)


def _shared_text(chosen: str, rejected: str) -> str:
    """What both transcripts begin with, cut where the assistant takes over; without a handover, after a whole word."""
    shared = chosen[: _shared(chosen, rejected)]
    handovers = [match.end() for match in _HANDOVER.finditer(shared)]
    if handovers:
        return shared[: handovers[-1]]
    return shared[: len(shared) - len(re.split(r"\s", shared)[-1])]


def _shared(one: Sequence[object], other: Sequence[object]) -> int:
    """How many elements both begin with."""
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (left, right) in pairs if left != right), min(len(one), len(other)))

"""SFT rows of other tools: a prompt and the one completion to learn. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from proutt.dialogue.raw import bad_record
from proutt.export.reading.messages import completion_of, messages_of, prompt_of, system_first
from proutt.export.reading.preference import QUESTION_KEYS, Parts, alpaca_prompt, message_column

#: where alpaca rows and their like keep the answer
_ANSWER_KEYS = ("output", "response", "answer")


def looks_like_completion(row: Mapping[str, Any]) -> bool:
    """TRL SFT."""
    return "prompt" in row and "completion" in row


def read_completion(row: Mapping[str, Any]) -> Parts:
    """`prompt` and `completion`: texts, or lists of messages."""
    messages = system_first(row, prompt_of(row.get("prompt"), "prompt"))
    return Parts(messages, completion_of(row.get("completion"), "completion"))


def looks_like_messages(row: Mapping[str, Any]) -> bool:
    """TRL, axolotl, OpenAI SFT (`messages`), LLaMA-Factory and Unsloth (`conversations`)."""
    return message_column(row) is not None


def read_messages(row: Mapping[str, Any]) -> Parts:
    """A dialogue that ends with the assistant: its last message is the completion, all before it the prompt."""
    column = message_column(row)
    if column is None:
        raise bad_record("bad-row", 'it has no list of messages under "messages" or "conversations".')
    messages = messages_of(row[column], column)
    if len(messages) < 2 or messages[-1].role != "assistant":
        raise bad_record("bad-row", f'"{column}" does not end with an answer of the assistant to a message before it.')
    return Parts(system_first(row, messages[:-1]), messages[-1].content)


def looks_like_alpaca(row: Mapping[str, Any]) -> bool:
    """Alpaca and its like: an instruction and an answer, both texts."""
    return any(isinstance(row.get(key), str) for key in QUESTION_KEYS) and _answer(row) is not None


def read_alpaca_sft(row: Mapping[str, Any]) -> Parts:
    """`instruction` (and `input`, `history`) and `output`."""
    answer = _answer(row)
    if answer is None:
        raise bad_record("bad-row", 'it has no text under "output".')
    return Parts(alpaca_prompt(row), completion_of(answer, "output"))


def _answer(row: Mapping[str, Any]) -> str | None:
    return next((row[key] for key in _ANSWER_KEYS if isinstance(row.get(key), str)), None)

"""From the messages of a request to a dialogue in normal form. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from proutt.dialogue import Context, Dialogue, language_code
from proutt.dialogue.language import language_of
from proutt.dialogue.normal import normal_form
from proutt.dialogue.readers.messages import read_messages
from proutt.errors import ItemFailed, ProuttError, UserError
from proutt.serving.shapes import ChatMessage

#: Rounds, from the last one, that tell the chat's language.
_TELLING_ROUNDS = 3


class Refused(ProuttError):
    """The request can't be done, and its sender can mend it: an HTTP status, a slug, a sentence."""

    def __init__(self, status: int, code: str, message: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(message)
        self.status, self.code, self.message, self.retry_after_s = status, code, message, retry_after_s


@dataclass(frozen=True, slots=True)
class Nothing:
    """Why there is nothing to suggest in a chat, whoever is asked."""

    reason: str


def dialogue_of(messages: Sequence[ChatMessage]) -> Dialogue | None:
    """The chat in normal form, its language not yet told; None where the user says nothing. Raises Refused."""
    try:
        raw = read_messages([each.model_dump() for each in messages])
        return normal_form(raw, id="chat").dialogue
    except ItemFailed as error:
        if error.reason == "no-user-utterance":
            return None
        raise Refused(422, error.reason, error.message) from None


def context_of(messages: Sequence[ChatMessage], language: str | None) -> Context | Nothing:
    """D^(K) of a chat, or why it has none: it must hold a round, and its last word must be the assistant's.

    language  of the chat, where the sender names it. Raises Refused.
    """
    code = None if language is None else _code(language)
    dialogue = dialogue_of(messages)
    if dialogue is None or not dialogue.utterances:
        return Nothing("no-round")
    if dialogue.last_utterance is not None:
        return Nothing("no-answer-yet")
    turns = dialogue.turns
    last = turns[-_TELLING_ROUNDS:]  # a user may have changed to another one
    spoken = code or language_of([turn.user for turn in last], (turn.assistant for turn in last))
    return replace(dialogue, language=spoken).context(len(turns))


def _code(language: str) -> str:
    try:
        return language_code(language)
    except UserError as error:
        raise Refused(422, "language", f"language: {error.message}") from None

"""The assistant's side of a chat: messages in, its answer out as it comes, without its thinking."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass

from proutt.dialogue import Context
from proutt.llm import ChatModel, Message, Request, Sampling, streamed, without_reasoning
from proutt.prediction.fitting import fitted, room_for
from proutt.serving.chats import Refused, dialogue_of
from proutt.serving.shapes import ChatMessage

_TEMPERATURE = 0.7
_FRAME_TOKENS = 300
#: A "<" among the last so many characters may begin the tag of a thought.
_TAG = 16


@dataclass(frozen=True, slots=True)
class Said:
    """What the assistant says. text: so far, or all of it; finish: None while it goes on."""

    text: str
    finish: str | None = None


def asked_of(messages: Sequence[ChatMessage], context_tokens: int, answer_tokens: int, seed: int) -> Request:
    """The call for the assistant's next answer: the last rounds that fit, system messages before. Raises Refused."""
    dialogue = dialogue_of(messages)
    if dialogue is None or dialogue.last_utterance is None:
        raise Refused(422, "no-question", "The chat does not end with the user, so there is nothing to answer.")
    room = min(answer_tokens, context_tokens // 2)
    most = room_for(context_tokens, room, _FRAME_TOKENS)
    system = [] if dialogue.system is None else [Message("system", dialogue.system[:most])]
    last = Message("user", dialogue.last_utterance)
    earlier: list[Message] = []
    if dialogue.turns:
        seen = fitted(Context("chat", "und", dialogue.turns), most // 2)
        earlier = [
            each for turn in seen.turns for each in (Message("user", turn.user), Message("assistant", turn.assistant))
        ]
    sampling = Sampling(room, _TEMPERATURE, seed=seed + len(dialogue.turns))
    return Request((*system, *earlier, last), sampling, step="chat", role="assistant")


async def answered(model: ChatModel, request: Request) -> AsyncGenerator[Said, None]:
    """What the assistant says so far, again and again, at last with how it ended. Raises ModelError."""
    text, shown, finish = "", "", "stop"
    async with aclosing(streamed(model, request)) as pieces:
        async for piece in pieces:
            text += piece.text
            finish = piece.finish or finish
            sure = _sure(text)
            if sure != shown:
                shown = sure
                yield Said(shown)
    yield Said(without_reasoning(text), finish)


def _sure(text: str) -> str:
    """The text without its thinking, and without an end that may become the tag of a thought."""
    tail = text.rfind("<", max(len(text) - _TAG, 0))
    whole = text if tail < 0 or ">" in text[tail:] else text[:tail]
    return without_reasoning(whole)

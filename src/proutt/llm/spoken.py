"""What a model says to a person, as it comes: without its thinking, and never with half of a tag."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass

from proutt.llm.chat import ChatModel, Request
from proutt.llm.parsing import without_reasoning
from proutt.llm.stream import streamed

#: A "<" among the last so many characters may begin the tag of a thought.
_TAG = 16


@dataclass(frozen=True, slots=True)
class Said:
    """What a model says. text: so far, or all of it; finish: None while it goes on."""

    text: str
    finish: str | None = None


async def spoken(model: ChatModel, request: Request) -> AsyncGenerator[Said, None]:
    """What the model says so far, again and again, at last with how it ended. Raises ModelError."""
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

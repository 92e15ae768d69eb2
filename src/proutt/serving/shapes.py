"""What requests and answers of our own paths look like; the OpenAPI page is made of these."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from proutt.intent import Perspective, SentenceType
from proutt.methods.record import LeafRecord, PathRecord

MOST_SUGGESTIONS = 16
MOST_MESSAGES = 4000
MOST_SHOWN = 64
LONGEST_TEXT = 100_000


_HALF_CHARACTER = re.compile("[\ud800-\udfff]")


def _sound(text: str) -> str:
    if "\x00" in text or (not text.isascii() and _HALF_CHARACTER.search(text)):
        raise ValueError("it holds a NUL character, or half of one that takes two")
    return text


Text = Annotated[str, AfterValidator(_sound)]


class Asked(BaseModel):
    """A request's body: what it does not know it refuses."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Part(BaseModel):
    """A part of a message; only texts are read."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    type: str = "text"
    text: Text | None = None


class ChatMessage(BaseModel):
    """One message of the chat. Fields that we have no use for are passed over."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    role: Annotated[str, Field(max_length=32)] = Field(description="user, assistant, system or tool")
    content: Text | list[Part] | None = Field(None, description="a text, or parts of which texts are read")


Messages = Annotated[list[ChatMessage], Field(max_length=MOST_MESSAGES, description="the chat so far, in order")]


class SuggestionsAsked(Asked):
    """A chat, and what is wanted for it."""

    messages: Messages
    n: int | None = Field(None, ge=1, le=MOST_SUGGESTIONS, description="most suggestions; default as the service says")
    language: str | None = Field(None, max_length=35, description="of the chat, as en or zh-CN; else told from it")
    reasoning: bool = Field(False, description="give the model's reasoning, too")
    tree: bool = Field(False, description="give the intent tree, too")
    max_chars: int | None = Field(None, ge=1, le=10_000, description="longer ones are left out, never cut")
    stream: bool = Field(False, description="as server-sent events; so does Accept: text/event-stream")


class SuggestionOut(BaseModel):
    """One proposed utterance. What method or server does not say is null."""

    text: str
    perspective: Perspective | None = None
    sentence_type: SentenceType | None = None
    score: float | None = Field(None, ge=0, le=1, description="geometric mean of its tokens' probabilities")
    path: PathRecord | None = None


class SuggestionsAnswer(BaseModel):
    """Suggestions in rank order, and why there are none or not all."""

    id: str = Field(description="for POST /v1/feedback")
    suggestions: list[SuggestionOut]
    reason: str | None = Field(None, description="why the list is empty, or timeout where it is not all; else null")
    left_out: dict[str, int] = Field({}, description="rule → suggestions that it kept back")
    reasoning: str | None = None
    tree: dict[str, dict[str, LeafRecord]] | None = None
    language: str
    model: str
    took_ms: float


class ChatAsked(Asked):
    """A chat that ends with the user."""

    messages: Messages
    stream: bool = True


class ChatAnswer(BaseModel):
    """What the assistant says."""

    text: str
    finish: str = Field(description="stop, or length where it was cut off")
    model: str
    took_ms: float


class FeedbackAsked(Asked):
    """What a user did with suggestions."""

    id: str = Field(max_length=64, description="of the answer that brought them")
    shown: list[Annotated[int, Field(ge=0)]] = Field(
        max_length=MOST_SHOWN, description="those that were shown, by their index in the answer"
    )
    taken: int | None = Field(None, ge=0, description="the one that the user took, by its index in the answer")
    sent: Annotated[Text, Field(max_length=LONGEST_TEXT)] | None = Field(
        None, description="what the user then sent, in the end"
    )


class ErrorBody(BaseModel):
    """What went wrong. code is a slug for programs, message a sentence for people."""

    code: str
    message: str
    request_id: str | None = None


class Failure(BaseModel):
    error: ErrorBody


def as_json(answer: BaseModel) -> dict[str, Any]:
    """An answer as JSON values."""
    return answer.model_dump(mode="json")

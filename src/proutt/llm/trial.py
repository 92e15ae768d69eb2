"""Trying a model: does it answer, what holds its answers to a schema, how fast is it, does it reuse prompts."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from proutt.errors import AnswerError
from proutt.llm.chat import Message, Reply, Request, Sampling
from proutt.llm.parsing import parse_answer, without_reasoning
from proutt.llm.schema import answer_schema
from proutt.llm.wire import estimated_tokens

if TYPE_CHECKING:
    from proutt.llm.embedded import Embedded
    from proutt.llm.endpoint import Endpoint

_SENTENCES = 25  # of about 15 tokens: long enough to be timed, short enough for a slow machine
_NOTICEABLE_S = 0.2
_ROOM_TO_THINK = 2000


@dataclass(frozen=True, slots=True)
class Trial:
    """What a trial found.

    structured_output     "json_schema", "json_object" or "text"; structured_valid: the answer met its schema
    prompt_tokens_per_s, answer_tokens_per_s  of one call alone, about; None where it was too quick to tell
    prefix_caching        "seen" (the server counted cached tokens), "likely" (the second call was far quicker), or not
    thinking_tokens       about how many a short answer took before it began; 0 where the model does not think first
    context_tokens        what proutt uses; server_context_tokens: what the server says it has, if it says
    """

    identity: str
    structured_output: str
    structured_valid: bool
    prompt_tokens_per_s: float | None
    answer_tokens_per_s: float | None
    prefix_caching: Literal["seen", "likely", "not seen"]
    thinking_tokens: int
    context_tokens: int
    server_context_tokens: int | None


class Colours(BaseModel):
    """What the trial asks for."""

    model_config = ConfigDict(extra="forbid")

    colours: list[Annotated[str, Field(max_length=12)]] = Field(max_length=3)


async def try_model(model: Endpoint | Embedded) -> Trial:
    """Try a model with five small calls. Raises ModelError where it does not answer."""
    structured = await model.reply(_question("Name three colours, as JSON.", max_tokens=_ROOM_TO_THINK, schema=True))
    prompt = _unseen_prompt()
    cold = await model.reply(_question(prompt, max_tokens=1))
    warm = await model.reply(_question(prompt, max_tokens=1))
    long = await model.reply(_question(f"{prompt}\n\nContinue this text at length.", max_tokens=64))
    again = await model.reply(_question(f"{prompt}\n\nContinue this text at length.", max_tokens=1))
    return Trial(
        identity=model.identity,
        structured_output=model.structured_output or "text",
        structured_valid=_is_valid(structured),
        prompt_tokens_per_s=_rate(cold.usage.prompt_tokens - cold.usage.cached_tokens, cold.seconds),
        answer_tokens_per_s=_rate(long.usage.completion_tokens - 1, long.seconds - again.seconds),
        prefix_caching=caching_seen(cold, warm),
        thinking_tokens=thinking_seen(structured),
        context_tokens=model.context_tokens,
        server_context_tokens=await model.server_context(),
    )


def caching_seen(cold: Reply, warm: Reply) -> Literal["seen", "likely", "not seen"]:
    """What two calls of one prompt tell of prefix caching: `cold` met it first, `warm` came right after."""
    if warm.usage.cached_tokens > cold.usage.cached_tokens:
        return "seen"
    if cold.seconds > _NOTICEABLE_S and warm.seconds < cold.seconds / 2:
        return "likely"
    return "not seen"


def thinking_seen(reply: Reply) -> int:
    """About how many tokens of a reply are none of its answer's; 0 where no more than counting can be off by."""
    answer = estimated_tokens(without_reasoning(reply.text))
    beyond = reply.usage.completion_tokens - answer
    return beyond if beyond > max(2 * answer, 40) else 0


def _unseen_prompt() -> str:
    """A prompt whose beginning no server has met before."""
    lines = [f"Day {day}: the gardener counted the apples and wrote the number down." for day in range(_SENTENCES)]
    return f"Notebook {secrets.token_hex(8)}.\n" + "\n".join(lines)


def _question(text: str, *, max_tokens: int, schema: bool = False) -> Request:
    return Request(
        (Message("user", text),),
        Sampling(max_tokens=max_tokens, temperature=0.0),
        answer_schema(Colours) if schema else None,
        step="check",
    )


def _is_valid(reply: Reply) -> bool:
    try:
        parse_answer(reply.text, Colours, step="check", finish=reply.finish)
    except AnswerError:
        return False
    return True


def _rate(tokens: int, seconds: float) -> float | None:
    return tokens / seconds if tokens > 0 and seconds > 0.005 else None

"""Asking a model for an answer of a given shape, and asking again where what came can't be used."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from pydantic import BaseModel

from proutt.errors import AnswerError, ModelError
from proutt.llm.chat import ChatModel, Message, Reply, Request, Sampling
from proutt.llm.parsing import parse_answer, parse_text
from proutt.llm.schema import answer_schema
from proutt.llm.wire import with_note

AnswerT = TypeVar("AnswerT", bound=BaseModel)

TRIES = 3


async def ask(
    model: ChatModel,
    *,
    messages: Sequence[Message],
    answer: type[AnswerT],
    check: Callable[[AnswerT], list[str]],
    sampling: Sampling,
    step: str,
    role: str,
    correction: Callable[[str], str],
    tries: int = TRIES,
    on_call: Callable[[Reply], None] | None = None,
    plain: bool = False,
) -> AnswerT:
    """The model's answer, parsed, of the right shape, and with nothing that `check` complains of.

    check       what makes a well-formed answer unusable, a sentence each
    correction  the text that tells the model of an earlier answer's problem; it follows the last user message, so that
                everything before it is computed once, and the useless answer itself is not shown: a model that loops
                would go on looping
    on_call     told of every reply, usable or not: all of them cost
    plain       the answer is said, not written in JSON: no schema is sent, and the whole text is the model's `text`

    Each further try is another draw: sample and seed go up by one. After an answer that was cut off, the next may be
    four times as long (up to half of the model's context): a reasoning model has thought for as long as it had room.
    Raises the last AnswerError (not-json, wrong-schema,
    empty, refused, cut-off, unusable), and ModelError where no answer could be had.
    """
    if tries < 1:
        raise ValueError(f"tries={tries} is below 1")
    schema = None if plain else answer_schema(answer)
    problem: str | None = None
    room = sampling.max_tokens
    for sample in range(tries):
        asked, drawn = tuple(messages), sampling
        if problem is not None:
            asked = with_note(asked, f"\n\n{correction(problem)}")
            seed = None if sampling.seed is None else sampling.seed + sample
            drawn = replace(sampling, seed=seed, max_tokens=room)
        request = Request(asked, drawn, schema, sample, step, role)
        try:
            reply = await model.reply(request)
        except ModelError as error:
            error.step = step
            raise
        if on_call is not None:
            on_call(reply)
        try:
            return _usable(reply, answer, check, step, plain=plain)
        except AnswerError as error:
            last, problem = error, error.message
            if error.kind == "cut-off":
                room = max(room, min(room * 4, model.context_tokens // 2))
    raise last


def _usable(
    reply: Reply, answer: type[AnswerT], check: Callable[[AnswerT], list[str]], step: str, *, plain: bool
) -> AnswerT:
    parse = parse_text if plain else parse_answer
    parsed = parse(reply.text, answer, step=step, finish=reply.finish)
    problems = check(parsed)
    if problems:
        raise AnswerError(" ".join(problems), step=step, kind="unusable", raw=reply.text)
    return parsed

"""From a model's text to a checked answer. Pure.

Models wrap what was asked for: in reasoning, in code fences, in polite sentences. Here is decided what of the text is
the answer. Whatever the text, the outcome is an answer or an AnswerError.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, NoReturn, TypeVar

from pydantic import BaseModel, ValidationError

from proutt.errors import AnswerError

AnswerT = TypeVar("AnswerT", bound=BaseModel)

_OPENING = re.compile(r"<\s*think(?:ing)?\b[^<>]*>?", re.IGNORECASE)
_CLOSING = re.compile(r"<\s*/\s*think(?:ing)?\b[^<>]*>?", re.IGNORECASE)
_MOST_CANDIDATES = 20
_LONGEST = 200_000  # characters: no step asks for nearly as much

_REFUSALS = re.compile(
    r"(i['’]?m|i am|we['’]re|we are)?\s*(very |so |really )?(sorry|afraid)\b"
    r"|i (can['’]?t|cannot|can not|won['’]?t|will not|must decline|am unable|am not able)\b"
    r"|i['’]m (unable|not able)\b|unfortunately,? i\b|as an? (ai|artificial|large language)\b"
    r"|(很|非常|十分)?(抱歉|对不起)|不好意思|我(无法|不能|没办法)|作为(一个|一名)?\s*(ai|人工智能|大?语言模型)",
    re.IGNORECASE,
)


def without_reasoning(text: str) -> str:
    """The text without `<think>` or `<thinking>` parts.

    A part that is not closed runs to the end. A closing tag that nobody opened ends a part that began before the text.
    """
    if "<" not in text:
        return text.strip()
    kept: list[str] = []
    at = 0
    while at < len(text):
        opening, closing = _OPENING.search(text, at), _CLOSING.search(text, at)
        if closing is not None and (opening is None or closing.start() < opening.start()):
            kept, at = [], closing.end()
        elif opening is None:
            kept.append(text[at:])
            break
        else:
            kept.append(text[at : opening.start()])
            end = _CLOSING.search(text, opening.end())
            at = len(text) if end is None else end.end()
    return "".join(kept).strip()


def looks_refused(text: str) -> bool:
    """Whether a text that is no answer begins as refusals do, in English or Chinese."""
    return _REFUSALS.match(text.strip().lstrip("*_\"'> ")) is not None


def parse_answer(text: str, answer: type[AnswerT], *, step: str, finish: str = "stop") -> AnswerT:
    """The answer in a model's text. Raises AnswerError: empty, refused, cut-off, not-json, wrong-schema.

    finish is what the server said of the text's end: "length" (cut off) and "content_filter" explain a missing answer.
    """
    stripped = without_reasoning(text)
    wrong: AnswerError | None = None
    for found in _objects(stripped):
        try:
            return _validated(found, answer, step=step, raw=text)
        except AnswerError as error:
            wrong = wrong or error
    if wrong is not None:
        raise wrong
    kind, message = _why_none(stripped, finish)
    raise AnswerError(message, step=step, kind=kind, raw=text)


def parse_text(text: str, answer: type[AnswerT], *, step: str, finish: str = "stop") -> AnswerT:
    """What a model said, less its thinking, as the field `text`. Raises AnswerError: empty, refused, cut-off,
    wrong-schema. Words that a refusal may begin with are no refusal here: people say them, too."""
    said = _HALF_CHARACTER.sub("\ufffd", without_reasoning(text))
    if finish in ("content_filter", "length") or not said:
        kind, message = _why_none("" if finish == "content_filter" else said, finish)
        raise AnswerError(message, step=step, kind=kind, raw=text)
    return _validated({"text": said}, answer, step=step, raw=text)


def _why_none(stripped: str, finish: str) -> tuple[str, str]:
    if finish == "content_filter":
        return "refused", "The answer was withheld by the server's content filter."
    if finish == "length" and not stripped:
        return "cut-off", "There was no room left for an answer after the thinking: think briefly."
    if finish == "length":
        return "cut-off", "The answer was longer than the room for it and was cut off: be much briefer."
    if not stripped:
        return "empty", "The answer was empty."
    if "{" not in stripped[:400] and looks_refused(stripped):
        return "refused", "The model declined to answer."
    return "not-json", "The answer was not one complete JSON object."


def _objects(text: str) -> Iterator[dict[str, Any]]:
    """JSON objects that stand in the text, in order, not those inside others."""
    if len(text) > _LONGEST:
        return
    at = 0
    for _ in range(_MOST_CANDIDATES):
        at = text.find("{", at)
        if at < 0:
            return
        try:
            found, at = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            if re.match(r"\{\s*\"", text[at : at + 200]):
                return  # a broken object: what is inside it is a piece of an answer, not an answer
            at += 1  # a brace in prose
            continue
        if isinstance(found, dict):
            yield found


def _no_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if number in (float("inf"), float("-inf")):
        raise ValueError("a number too large")
    return number


_DECODER = json.JSONDecoder(strict=False, parse_constant=_no_number, parse_float=_finite)


def _validated(found: dict[str, Any], answer: type[AnswerT], *, step: str, raw: str) -> AnswerT:
    message = "A field holds reasoning tags or half a character."
    try:
        if _surely_clean(raw) or all(_is_clean(each) for each in _strings(found)):
            return answer.model_validate(found)
    except ValidationError as error:
        message = _schema_problem(error)
    except RecursionError:
        message = "The answer is nested too deeply."
    raise AnswerError(message, step=step, kind="wrong-schema", raw=raw)


def _schema_problem(error: ValidationError) -> str:
    """The first thing that is wrong, as one sentence that a model can act on; it quotes nothing of the answer."""
    first = error.errors(include_url=False, include_input=False, include_context=False)[0]
    place = ".".join(str(part) for part in first["loc"])[:100] or "the answer"
    return f"Field {place}: {first['msg'][:200]}."


def _strings(value: Any) -> Iterator[str]:
    """Every string in the value, keys included."""
    waiting = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, dict):
            waiting += each.keys()
            waiting += each.values()
        elif isinstance(each, list):
            waiting += each
        elif isinstance(each, str):
            yield each


_HALF_CHARACTER = re.compile(r"[\ud800-\udfff]")


def _surely_clean(raw: str) -> bool:
    """Whether no string in a JSON text can be unclean: it holds no tag, no half character and no escape to hide one."""
    return "<" not in raw and "\\" not in raw and (raw.isascii() or _HALF_CHARACTER.search(raw) is None)


def _is_clean(text: str) -> bool:
    """Whether a field may hold it: no reasoning tag (escapes can hide one), no lone surrogate (no file could)."""
    if "<" in text and (_OPENING.search(text) or _CLOSING.search(text)):
        return False
    return text.isascii() or _HALF_CHARACTER.search(text) is None

"""The OpenAI-compatible chat protocol as plain values: what is sent, what came back, what a refusal means.

Pure: knows nothing of connections, keys, clocks or retries. Servers differ in what they accept; a `Dialect` is what
one of them was found to accept, and `weaker` is the next thing to try after it refused a request.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from email.utils import parsedate_to_datetime
from typing import Any, Literal

from proutt.errors import ModelError
from proutt.llm.chat import Message, Reply, Request, Usage

Structured = Literal["json_schema", "json_object", "text"]

#: Keywords that some strict servers refuse in a schema; answers are validated anyway.
_LIMITS = {"minLength", "maxLength", "minItems", "maxItems", "minimum", "maximum", "pattern", "format"}
_LIMITS |= {"exclusiveMinimum", "exclusiveMaximum"}

_SCHEMA_NOTE = "Answer with one JSON object that meets this JSON Schema, and with nothing else:"

_FORMAT_REFUSED = re.compile(
    r"response_format|json.?schema|json_object|structured.?output|guided|grammar", re.IGNORECASE
)
_TOO_LONG = re.compile(
    r"exceed_context_size|context_length_exceeded|(maximum|available) context|context (length|window|size)"
    r"|(prompt|input) is too long",
    re.IGNORECASE,
)
#: What a streaming call asks for besides; some servers have none of it.
_STREAMING = ("logprobs", "top_logprobs", "stream_options")
_NO_QUOTA = re.compile(r"insufficient_quota|insufficient balance|exceeded your current quota", re.IGNORECASE)
_UNWELCOME = re.compile(
    r"unsupported|not supported|does not support|unrecogni[sz]ed|unknown|unexpected|not permitted|not allowed|invalid"
    r"|extra (fields|inputs)|only the default",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Dialect:
    """What one endpoint accepts.

    structured   how an answer is held to a JSON Schema: by the server, by its JSON mode, or by words alone
    limits       the schema may hold lengths, counts, ranges and patterns
    length_field what the server calls the most tokens of an answer
    dropped      sampling parameters that it refuses
    """

    structured: Structured = "json_schema"
    limits: bool = True
    length_field: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"
    dropped: frozenset[str] = frozenset()


def body_of(
    request: Request, model: str, dialect: Dialect, *, extensions: bool, thinking_tokens: int = 0
) -> dict[str, Any]:
    """The JSON body of one call.

    extensions       llama.cpp's own sampling parameters and grammars
    thinking_tokens  room for thinking, on top of the answer's
    """
    sampling = request.sampling
    optional: dict[str, Any] = {"temperature": sampling.temperature, "top_p": sampling.top_p, "seed": sampling.seed}
    if extensions:
        optional |= {"min_p": sampling.min_p, "repeat_penalty": sampling.repeat_penalty}
    body: dict[str, Any] = {
        "model": model,
        "messages": [{"role": each.role, "content": each.content} for each in _messages(request, dialect)],
        dialect.length_field: sampling.max_tokens + thinking_tokens,
    }
    body |= {name: value for name, value in optional.items() if value is not None and name not in dialect.dropped}
    if request.schema is not None and dialect.structured == "json_schema":
        schema = request.schema if dialect.limits else without_limits(request.schema)
        if extensions:
            return body | {"grammar": compact_grammar(schema)}
        body["response_format"] = {
            "type": "json_schema",
            "json_schema": {"name": "answer", "schema": schema, "strict": True},
        }
    elif request.schema is not None and dialect.structured == "json_object":
        body["response_format"] = {"type": "json_object"}
    return body


def compact_grammar(schema: Mapping[str, Any]) -> str:
    """The schema as a grammar of llama.cpp's llguidance: JSON without white space, which costs tokens.

    Unlike llama.cpp's own reading of a schema it keeps patterns, and closes a text where its pattern ends.
    """
    compact = {"x-guidance": {"whitespace_flexible": False}, **schema}
    return f"%llguidance {{}}\nstart: %json {json.dumps(compact, ensure_ascii=False)}"


def _messages(request: Request, dialect: Dialect) -> tuple[Message, ...]:
    """The messages; where the server does not enforce the schema, the last user message states it at its end."""
    if request.schema is None or dialect.structured == "json_schema":
        return request.messages
    note = f"\n\n{_SCHEMA_NOTE}\n{json.dumps(request.schema, ensure_ascii=False)}"
    return with_note(request.messages, note)


def with_note(messages: tuple[Message, ...], note: str) -> tuple[Message, ...]:
    """The messages with `note` at the end of the last user message; at the end of the last one where no user speaks."""
    spoken = [index for index, each in enumerate(messages) if each.role == "user"]
    at = spoken[-1] if spoken else len(messages) - 1
    return tuple(
        replace(each, content=each.content + note) if index == at else each for index, each in enumerate(messages)
    )


def without_limits(schema: Any) -> Any:
    """The schema without lengths, counts, ranges and patterns; properties that bear such a name stay."""
    if isinstance(schema, list):
        return [without_limits(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: {name: without_limits(each) for name, each in value.items()}
        if key == "properties"
        else without_limits(value)
        for key, value in schema.items()
        if key not in _LIMITS
    }


def weaker(dialect: Dialect, body: Mapping[str, Any], status: int, answer: str) -> Dialect | None:
    """The dialect to try after `body` was refused with `status` and `answer`; None where another wording can't help."""
    if status not in {400, 422} or _TOO_LONG.search(answer):
        return None
    complaint = answer[:4000]
    if not _UNWELCOME.search(complaint) and not _FORMAT_REFUSED.search(complaint):
        return None
    if "max_tokens" in body and re.search(r"\bmax_(completion_)?tokens\b", complaint):
        return replace(dialect, length_field="max_completion_tokens")
    for name in ("seed", "top_p", "temperature", "min_p", "repeat_penalty", *_STREAMING):
        if name in body and re.search(rf"\b{name}\b", complaint):
            return replace(dialect, dropped=dialect.dropped | {name})
    if "response_format" in body and _FORMAT_REFUSED.search(complaint):
        if dialect.structured == "json_schema":
            about_the_schema = re.search(r"[Ii]nvalid.{0,3}schema|\b(min|max)(Length|Items|imum)\b", complaint)
            if dialect.limits and about_the_schema:
                return replace(dialect, limits=False)
            return replace(dialect, structured="json_object", limits=True)
        return replace(dialect, structured="text")
    return None


def reply_of(answer: Any, request: Request, seconds: float) -> Reply:
    """The reply in a parsed body of status 200. Raises ModelError where the body is no chat completion.

    A `reasoning_content` field is the server's business and is left out. A `refusal` counts as filtered content.
    """
    try:
        choice = answer["choices"][0]
        message = choice["message"]
        content = message.get("content")
        refusal = message.get("refusal")
    except (KeyError, IndexError, TypeError, AttributeError):
        raise ModelError("the body has no choices[0].message", kind="bad-body", retryable=True) from None
    if isinstance(content, list):  # content parts
        content = "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    finish = str(choice.get("finish_reason") or "stop")
    if not content and isinstance(refusal, str) and refusal:
        content, finish = refusal, "content_filter"
    text = content if isinstance(content, str) else ""
    text = text.encode("utf-8", "replace").decode()  # JSON can spell half a surrogate pair, which no file can hold
    return Reply(text, finish, usage_of(answer, request, text), seconds)


def usage_of(answer: Mapping[str, Any], request: Request, text: str) -> Usage:
    """Tokens as the server counted them; where it did not, estimated as a quarter of the UTF-8 bytes, never zero."""
    counted, timings = _mapping(answer.get("usage")), _mapping(answer.get("timings"))
    prompt = _count(counted.get("prompt_tokens"))
    completion = _count(counted.get("completion_tokens"))
    cached = _count(_mapping(counted.get("prompt_tokens_details")).get("cached_tokens"))
    if cached is None:
        cached = _count(timings.get("cache_n"))
    if prompt is None:
        prompt = estimated_tokens("".join(each.content for each in request.messages))
    if completion is None:
        completion = estimated_tokens(text)
    return Usage(prompt, completion, min(cached or 0, prompt))


def estimated_tokens(text: str) -> int:
    """A rough count for texts that nobody counted: a token per four bytes of UTF-8, rounded up."""
    return -(-len(text.encode("utf-8", "replace")) // 4)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**53 else None


def error_of(status: int, answer: str, *, retry_after_s: float | None = None) -> ModelError:
    """What a refused call means, by status and body. `answer` is free of keys already."""
    said = message_in(answer)
    detail = f"status {status}" + (f": {said}" if said else "")
    if 400 <= status < 500 and _TOO_LONG.search(answer):
        return ModelError(f"the prompt is too long for the model ({detail})", kind="context-too-long", status=status)
    if status in {401, 402} or (status == 429 and _NO_QUOTA.search(answer)):
        return ModelError(detail, kind="no-access", fatal=True, status=status)
    if status == 403:
        return ModelError(detail, kind="forbidden", fatal=True, status=status)
    if status == 404:
        return ModelError(detail, kind="not-found", fatal=True, status=status)
    if status == 429:
        return ModelError(detail, kind="rate-limit", retryable=True, status=status, retry_after_s=retry_after_s)
    if status == 408 or 500 <= status < 600:
        lasting = status in {501, 505}
        return ModelError(
            detail, kind=f"http-{status}", retryable=not lasting, status=status, retry_after_s=retry_after_s
        )
    return ModelError(detail, kind=f"http-{status}", status=status)


def message_in(answer: str) -> str:
    """The human part of an error body: `error.message`, `message`, `detail`, else its text; one line, cut at 300."""
    text = answer
    try:
        parsed = json.loads(answer)
    except (ValueError, RecursionError):
        parsed = None
    if isinstance(parsed, dict):
        error = parsed.get("error", parsed)
        said = error if isinstance(error, str) else None
        for name in ("message", "detail"):
            if said is None and isinstance(error, dict) and error.get(name):
                said = error[name] if isinstance(error[name], str) else json.dumps(error[name], ensure_ascii=False)
        text = said or answer
    text = re.sub(r"<[^<>]*>", " ", text) if text.lstrip().startswith("<") else text
    flat = " ".join(text.split())
    return flat if len(flat) <= 300 else flat[:299] + "…"


def retry_after(header: str | None, *, now: float, date: str | None = None) -> float | None:
    """Seconds that a Retry-After header asks to wait, 0 or more; None where there is none or it can't be read.

    A date is counted from the server's own clock (its Date header) where it sent one, else from `now` (since 1970).
    """
    if header is None:
        return None
    if re.fullmatch(r"\s*\d{1,9}(\.\d{1,9})?\s*", header):
        return float(header)
    until, since = _epoch(header), _epoch(date)
    return None if until is None else max(0.0, until - (now if since is None else since))


def _epoch(date: str | None) -> float | None:
    try:
        return None if date is None else parsedate_to_datetime(date).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None

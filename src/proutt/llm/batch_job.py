"""What a batch is made of: lines that ask, outcomes that answer, and the back ends that carry them."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

#: Where a line of a batch is to be answered; services and vLLM's run-batch want this very text.
CHAT_COMPLETIONS = "/v1/chat/completions"


class Postponed(Exception):
    """No answer in this session: what was asked is on its way, and a later session of the run gets it.

    It is no failure, of nothing and nobody. The text says how it goes on.
    """


@dataclass(frozen=True, slots=True)
class FileLimits:
    """Most requests and bytes of one file; services take 50,000 and 200 MB."""

    requests: int = 45_000
    bytes: int = 180_000_000


LIMITS = FileLimits()


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one line of a batch ended.

    status  200, or an error's
    body    the parsed body of a chat completion, or what is said of an error
    tries   how many batches the request has been in
    """

    status: int
    body: Any
    tries: int = 1


class Backend(Protocol):
    """How batches travel. Methods without `async` leave something on disk and return at once."""

    def open_jobs(self) -> Mapping[str, Collection[str]]:
        """Jobs of earlier sessions, oldest first: name → keys of the requests whose answers may be had of it."""
        ...

    def begin(self, lines: Mapping[str, bytes]) -> str:
        """Note a new job of these lines (by key); its name."""
        ...

    async def answers(self, name: str) -> Mapping[str, Outcome]:
        """Bring a job to its end from wherever it is, and read what came of it, by key; a line may be missing.

        May be called again after it failed, and by a later session. Raises Postponed where this session can't have the
        answers, a fatal ModelError where the back end does not work.
        """
        ...

    def settle(self) -> None:
        """Cross off the jobs whose answers are all safe."""
        ...


def line_of(key: str, body: Mapping[str, Any]) -> bytes:
    """One request as a line of a batch file, with its end."""
    line = {"custom_id": key, "method": "POST", "url": CHAT_COMPLETIONS, "body": body}
    return json.dumps(line, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def files_of(lines: Iterable[tuple[str, bytes]], limits: FileLimits) -> Iterator[dict[str, bytes]]:
    """Keys with their lines as one file after the other, none above the limits but one of a single line."""
    file: dict[str, bytes] = {}
    size = 0
    for key, line in lines:
        if file and (len(file) >= limits.requests or size + len(line) > limits.bytes):
            yield file
            file, size = {}, 0
        file[key] = line
        size += len(line)
    if file:
        yield file


def outcome_in(line: bytes) -> tuple[str, Outcome] | None:
    """Key and outcome in a line of an output or error file; None where it can't be read.

    Error bodies are in `response.body` or in `error`, as the one or the other runner has it; some are a mere text.
    """
    try:
        parsed = json.loads(line)
        key, response, error = parsed["custom_id"], parsed.get("response") or {}, parsed.get("error")
        status, body = response.get("status_code"), response.get("body")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    if not isinstance(key, str):
        return None
    if not error and status in {200, None} and isinstance(body, dict):
        return key, Outcome(200, body)
    failed = status if isinstance(status, int) and 400 <= status < 600 else 500
    return key, Outcome(failed, error or body)

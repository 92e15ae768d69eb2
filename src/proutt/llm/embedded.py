"""A GGUF model with no account and no server to set up: the engine runs beside this process and ends with it.

Requests go through the same HTTP path as to any other server (`Endpoint`). The loopback port is closed to others by
a random key that is made here and never shown. Why the engine has a process of its own: `engine.py`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from proutt.errors import ModelError, UserError
from proutt.llm.chat import Reply, Request
from proutt.llm.control_tokens import neutralise_control_tokens
from proutt.llm.endpoint import Endpoint
from proutt.llm.stream import Piece

SLOTS = 2
CONTEXT_TOKENS = 4096
TIMEOUT_S = 1800.0
_MOST_STARTS = 3
#: How long the engine's threads wait for each other busily before they sleep. Without a bound they wait for ever, and
#: where another program wants a core too the engine all but stops; sleeping at once costs a third on an idle machine.
SPIN_COUNT = "20000"


def available_threads() -> int:
    """CPU cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass
class _Engine:
    """A started engine process and the endpoint that talks to it."""

    process: subprocess.Popen[str]
    endpoint: Endpoint
    stderr: IO[bytes]

    @property
    def ended(self) -> bool:
        return self.process.poll() is not None

    async def stop(self) -> None:
        await self.endpoint.close()
        _end(self.process)
        self.stderr.close()


class Embedded:
    """A model file, loaded at the first call.

    identity        names the model and the first eight characters of its file's SHA-256
    slots           requests computed at once; further ones wait here, and their waiting is not counted as time
    context_tokens  most tokens of one request, prompt and answer together; memory grows with slots × context_tokens
    """

    def __init__(
        self,
        path: Path,
        *,
        identity: str,
        slots: int = SLOTS,
        context_tokens: int = CONTEXT_TOKENS,
        threads: int | None = None,
        timeout_s: float = TIMEOUT_S,
    ) -> None:
        self.identity, self.context_tokens = identity, context_tokens
        self._path, self._slots, self._timeout_s = path, slots, timeout_s
        self._threads = threads or available_threads()
        self._engine: _Engine | None = None
        self._starts = 0
        self._starting = asyncio.Lock()
        self._free_slots = asyncio.Semaphore(slots)
        self._closed = False

    @property
    def structured_output(self) -> str | None:
        """As `Endpoint.structured_output`: the engine holds answers to their schema by a grammar."""
        return None if self._engine is None else self._engine.endpoint.structured_output

    async def server_context(self) -> int | None:
        """Tokens of context per request, as the engine was started."""
        return self.context_tokens

    async def reply(self, request: Request) -> Reply:
        """Answer one request, loading the model first where that has not happened. Raises ModelError, UserError."""
        async with self._free_slots:
            engine = await self._started()
            try:
                return await engine.endpoint.reply(_neutral(request))
            except ModelError as error:
                if not await self._has_died(engine):
                    raise
                raise self._died(engine) from error

    async def stream(self, request: Request, *, logprobs: bool = False) -> AsyncGenerator[Piece, None]:
        """As `Endpoint.stream`; whoever closes it early frees the slot. Raises ModelError, UserError."""
        async with self._free_slots:
            engine = await self._started()
            try:
                async with aclosing(engine.endpoint.stream(_neutral(request), logprobs=logprobs)) as pieces:
                    async for piece in pieces:
                        yield piece
            except ModelError as error:
                if not await self._has_died(engine):
                    raise
                raise self._died(engine) from error

    async def exchange(self, method: str, path: str, *, data: bytes | None = None) -> bytes:
        """As `Endpoint.exchange`, with another part of the engine's API; the model is loaded first."""
        async with self._free_slots:
            return await (await self._started()).endpoint.exchange(method, path, data=data)

    async def _started(self) -> _Engine:
        async with self._starting:
            if self._closed:
                raise ValueError("this model is closed")
            if self._engine is not None and self._engine.ended:
                await self._engine.stop()
                self._engine = None
            if self._engine is None:
                self._starts += 1
                # A caller cancelled here loses the process, whose pipes then close: it leaves by itself.
                self._engine = await asyncio.to_thread(self._start)
            return self._engine

    def _start(self) -> _Engine:
        """Start the process and wait until the model is loaded. Blocks. Raises UserError."""
        api_key = secrets.token_urlsafe(32)
        settings = {"path": str(self._path), "slots": self._slots, "context_tokens": self.context_tokens}
        settings |= {"threads": self._threads, "api_key": api_key}
        stderr = tempfile.TemporaryFile()  # noqa: SIM115 -- lives as long as the engine
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "proutt.llm.engine"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            encoding="utf-8",
            env={**os.environ, "GOMP_SPINCOUNT": os.environ.get("GOMP_SPINCOUNT", SPIN_COUNT)},
            start_new_session=True,  # Ctrl-C is this process's business: it then closes the engine
        )
        outcome: dict[str, str] = {}
        try:
            if process.stdin is None or process.stdout is None:
                raise ValueError("the engine was started without pipes")
            process.stdin.write(json.dumps(settings) + "\n")
            process.stdin.flush()
            outcome = json.loads(process.stdout.readline() or "{}")
        except BrokenPipeError:
            pass
        finally:
            if "url" not in outcome:
                _end(process)
        if "url" not in outcome:
            raise self._not_started(outcome, stderr)
        endpoint = Endpoint(
            f"{outcome['url']}/v1",
            "embedded",
            api_key=api_key,
            context_tokens=self.context_tokens,
            concurrency=self._slots,
            timeout_s=self._timeout_s,
            extensions=True,
        )
        return _Engine(process, endpoint, stderr)

    def _not_started(self, outcome: dict[str, str], stderr: IO[bytes]) -> UserError:
        with stderr:
            stderr.seek(0)
            last_words = stderr.read().decode("utf-8", "replace").strip().splitlines()[-1:]
        if "missing" in outcome:
            return UserError("the embedded engine is not installed.", remedy="Run: pip install 'proutt[local]'")
        said = outcome.get("error") or " ".join(last_words) or "no reason given"
        return UserError(
            f"the embedded engine can't load this model ({said}).",
            where=str(self._path),
            remedy="Is it a whole GGUF file, and is there memory for it? `proutt models fetch` checks the known ones.",
        )

    async def _has_died(self, engine: _Engine) -> bool:
        """Whether a failed call failed because the engine ended; waits a moment for the system to notice."""
        try:
            await asyncio.wait_for(asyncio.to_thread(engine.process.wait, 0.5), 1)
        except (TimeoutError, subprocess.TimeoutExpired):
            return False
        return True

    def _died(self, engine: _Engine) -> ModelError:
        last = self._starts >= _MOST_STARTS
        return ModelError(
            f"{self.identity}: the embedded engine ended unexpectedly (exit code {engine.process.returncode}). "
            "Is there enough memory? A smaller model or a smaller context needs less.",
            kind="engine-died",
            retryable=not last,
            fatal=last,
        )

    async def close(self) -> None:
        """End the engine, calls in flight with it."""
        self._closed = True
        async with self._starting:
            engine, self._engine = self._engine, None
        if engine is not None:
            await engine.stop()


def _neutral(request: Request) -> Request:
    """The request with chat-control strings in its messages made harmless.

    Only for this engine: it applies the chat template to the whole prompt and then reads control strings wherever they
    stand. Hosted servers guard their own template, and there the text should arrive as it was written.
    """
    messages = tuple(replace(each, content=neutralise_control_tokens(each.content)) for each in request.messages)
    return replace(request, messages=messages)


def _end(process: subprocess.Popen[str]) -> None:
    """End the engine's process and its pipes; killing is its normal end, it holds nothing to lose."""
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with contextlib.suppress(BrokenPipeError):
                pipe.close()

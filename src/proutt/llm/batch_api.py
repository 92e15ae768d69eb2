"""Batches over the Batch API of OpenAI and of services that follow it: upload a file, make a batch of it, wait, read.

A ledger (`batch_ledger.py`) is written before and after every step that matters, so that a killed session's jobs are
found again and nothing is paid twice. The account's key is in the endpoint's header and nowhere else.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import uuid
from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

from proutt.errors import ModelError
from proutt.llm.batch_job import CHAT_COMPLETIONS, Outcome, outcome_in
from proutt.llm.batch_ledger import Job, Ledger
from proutt.llm.retry import wait_before

if TYPE_CHECKING:
    from proutt.llm.endpoint import Endpoint

T = TypeVar("T")

FIRST_POLL_S, LONGEST_POLL_S, POLL_GROWTH = 5.0, 60.0, 1.5
#: Tries of one call of the Batch API, with waits of up to a minute: an outage of a quarter of an hour is sat out.
PATIENT_TRIES = 20
LONGEST_ASKED_S = 3600.0
TRANSFER_S = 1800.0
MOST_RESULT_BYTES = 2**30
ENDED = {"completed", "failed", "expired", "cancelled"}
_NO_BATCHES = {403, 404, 405, 501}


class BatchApi:
    """The Batch API at an endpoint.

    on_note  told of each job that is sent, met again or ended with failures
    sleep, chance, new_name  for tests; new_name gives a name that no other job has

    Of what a killed session left, what has no file is forgotten: nothing was paid.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        ledger: Ledger,
        *,
        on_note: Callable[[str], None] = lambda _: None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        chance: Callable[[], float] = random.random,
        new_name: Callable[[], str] = lambda: uuid.uuid4().hex,
    ) -> None:
        self._endpoint, self._ledger, self._on_note = endpoint, ledger, on_note
        self._sleep, self._chance, self._new_name = sleep, chance, new_name
        self._jobs: dict[str, Job] = {}
        self._lines: dict[str, bytes] = {}
        self._unsent: set[str] = set()  # of this session, and no attempt to make their batch yet
        self._earlier: set[str] = set()
        self._uploading = asyncio.Lock()  # one at a time: a file may be large
        for job in ledger.open_jobs(endpoint.identity):
            if job.file_id is None:
                ledger.forget(job.name)
            else:
                self._jobs[job.name] = job
                self._earlier.add(job.name)

    def open_jobs(self) -> Mapping[str, Collection[str]]:
        return {name: job.keys for name, job in self._jobs.items()}

    def begin(self, lines: Mapping[str, bytes]) -> str:
        name = self._new_name()
        self._ledger.begin(name, self._endpoint.identity, tuple(lines))
        self._jobs[name], self._lines[name] = Job(name, tuple(lines)), b"".join(lines.values())
        self._unsent.add(name)
        return name

    async def answers(self, name: str) -> Mapping[str, Outcome]:
        """Upload, make the batch, wait for its end, read it: what of it is still to be done."""
        job = self._jobs[name]
        if job.file_id is None:
            async with self._uploading:
                job = await self._upload(job)
        if job.batch_id is None:
            job = await self._send(job)
        elif name in self._earlier:
            self._on_note(f"Waiting again for batch {job.batch_id} ({len(job.keys)} requests).")
        self._earlier.discard(name)
        batch = await self._end(job)
        outcomes = await self._outcomes(job, batch)
        good = [key for key in job.keys if key in outcomes and outcomes[key].status == 200]
        self._ledger.answered(name, good)
        self._jobs.pop(name)
        if len(good) < len(job.keys):
            self._on_note(
                f"Batch {job.batch_id} {_ended_how(batch)}: {len(good)} of {len(job.keys)} requests have an answer; "
                "the others are asked live."
            )
        return outcomes

    def settle(self) -> None:
        self._ledger.settle()

    # The steps of a job.

    async def _upload(self, job: Job) -> Job:
        data, content_type = multipart(self._lines[job.name], name=f"{job.name}.jsonl")
        file = await self._patiently(
            lambda: self._call("POST", "files", data=data, content_type=content_type, timeout_s=TRANSFER_S)
        )
        job = replace(job, file_id=_id_of(file))
        self._ledger.uploaded(job.name, _id_of(file))
        self._jobs[job.name] = job
        del self._lines[job.name]
        return job

    async def _send(self, job: Job) -> Job:
        """Make the batch; where an attempt may have made it already, look for it first."""

        async def make() -> dict[str, Any]:
            found = None if job.name in self._unsent else await self._find(job)
            self._unsent.discard(job.name)
            return found or await self._call("POST", "batches", data=_order(job))

        batch_id = _id_of(await self._patiently(make))
        job = replace(job, batch_id=batch_id)
        self._ledger.sent(job.name, batch_id)
        self._jobs[job.name] = job
        self._on_note(f"Batch {batch_id}: {len(job.keys)} requests sent; the service takes up to 24 hours.")
        return job

    async def _find(self, job: Job) -> dict[str, Any] | None:
        """The batch of a file that is at the service, if one was made."""
        after = ""
        while True:
            page = await self._call("GET", f"batches?limit=100{after}")
            listed = page.get("data")
            batches = [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []
            for batch in batches:
                metadata = batch.get("metadata")
                named = metadata.get("proutt") if isinstance(metadata, dict) else None
                if batch.get("input_file_id") == job.file_id or named == job.name:
                    return batch
            if not page.get("has_more") or not batches:
                return None
            after = f"&after={quote(_id_of(batches[-1]), safe='')}"

    async def _end(self, job: Job) -> dict[str, Any]:
        """The batch once it has ended, asked for less and less often."""
        wait_s = FIRST_POLL_S
        unknown = (
            f"Batch {job.batch_id} is not known there: was it sent with another key? Without --batch its requests "
            "are asked, and paid, again."
        )
        path = f"batches/{quote(job.batch_id or '', safe='')}"
        while True:
            batch = await self._patiently(lambda: self._call("GET", path), unknown=unknown)
            if batch.get("status") in ENDED:
                return batch
            await self._sleep(wait_s)
            wait_s = min(LONGEST_POLL_S, wait_s * POLL_GROWTH)

    async def _outcomes(self, job: Job, batch: Mapping[str, Any]) -> dict[str, Outcome]:
        """What is in the output file and the error file, by key."""
        keys = set(job.keys)
        outcomes: dict[str, Outcome] = {}
        for field in ("output_file_id", "error_file_id"):
            file_id = batch.get(field)
            if not isinstance(file_id, str) or not file_id:
                continue
            for line in (await self._content(file_id)).split(b"\n"):
                found = outcome_in(line)
                if found is not None and found[0] in keys:
                    outcomes.setdefault(*found)
        return outcomes

    async def _content(self, file_id: str) -> bytes:
        """A file at the service; empty where it keeps it no longer."""
        path = f"files/{quote(file_id, safe='')}/content"
        try:
            return await self._patiently(
                lambda: self._endpoint.exchange("GET", path, timeout_s=TRANSFER_S, most_bytes=MOST_RESULT_BYTES)
            )
        except ModelError as error:
            if error.status not in {404, 410}:
                raise
            self._on_note(f"File {file_id} is no longer at the service.")
            return b""

    # Calls.

    async def _call(self, method: str, path: str, **options: Any) -> dict[str, Any]:
        """One call that is answered with a JSON object. Raises ModelError."""
        answer = await self._endpoint.exchange(method, path, **options)
        try:
            parsed = json.loads(answer)
        except (ValueError, RecursionError):
            parsed = None
        if not isinstance(parsed, dict):
            message = f"{self._endpoint.base_url}/{path.partition('?')[0]} answered with a body that is no JSON object"
            raise ModelError(message, kind="bad-body", retryable=True)
        return parsed

    async def _patiently(self, call: Callable[[], Awaitable[T]], *, unknown: str | None = None) -> T:
        """Make a call again while its failure may pass. Raises a fatal ModelError where it does not.

        unknown  the remedy where the server does not know what is asked for
        """
        for attempt in itertools.count(1):
            try:
                return await call()
            except ModelError as error:
                asked_s = error.retry_after_s
                if error.fatal or not error.retryable:
                    remedy = unknown if error.status == 404 and unknown else self._remedy(error)
                    raise self._fatal(error, remedy) from error
                if attempt == PATIENT_TRIES or (asked_s or 0.0) > LONGEST_ASKED_S:
                    raise self._fatal(error, "Batches that were sent go on: run the same command later.") from error
                await self._sleep(wait_before(attempt, asked_s=asked_s, chance=self._chance()))
        raise AssertionError("unreachable")

    def _remedy(self, error: ModelError) -> str:
        if error.status in _NO_BATCHES:
            return "This endpoint has no Batch API for this key; leave --batch out."
        if error.status in {401, 402, 429}:
            return "Is the key of the endpoint right, and has its account credit left?"
        if error.status is not None:
            return "The Batch API refuses it; without --batch the requests go live."
        return ""

    def _fatal(self, error: ModelError, remedy: str) -> ModelError:
        text = f"{self._endpoint.identity}: {error}".rstrip(".")
        return ModelError(f"{text}. {remedy}".strip(), kind=error.kind, fatal=True, status=error.status)


def multipart(content: bytes, *, name: str) -> tuple[bytes, str]:
    """The form that uploads a batch file, and its content type. The boundary is drawn at random: no line holds it."""
    boundary = f"proutt-{uuid.uuid4().hex}"
    head = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nbatch\r\n'
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        "Content-Type: application/jsonl\r\n\r\n"
    )
    return b"".join([head.encode(), content, f"\r\n--{boundary}--\r\n".encode()]), (
        f"multipart/form-data; boundary={boundary}"
    )


def _order(job: Job) -> bytes:
    """The body that makes a batch of an uploaded file."""
    return json.dumps({
        "input_file_id": job.file_id,
        "endpoint": CHAT_COMPLETIONS,
        "completion_window": "24h",
        "metadata": {"proutt": job.name},
    }).encode()  # fmt: skip


def _id_of(thing: Mapping[str, Any]) -> str:
    name = thing.get("id")
    if not isinstance(name, str) or not name:
        raise ModelError("the Batch API answered without an id", kind="bad-body", fatal=True)
    return name


def _ended_how(batch: Mapping[str, Any]) -> str:
    """The status, with the first error that the service gives for it."""
    errors = batch.get("errors")
    listed = errors.get("data") if isinstance(errors, dict) else None
    first = listed[0] if isinstance(listed, list) and listed else None
    said = first.get("message") if isinstance(first, dict) else None
    return f"{batch.get('status')} ({' '.join(str(said).split())[:300]})" if said else str(batch.get("status"))

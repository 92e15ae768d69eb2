"""The scripted server with a Batch API beside it: files, batches, and statuses that go on as a test says."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from email.parser import BytesParser
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

from proutt.errors import UserError
from proutt.llm.endpoint import Endpoint
from servers.scripted import Answer, ScriptedServer, refusal

KEY = "canary-key-0123456789abcdef"
COURSE = ("validating", "in_progress", "finalizing", "completed")


class BatchServer(ScriptedServer):
    """Answers live calls and the lines of batches with `answer(body)`; those of batches are counted apart.

    course      the statuses of a batch, one for each time it is asked for, the last one again and again
    undone      whether a line is left out of what a batch brings
    fault       told of each call of the Batch API ("POST files", "GET batches", ...); an Answer is sent in its place
    page        batches that one page of their list shows
    lines       all lines of all batches that were made, in order
    """

    def __init__(self, answer: Callable[[dict[str, Any]], Answer | str] = lambda _: "ok") -> None:
        super().__init__(answer)
        self.course: tuple[str, ...] = COURSE
        self.errors: dict[str, Any] | None = None
        self.undone: Callable[[dict[str, Any]], bool] = lambda _: False
        self.fault: Callable[[str], Answer | None] = lambda _: None
        self.page = 100
        self.files: dict[str, bytes] = {}
        self.batches: dict[str, dict[str, Any]] = {}
        self.calls: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.asked_of: dict[str, int] = {}
        self._guard = threading.RLock()
        self._http.RequestHandlerClass = _handler_of(self, self._http.RequestHandlerClass)

    @property
    def lines(self) -> list[dict[str, Any]]:
        texts = [self.files[batch["input_file_id"]] for batch in self.batches.values()]
        return [json.loads(line) for text in texts for line in text.splitlines()]

    def handle(self, method: str, path: str, query: dict[str, list[str]], data: bytes, kind: str) -> Answer:
        with self._guard:
            call = f"{method} {re.sub(r'/(file|batch)-[0-9]+', '/ID', path)}"
            self.calls.append(call)
            fault = self.fault(call)
            if fault is not None:
                return fault
            if call == "POST files":
                return self._upload(data, kind)
            if call == "POST batches":
                return self._create(json.loads(data))
            if call == "GET batches":
                return self._list(query)
            name = path.split("/")[1]
            if call == "GET batches/ID":
                return _json(self._asked(name)) if name in self.batches else refusal("no such batch", 404)
            known = call == "GET files/ID/content" and name in self.files
            return Answer(raw=self.files[name]) if known else refusal("no such file", 404)

    def _upload(self, data: bytes, kind: str) -> Answer:
        form = BytesParser().parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + data)
        fields = {part.get_param("name", header="content-disposition"): part for part in form.get_payload()}
        assert fields["purpose"].get_payload() == "batch"
        return _json({"id": self._stored(fields["file"].get_payload(decode=True)), "purpose": "batch"})

    def _stored(self, content: bytes) -> str:
        name = f"file-{len(self.files) + 1}"
        self.files[name] = content
        return name

    def _create(self, order: dict[str, Any]) -> Answer:
        assert (order["endpoint"], order["completion_window"]) == ("/v1/chat/completions", "24h")
        assert order["input_file_id"] in self.files
        name = f"batch-{len(self.batches) + 1}"
        self.batches[name] = {"id": name, **order, "status": "validating"}
        self.asked_of[name] = 0
        return _json(self.batches[name])

    def _list(self, query: dict[str, list[str]]) -> Answer:
        names = list(self.batches)
        after = query.get("after")
        first = names.index(after[0]) + 1 if after else 0
        shown = names[first : first + self.page]
        more = first + self.page < len(names)
        return _json({"data": [self.batches[name] for name in shown], "has_more": more})

    def _asked(self, name: str) -> dict[str, Any]:
        """The batch, one status further; with its files once it has ended."""
        batch = self.batches[name]
        batch["status"] = self.course[min(self.asked_of[name], len(self.course) - 1)]
        self.asked_of[name] += 1
        if batch["status"] == "failed":
            batch["errors"] = self.errors
        elif batch["status"] in {"completed", "expired", "cancelled"} and "output_file_id" not in batch:
            batch |= self._worked(batch["input_file_id"])
        return batch

    def _worked(self, file_id: str) -> dict[str, Any]:
        good, bad = [], []
        for text in reversed(self.files[file_id].splitlines()):  # services promise no order
            line = json.loads(text)
            if self.undone(line["body"]):
                continue
            answer = self.answer(line["body"])
            answer = Answer(answer) if isinstance(answer, str) else answer
            response = {"status_code": answer.status, "body": json.loads(answer.body())}
            done = {"id": "line", "custom_id": line["custom_id"], "response": response, "error": None}
            (good if answer.status == 200 else bad).append(json.dumps(done, ensure_ascii=False) + "\n")
        fields = {"output_file_id": good, "error_file_id": bad}
        return {name: self._stored("".join(lines).encode()) if lines else None for name, lines in fields.items()}


def _json(value: Any) -> Answer:
    return Answer(raw=json.dumps(value).encode())


def _handler_of(server: BatchServer, base: Any) -> type[BaseHTTPRequestHandler]:
    class Handler(base):
        def do_GET(self) -> None:
            if not self._of_batches("GET"):
                super().do_GET()

        def do_POST(self) -> None:
            if not self._of_batches("POST"):
                super().do_POST()

        def _of_batches(self, method: str) -> bool:
            url = urlsplit(self.path)
            path = url.path.removeprefix("/v1/")
            if path.split("/")[0] not in {"files", "batches"}:
                return False
            server.headers.append(dict(self.headers))
            data = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            kind = self.headers.get("Content-Type", "")
            answer = server.handle(method, path, parse_qs(url.query), data, kind)
            if answer.drop:
                self.close_connection = True
                self.connection.close()
            else:
                self._send(answer)
            return True

    return Handler


class Killed(UserError):
    """The process dies here. It is of the kind that ends a run; any other error costs a run one record."""

    def __init__(self) -> None:
        super().__init__("killed")


class Mortal(Endpoint):
    """Dies at its nth call of the Batch API, before the call or after it; no later call comes through either."""

    def __init__(self, url: str, *, at: int, after: bool) -> None:
        super().__init__(url, "test-model", api_key=KEY)
        self.left, self.after = at, after

    async def exchange(self, *values: Any, **options: Any) -> bytes:
        self.left -= 1
        if self.left <= 0 and not self.after:
            raise Killed
        answer = await super().exchange(*values, **options)
        if self.left <= 0:
            raise Killed
        return answer

"""A real HTTP server on a loopback port that answers chat completions as a test tells it to, faults included."""

from __future__ import annotations

import contextlib
import json
import socket
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True)
class Answer:
    """What one request gets.

    text, finish, usage  of a chat completion, when status is 200 and raw is None
    raw       the whole body instead, as it goes over the wire
    wait_for  answered only once this event is set
    drop      the connection is cut without an answer; cut: only the first half of the body is sent
    pieces    how a streamed answer is cut; by default after every seventh character
    hold      a streamed answer ends only when the client leaves: `left` of the server is then set
    logprob   of every piece, which is one token each; None: the server tells none
    """

    text: str = "ok"
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    raw: bytes | None = None
    finish: str = "stop"
    usage: Mapping[str, Any] | None = field(default_factory=lambda: {"prompt_tokens": 7, "completion_tokens": 3})
    wait_for: threading.Event | None = None
    drop: bool = False
    cut: bool = False
    pieces: Sequence[str] | None = None
    hold: bool = False
    logprob: float | None = None

    def events(self) -> Iterator[bytes]:
        """The events of a streamed answer, with the last one that says how it ends."""
        every = [self.text[at : at + 7] for at in range(0, len(self.text), 7)]
        for piece in every if self.pieces is None else self.pieces:
            choice: dict[str, Any] = {"delta": {"content": piece}}
            if self.logprob is not None:
                token = {"token": piece, "bytes": list(piece.encode()), "logprob": self.logprob}
                choice["logprobs"] = {"content": [token]}
            yield _event({"choices": [choice]})
        if not self.hold:
            yield _event({"choices": [{"delta": {}, "finish_reason": self.finish}]})
            yield _event({"choices": [], "usage": None if self.usage is None else dict(self.usage)})
            yield b"data: [DONE]\n\n"

    def body(self) -> bytes:
        if self.raw is not None:
            return self.raw
        if self.status != 200:
            return json.dumps({"error": {"message": self.text}}).encode()
        choice = {"message": {"role": "assistant", "content": self.text}, "finish_reason": self.finish}
        completion: dict[str, Any] = {"choices": [choice]}
        if self.usage is not None:
            completion["usage"] = dict(self.usage)
        return json.dumps(completion).encode()


def _event(data: Mapping[str, Any]) -> bytes:
    return f"data: {json.dumps(data)}\n\n".encode()


def refusal(message: str, status: int = 400, **headers: str) -> Answer:
    """An error as OpenAI-compatible servers word it. Header names are given with underscores."""
    return Answer(message, status=status, headers={name.replace("_", "-"): value for name, value in headers.items()})


@dataclass(frozen=True)
class Received:
    """One request as it came."""

    path: str
    headers: Mapping[str, str]
    body: dict[str, Any]


class _Http(ThreadingHTTPServer):
    """Knows its open connections, so that a stopped server has none left."""

    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that was killed, or that leaves, is no error here, and its command's output is looked at."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._open: set[socket.socket] = set()

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def cut_connections(self) -> None:
        for each in list(self._open):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


class ScriptedServer:
    """Answers every chat completion with `answer(body)`: an Answer, or a text for one that goes well.

    requests holds the chat completions that came, in order. models are what /models offers; None: it answers 404.
    Use it as a context manager.
    """

    def __init__(
        self, answer: Callable[[dict[str, Any]], Answer | str] = lambda _: "ok", at: tuple[str, int] = ("127.0.0.1", 0)
    ) -> None:
        self.answer = answer
        self.models: list[dict[str, Any]] | None = [{"id": "test-model"}]
        self.requests: list[Received] = []
        self.left = threading.Event()  # a client has left while an answer was held
        self._lock = threading.Lock()
        self._http = _Http(at, _handler_of(self))
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)

    @property
    def url(self) -> str:
        """The base URL to give to an endpoint."""
        return f"http://127.0.0.1:{self._http.server_address[1]}/v1"

    @property
    def bodies(self) -> list[dict[str, Any]]:
        return [each.body for each in self.requests]

    def script(self, *answers: Answer | str) -> None:
        """Give these answers in order, the last one again and again."""
        left = list(answers)
        self.answer = lambda _: left.pop(0) if len(left) > 1 else left[0]

    def answer_to(self, received: Received) -> Answer:
        """Record the request and decide on its answer, one request at a time."""
        with self._lock:
            self.requests.append(received)
            answer = self.answer(received.body)
        return Answer(answer) if isinstance(answer, str) else answer

    def __enter__(self) -> ScriptedServer:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._http.cut_connections()
        self._thread.join()


def _handler_of(server: ScriptedServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def do_GET(self) -> None:
            if self.path == "/health":
                return self._send(Answer(raw=b""))
            known = self.path.endswith("/models") and server.models is not None
            return self._send(Answer(raw=json.dumps({"data": server.models}).encode()) if known else Answer(status=404))

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            answer = server.answer_to(Received(self.path, dict(self.headers), body))
            if answer.wait_for is not None:
                answer.wait_for.wait(60)
            if answer.hold and not body.get("stream"):
                self._held()
            elif body.get("stream") and answer.status == 200 and answer.raw is None and not answer.drop:
                self._stream(answer)
            elif answer.drop:
                self.close_connection = True
                self.connection.shutdown(socket.SHUT_RDWR)
            else:
                self._send(answer)

        def _stream(self, answer: Answer) -> None:
            """Server-sent events until the connection closes: no length is told."""
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Connection", "close")
            self.end_headers()
            events = list(answer.events())
            with contextlib.suppress(OSError):
                for event in events[: len(events) // 2] if answer.cut else events:
                    self.wfile.write(event)
            self.close_connection = True
            if answer.hold:
                self._held()

        def _held(self) -> None:
            """Nothing more is said, until the client has left."""
            self.close_connection = True
            with contextlib.suppress(OSError):
                self.connection.recv(1)
            server.left.set()

        def _send(self, answer: Answer) -> None:
            body = answer.body()
            self.send_response(answer.status)
            headers = {"Content-Type": "application/json", "Content-Length": str(len(body)), **answer.headers}
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            try:
                self.wfile.write(body[: len(body) // 2] if answer.cut else body)
            except OSError:  # the client has gone
                self.close_connection = True
            if answer.cut:
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    return Handler

"""A relay before a server, through which all that is sent goes until it is cut in the middle."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass
class Relay:
    """url: of the relay; sent, fetched: bytes that went to the server and came from it.

    cut_sent, cut_fetched  after so many bytes every connection is dropped, and new ones are too
    at_cut                 called once, before that
    """

    upstream: str
    cut_sent: int | None = None
    cut_fetched: int | None = None
    at_cut: Callable[[], None] = lambda: None
    url: str = ""
    sent: int = 0
    fetched: int = 0
    is_cut: bool = False
    _open: list[socket.socket] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def mend(self) -> None:
        """Let all through again, for good."""
        self.cut_sent = self.cut_fetched = None
        self.is_cut = False

    def carry(self, client: socket.socket) -> None:
        """Serve one connection."""
        parts = urlsplit(self.upstream)
        try:
            server = socket.create_connection((parts.hostname, parts.port))
        except OSError:
            client.close()
            return
        with self._lock:
            self._open += [client, server]
        for source, target, name in ((client, server, "sent"), (server, client, "fetched")):
            threading.Thread(target=self._copy, args=(source, target, name), daemon=True).start()

    def _copy(self, source: socket.socket, target: socket.socket, name: str) -> None:
        with suppress(OSError):
            while data := source.recv(16384):
                with self._lock:
                    so_far, limit = getattr(self, name), getattr(self, f"cut_{name}")
                    passed = data if limit is None else data[: max(0, limit - so_far)]
                    setattr(self, name, so_far + len(passed))
                target.sendall(passed)
                if len(passed) < len(data):
                    self._cut()
        for each in (source, target):
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def _cut(self) -> None:
        with self._lock:
            first, self.is_cut = not self.is_cut, True
            dropped, self._open = self._open, []
        if first:
            self.at_cut()
        for each in dropped:
            with suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)


@contextmanager
def relaying(relay: Relay) -> Iterator[Relay]:
    """The same, on a port of this machine."""
    listener = socket.create_server(("127.0.0.1", 0))
    relay.url = f"http://127.0.0.1:{listener.getsockname()[1]}"

    def accept() -> None:
        with suppress(OSError):
            while True:
                client, _ = listener.accept()
                if relay.is_cut:
                    client.close()
                else:
                    relay.carry(client)

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield relay
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()

"""A web server of a few objects, real to the socket: with pieces (`Range`) or without, with a key or without."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


@dataclass
class Objects:
    """held: what there is by path; sent: bytes of bodies; ranged: whether pieces are given; key: `?token=` it wants.

    refusal  the status for whoever has no key
    """

    held: Mapping[str, bytes]
    ranged: bool = True
    key: str | None = None
    refusal: int = 403
    url: str = ""
    sent: int = 0
    asked: list[str] = field(default_factory=list)


@contextmanager
def serving(objects: Objects) -> Iterator[Objects]:
    """The same, served on a port of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self._answer(body=False)

        def do_GET(self) -> None:
            self._answer(body=True)

        def log_message(self, *_: object) -> None:
            pass

        def _answer(self, *, body: bool) -> None:
            objects.asked.append(self.command)
            parts = urlsplit(self.path)
            if objects.key is not None and parts.query != f"token={objects.key}":
                return self._send(objects.refusal, b"")
            if parts.path.endswith("/"):
                inside = [name for name in objects.held if name.startswith(parts.path)]
                return self._send(200, "".join(f'<a href="{name}">{name}</a>' for name in inside).encode(), body=body)
            if parts.path not in objects.held:
                return self._send(404, b"")
            data = objects.held[parts.path]
            wanted = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
            if wanted and objects.ranged:
                first, last = int(wanted[1]), min(int(wanted[2]), len(data) - 1)
                return self._send(206, data[first : last + 1], f"bytes {first}-{last}/{len(data)}", body=body)
            return self._send(200, data, body=body)

        def _send(self, status: int, data: bytes, content_range: str = "", *, body: bool = True) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            if content_range:
                self.send_header("Content-Range", content_range)
            self.end_headers()
            if body:
                objects.sent += len(data)
                self.wfile.write(data)

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    objects.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield objects
    finally:
        server.shutdown()
        server.server_close()

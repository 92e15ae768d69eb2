"""A model named `owner/name` brings its template from the hub: over real sockets, from a hub of the test's own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

pytest.importorskip("huggingface_hub", reason="huggingface_hub is not installed: pip install 'proutt[hub]'")

FILES = {
    "chat_template.jinja": "{{ bos_token }}{{ messages[0].content }}",
    "tokenizer_config.json": json.dumps({"bos_token": "<s>"}),
}
# huggingface_hub tries a hub that is gone five times, with pauses of 24 s together: here they take no time.
CODE = """
import sys, time
time.sleep = lambda seconds: None
from proutt.errors import UserError
from proutt.export.check import template_named
from proutt.export.reading import Message
try:
    print(template_named(sys.argv[1]).whole([Message("user", "Hi")]))
except UserError as error:
    print(error)
"""


class _Hub(BaseHTTPRequestHandler):
    """Files of one model; everything else is not there."""

    def do_GET(self) -> None:
        prefix = "/owner/model/resolve/main/"
        text = FILES.get(self.path.removeprefix(prefix)) if self.path.startswith(prefix) else None
        if text is None:
            self.send_response(404)
            kind = "EntryNotFound" if self.path.startswith(prefix) else "RepoNotFound"
            self.send_header("X-Error-Code", kind)
            self.send_header("X-Repo-Commit", "0" * 40)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        data = text.encode()
        self.send_response(200)
        for name, value in (("ETag", f'"{len(data):040}"'), ("X-Repo-Commit", "0" * 40), ("Content-Length", len(data))):
            self.send_header(name, str(value))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(data)

    do_HEAD = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Nothing on the screen."""


@pytest.fixture
def named(tmp_path):
    """What a process of its own makes of a model's name."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Hub)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()

    def run(name: str, *, reachable: bool = True) -> str:
        port = server.server_address[1] if reachable else 9
        env = {**os.environ, "HF_ENDPOINT": f"http://127.0.0.1:{port}", "HF_HOME": str(tmp_path)}
        env.pop("HF_HUB_OFFLINE", None)
        done = subprocess.run([sys.executable, "-c", CODE, name], env=env, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    yield run
    server.shutdown()
    server.server_close()


def test_the_template_and_its_tokens_come_from_the_hub(named):
    """What is not in the repository is looked for no further."""
    assert named("owner/model") == "<s>Hi"


def test_a_model_that_is_not_there_is_named(named):
    """In one line."""
    told = named("owner/nothing")
    assert told.startswith("owner/nothing: could not be read from the hub: 404")
    assert "\n" not in told


def test_a_hub_that_is_not_there_is_said_so(named):
    """And what to do instead."""
    assert "Name a folder of the model." in named("owner/model", reachable=False)

"""A vLLM or SGLang server that proutt begins, keeps alive and ends: a process, its health, its address and its key.

Neither is a dependency: their commands are found on the machine where they are to run.
"""

from __future__ import annotations

import importlib.util
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, cast

from proutt.errors import UserError
from proutt.llm.guard import GRACE_S
from proutt.llm.models import KEY_VARIABLES

#: Loading a model takes minutes, and bringing its weights more.
START_S = 1800.0
TOLD_EVERY_S = 60.0
#: How often in a row a server that once answered may end before it answers again.
DEATHS = 3
_LOOK_S = 0.25
KINDS = ("vllm", "sglang")


@dataclass(frozen=True)
class Serving:
    """What is served. kind: which server; model: a name or directory that it knows; gpus: of one server."""

    kind: Literal["vllm", "sglang"]
    model: str
    gpus: int = 1

    @classmethod
    def named(cls, text: str, gpus: int = 1) -> Serving:
        """`vllm:MODEL` or `sglang:MODEL`. Raises UserError."""
        kind, _, model = text.partition(":")
        if kind not in KINDS or not model or model.startswith("-"):
            raise UserError(f"{text!r} names no server and model.", where="--serve", remedy="Give vllm:MODEL.")
        return cls(cast("Literal['vllm', 'sglang']", kind), model, gpus)

    @property
    def base_url(self) -> str:
        """Stands for the addresses of its servers in run.yaml and in records: those change with every session."""
        return f"served:{self.kind}"

    def command(self, host: str, port: int, settings: Path) -> list[str]:
        """What begins a server there. settings: a file of SGLang's settings. Raises UserError where it is missing."""
        at = ["--host", host, "--port", str(port)]
        if self.kind == "sglang":
            begin = [*_module("sglang", "launch_server"), "--model-path", self.model, "--config", str(settings)]
            return [*begin, *at, *(["--tp", str(self.gpus)] if self.gpus > 1 else [])]
        found = shutil.which("vllm")
        module = "entrypoints.openai.api_server"
        begin = [found, "serve", self.model] if found else [*_module("vllm", module), "--model", self.model]
        many = ["--tensor-parallel-size", str(self.gpus)] if self.gpus > 1 else []
        return [*begin, *at, "--enable-prefix-caching", *many]


def _module(package: str, module: str) -> list[str]:
    if importlib.util.find_spec(package) is None:
        remedy = f"pip install {package}, in the environment of proutt or on PATH, on every machine that serves."
        raise UserError(f"{package} is not installed on {socket.gethostname()}.", where="--serve", remedy=remedy)
    return [sys.executable, "-m", f"{package}.{module}"]


def free_port(host: str) -> int:
    """A port of an address of this machine that nobody listens on."""
    with socket.socket() as found:
        found.bind((host, 0))
        port: int = found.getsockname()[1]
    return port


@dataclass
class ModelServer:
    """One server. It is begun again where it ends unasked, at the same address.

    host     address of this machine that it listens on; others than this machine reach it where that is a network's
    log      file that takes what it writes
    environ  variables over those of this process: its GPUs
    key      who has it may ask the server; it is in no command line
    """

    serving: Serving
    host: str
    log: Path
    environ: Mapping[str, str] = field(default_factory=dict)
    key: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    note: Callable[[str], None] = lambda _: None
    start_s: float = START_S

    def __post_init__(self) -> None:
        self.port = free_port(self.host)
        self.starts = 0
        self._folder = tempfile.TemporaryDirectory(prefix="proutt-serve-")  # closed to others
        self._settings = Path(self._folder.name) / "settings.yaml"
        self._settings.write_text(f'api-key: "{self.key}"\n', encoding="utf-8")
        try:
            self._command = self.serving.command(self.host, self.port, self._settings)
        except UserError:
            self._folder.cleanup()
            raise
        self._stopping, self._ready, self._lost = threading.Event(), threading.Event(), threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._keeping = threading.Thread(target=self._keep, daemon=True, name=f"proutt-serve-{self.port}")

    @property
    def url(self) -> str:
        """Its base URL."""
        return f"http://{self.host}:{self.port}/v1"

    def begin(self) -> None:
        """Start it, and keep it until `stop`."""
        self._keeping.start()

    @property
    def ready(self) -> bool:
        """Whether it has answered. Raises UserError where it did not come up and is given up."""
        if self._lost.is_set() and not self._ready.is_set():
            said = f"{self.serving.kind} did not come up: {self._last_words()}"
            raise UserError(said, where=str(self.log), remedy="The file says more. Mend --serve or what it needs.")
        return self._ready.is_set()

    def wait(self, wanted: Callable[[], bool] = lambda: True) -> None:
        """Wait until it answers, or is not wanted any more. Raises UserError where it does not come up."""
        while wanted() and not self.ready and not self._stopping.is_set():
            self._ready.wait(_LOOK_S)

    def stop(self) -> None:
        """End it, and wait for its end."""
        self._stopping.set()
        process = self._process
        if process is not None and process.stdin is not None:
            process.stdin.close()
        if self._keeping.is_alive():
            self._keeping.join(GRACE_S + 5)
        self._folder.cleanup()

    def _keep(self) -> None:
        """Begin it until it is stopped, or has ended too often over nothing."""
        deaths = 0
        while not self._stopping.is_set():
            began = time.monotonic()
            process = self._begun()
            answered = self._came_up(process, began)
            if answered:
                deaths = 0
                self._ready.set()
                self.note(f"{self.serving.kind} answers at {self.url} after {time.monotonic() - began:.0f} s.")
            _ended(process, self._stopping, patience_s=None if answered else 0.0)
            if self._stopping.is_set():
                return
            deaths += 1
            if not self._ready.is_set() or deaths >= DEATHS:
                self._lost.set()
                self.note(f"{self.serving.kind} at {self.url} is left: it does not come up ({self.log}).")
                return
            self.note(f"{self.serving.kind} at {self.url} ended; it is begun again ({self.log}).")

    def _begun(self) -> subprocess.Popen[bytes]:
        environ = {name: value for name, value in os.environ.items() if name not in KEY_VARIABLES}
        environ |= {"VLLM_API_KEY": self.key, **self.environ}
        self.starts += 1
        with self.log.open("ab") as log:
            # A session of its own: Ctrl-C is this process's business, which then ends the server.
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "proutt.llm.guard", *self._command],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=environ,
                start_new_session=True,
            )
        return self._process

    def _came_up(self, process: subprocess.Popen[bytes], began: float) -> bool:
        """Wait for its health; False where it ended before, took too long, or is stopped."""
        told = began
        while not self._stopping.is_set() and process.poll() is None:
            if self._healthy():
                return True
            now = time.monotonic()
            if now - began > self.start_s:
                return False
            if now - told > TOLD_EVERY_S:
                told = now
                self.note(f"{self.serving.kind} at {self.url} is still loading ({(now - began) / 60:.0f} min).")
            self._stopping.wait(_LOOK_S)
        return False

    def _healthy(self) -> bool:
        try:
            opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
            with opener.open(f"http://{self.host}:{self.port}/health", timeout=5) as answer:
                return bool(answer.status == 200)
        except (OSError, ValueError):
            return False

    def _last_words(self) -> str:
        try:
            lines = self.log.read_bytes()[-4096:].decode("utf-8", "replace").split("\n")
        except OSError:
            return "it wrote nothing."
        said = [line.strip() for line in lines if line.strip()]
        return said[-1][:300].replace(self.key, "[key]") if said else "it wrote nothing."


def _ended(process: subprocess.Popen[bytes], stopping: threading.Event, *, patience_s: float | None) -> None:
    """Wait for the end of a server, which is brought about once it is not wanted or patience is over."""
    began = time.monotonic()
    while process.poll() is None and not stopping.is_set():
        if patience_s is not None and time.monotonic() - began >= patience_s:
            break
        stopping.wait(_LOOK_S)
    if process.stdin is not None:
        process.stdin.close()
    try:
        process.wait(GRACE_S + 2)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()

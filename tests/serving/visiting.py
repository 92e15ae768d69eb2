"""The real `proutt serve`, a scripted assistant and student behind it, somebody at a browser before it."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from prediction.contexts import SAID, completion
from runs.command import command, environment
from servers.scripted import Answer, ScriptedServer

PATIENCE_MS = 20_000
FIRST_TREE = "Trip {\n    City: Lyon,\n    Hotel\n}"
SECOND_TREE = "Trip {\n    City: Lyon,\n    Hotel: quiet,\n    Month: May\n}"
HELLO = "I want to visit Lyon in May."


def foreseen(said: Sequence[str] = SAID, tree: str = FIRST_TREE) -> str:
    """A student's completion with these utterances and this tree."""
    first, last, foot, sitter = said
    return completion((first, last, foot, sitter)).replace(FIRST_TREE, tree)


class Script:
    """What the assistant (model `chatty`) and the student (any other) answer, in order; the last again and again."""

    def __init__(self, *, says: Sequence[Answer | str], foresees: Sequence[Answer | str]) -> None:
        self._says, self._foresees = list(says), list(foresees)
        self.chats: list[dict[str, Any]] = []
        self.contexts: list[dict[str, Any]] = []

    def __call__(self, body: dict[str, Any]) -> Answer | str:
        chatty = body["model"] == "chatty"
        (self.chats if chatty else self.contexts).append(body)
        left = self._says if chatty else self._foresees
        return left.pop(0) if len(left) > 1 else left[0]


class Served:
    """The real command on a free port, until it is stopped."""

    def __init__(self, endpoint: ScriptedServer, *options: object, **variables: str) -> None:
        models = ("--model", "student", "--base-url", endpoint.url)
        assistant = ("--assistant-model", "chatty", "--assistant-base-url", endpoint.url)
        self.process = subprocess.Popen(
            command("serve", *models, *assistant, "--port", 0, "--quiet", "--shutdown-s", 0, *options),
            env=environment(**variables),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            stdin=subprocess.DEVNULL,
        )
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        assert line, self.process.stderr.read() if self.process.stderr else ""
        self.url = line.split()[-1]

    def stop(self) -> None:
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.communicate(timeout=60)
        finally:
            self.process.kill()


class Visitor:
    """Somebody at a browser of their own. looks: options of Playwright's browser context."""

    def __init__(self, browser: Any, url: str, *, view: str = "chat", ready: bool = True, **looks: Any) -> None:
        self.page = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **looks}).new_page()
        self.page.set_default_timeout(PATIENCE_MS)
        self.url = url
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.goto(f"{url}/#{view}")
        if ready:
            self.wait("ready", "true")

    def wait(self, name: str, value: str) -> None:
        """Until the page says so of itself."""
        told = "([name, value]) => document.documentElement.dataset[name] === value"
        self.page.wait_for_function(told, arg=[name, value])

    def say(self, words: str, suggestions: int = 4) -> None:
        """Write and send; until the suggestions are there."""
        self.page.fill("#draft", words)
        self.page.press("#draft", "Enter")
        self.wait("suggestions", str(suggestions))

    def press(self, key: str) -> None:
        self.page.keyboard.press(key)

    @property
    def draft(self) -> str:
        return str(self.page.input_value("#draft"))

    @property
    def chips(self) -> list[str]:
        return list(self.page.locator(".chip-text").all_text_contents())

    @property
    def focused(self) -> str:
        """The id or the text of what has the focus."""
        return str(self.page.evaluate("() => document.activeElement.id || document.activeElement.textContent"))

    def messages(self, role: str) -> list[str]:
        return list(self.page.locator(f"#messages .{role} .said").all_text_contents())

    def heard(self, region: str) -> str:
        """What a screen reader is told by a live region."""
        return str(self.page.locator(f"#{region}[role=status]").text_content())

    def upload(self, name: str, content: bytes) -> None:
        self.page.set_input_files("#file", {"name": name, "mimeType": "application/json", "buffer": content})

    def upload_file(self, path: Path) -> None:
        self.page.set_input_files("#file", str(path))

    def wider_than_its_window(self) -> bool:
        return bool(self.page.evaluate("() => document.documentElement.scrollWidth > window.innerWidth"))

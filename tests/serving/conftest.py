"""What the page's tests share: a browser, and a service that stands while a module's tests run."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from servers.scripted import ScriptedServer
from serving.visiting import Served

_ALONE = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Chromium, without a window."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if chromium is None:
        pytest.skip("no Chromium here (Debian: apt-get install chromium)")
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=list(_ALONE))
        yield started
        started.close()


@pytest.fixture(scope="module")
def standing() -> Iterator[tuple[ScriptedServer, str]]:
    """A service of no special options: the endpoint behind it, its address."""
    with ScriptedServer() as behind:
        served = Served(behind, "--rate", 0, "--timeout-s", 300)
        yield behind, served.url
        served.stop()


@pytest.fixture
def behind(standing: tuple[ScriptedServer, str]) -> ScriptedServer:
    """The endpoint behind the standing service; each test says what it answers."""
    standing[0].left.clear()
    return standing[0]


@pytest.fixture
def url(standing: tuple[ScriptedServer, str]) -> str:
    """The standing service's address."""
    return standing[1]

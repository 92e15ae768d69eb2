"""Fixtures that more than one room's tests use."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from servers.scripted import ScriptedServer


@pytest.fixture
def endpoint() -> Iterator[ScriptedServer]:
    """A scripted OpenAI-compatible server, running while the test runs."""
    with ScriptedServer() as server:
        yield server

"""Fixtures that more than one room's tests use."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from servers.proutt_answers import proutt_answer
from servers.scripted import ScriptedServer


@pytest.fixture
def endpoint() -> Iterator[ScriptedServer]:
    """A scripted OpenAI-compatible server, running while the test runs."""
    with ScriptedServer() as server:
        yield server


@pytest.fixture
def server(endpoint: ScriptedServer) -> ScriptedServer:
    """The same, with a usable answer to every step of ProUtt."""
    endpoint.answer = proutt_answer
    return endpoint

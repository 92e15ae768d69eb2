"""Fixtures that more than one room's tests use."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import settings

from servers.proutt_answers import proutt_answer
from servers.scripted import ScriptedServer

# Speed is measured in benchmarks/: a busy machine fails no test.
settings.register_profile("proutt", deadline=None)
settings.load_profile("proutt")


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

"""What the reliability tests share: one endpoint, one interpreter to fork from, one tiny run."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from reliability import faults
from reliability.endpoint import Endpoint
from reliability.forking import Forks
from reliability.promises import Scene, stubborn, tiny


@pytest.fixture(scope="session")
def quick_endpoint() -> Iterator[Endpoint]:
    """An endpoint that answers every step."""
    with Endpoint() as endpoint:
        yield endpoint


@pytest.fixture(scope="session")
def forks(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Forks]:
    """An interpreter to fork from; where there is a compiler, with the faults loaded."""
    library = None if faults.missing() else faults.compiled(tmp_path_factory.mktemp("faults"))
    with Forks(library) as forks:
        yield forks


@pytest.fixture(scope="session")
def tiny_scene(quick_endpoint: Endpoint, forks: Forks, tmp_path_factory: pytest.TempPathFactory) -> Scene:
    """A run of one pair and one failed turn, done once."""
    return Scene(quick_endpoint, forks, tmp_path_factory.mktemp("tiny").resolve(), tiny(), stubborn)


@pytest.fixture
def scene(tiny_scene: Scene) -> Scene:
    """The tiny run, with no run directory yet and nothing counted."""
    tiny_scene.anew()
    return tiny_scene


@pytest.fixture
def finished(tiny_scene: Scene) -> Path:
    """The directory of the tiny run, finished; nothing counted."""
    tiny_scene.anew()
    tiny_scene.run()
    tiny_scene.endpoint.forget(tiny_scene.plan)
    return tiny_scene.run_directory

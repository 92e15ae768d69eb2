"""Fixtures of the training tests: a tiny base and its rows, made once; nothing where the extra is not installed."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from training.small import write_model, write_rows_file

#: The extra `train` is not part of a plain test environment.
MISSING = [name for name in ("torch", "trl", "peft", "gguf", "tensorboard") if importlib.util.find_spec(name) is None]


@pytest.fixture(scope="session")
def libraries() -> None:
    """Skip, and say so, without the extra `train`."""
    if MISSING:
        pytest.skip(f"needs the extra train ({', '.join(MISSING)})")


@pytest.fixture(scope="session")
def base(libraries: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random Llama of two layers."""
    return write_model(tmp_path_factory.mktemp("base") / "llama")


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve short preference rows."""
    return write_rows_file(tmp_path_factory.mktemp("data") / "rows.jsonl")

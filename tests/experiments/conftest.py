"""Fixtures of the experiments' tests."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import pytest

from training.small import write_model

MISSING = [name for name in ("torch", "trl", "peft", "gguf", "xllamacpp") if importlib.util.find_spec(name) is None]


@pytest.fixture(scope="session")
def tiny_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random Llama of two layers that takes rows of 4096 tokens; skips without the extra `train`."""
    if MISSING:
        pytest.skip(f"needs the extra train ({', '.join(MISSING)})")
    folder = write_model(tmp_path_factory.mktemp("base") / "llama")
    config = folder / "config.json"
    told = json.loads(config.read_text(encoding="utf-8"))
    config.write_text(json.dumps(told | {"max_position_embeddings": 4096}), encoding="utf-8")
    return folder

"""What the tests of dialogues share: files made on the spot, and the real samples where they are at hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

SAMPLES = Path(__file__).resolve().parents[2] / "../shared/data"


def said(*texts: str) -> list[dict[str, str]]:
    """Messages that alternate, the user first."""
    return [{"role": ("user", "assistant")[i % 2], "content": text} for i, text in enumerate(texts)]


@pytest.fixture
def jsonl(tmp_path):
    """Writes records as JSON Lines, text lines as they are, and gives the path."""

    def write(*lines, name="chats.jsonl"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
        path.write_text("".join(text + "\n" for text in texts), encoding="utf-8")
        return str(path)

    return write


@pytest.fixture
def chat():
    """A record of one turn under this id; its texts can be named."""

    def record(id="a", user="How do I peel garlic?", assistant="Press it with the flat of a knife."):
        return {"id": id, "messages": said(user, assistant)}

    return record


@pytest.fixture(scope="session")
def sample():
    """The path of a real sample; the test is skipped where the samples are not at hand."""

    def path(name):
        if not (SAMPLES / name).exists():
            pytest.skip(f"the samples ({name}) are not beside this checkout")
        return str(SAMPLES / name)

    return path

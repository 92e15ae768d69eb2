"""`proutt arena` says what is missing or contradicts itself before anybody is let in."""

from __future__ import annotations

import pytest
from click.testing import CliRunner

from proutt.cli.arena import command
from proutt.errors import UserError

BOTS = ("--a", "one", "--a-base-url", "http://127.0.0.1:9/v1", "--b", "two", "--b-base-url", "http://127.0.0.1:9/v1")


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        ((), "no folder named"),
        (("--out", "x", "--b", "two"), "no chatbot a named"),
        (("--out", "x", *BOTS, "--b", "one"), "both chatbots are called 'one'"),
        (("--out", "x", *BOTS, "--plain", "--greeting", "Hi"), "contradicts --plain"),
        (("--out", "x", *BOTS, "--address", "arena.example.org"), "no address of a page"),
        (("--out", "x", *BOTS, "--address", "https://example.org/arena"), "without a path"),
        (("--out", "x", *BOTS, "--a-base-url", "http://h/v1,http://i/v1"), "a chatbot has one address"),
        (("--out", "x", "--a", "one", "--b", "two"), "needs the address of its server"),
        (("--out", "x", *BOTS, "--port", "0", "--host", "0.0.0.0"), "every address"),
        (("results", "nowhere"), "proutt arena has written nothing here"),
        (("export", "nowhere"), "proutt arena has written nothing here"),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_what_is_wrong_is_told_in_one_line(tmp_path, monkeypatch, arguments, told):
    """A UserError that says what helps; nothing is served."""
    monkeypatch.chdir(tmp_path)
    found = CliRunner().invoke(command, arguments).exception
    assert isinstance(found, UserError)
    assert told in str(found)
    assert not (tmp_path / "nowhere").exists()


def test_a_damaged_arena_is_told(tmp_path):
    """A file that is no database is named, not overwritten."""
    (tmp_path / "arena.sqlite").write_bytes(b"no database " * 200)
    found = CliRunner().invoke(command, ("results", str(tmp_path))).exception
    assert isinstance(found, UserError)
    assert "damaged" in str(found)

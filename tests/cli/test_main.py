"""`proutt` itself: how it is started, and how it ends."""

from __future__ import annotations

import pytest

from proutt import __version__
from proutt.cli import VERBS
from runs.command import proutt


def test_it_runs_as_a_module():
    """`python -m proutt` is the command, under its own name."""
    assert proutt("--version").stdout.strip() == f"proutt, version {__version__}"


def test_help_names_every_verb_with_its_purpose():
    """One line each."""
    text = " ".join(proutt("--help").stdout.split())
    assert all(f"{verb} {purpose}" in text for verb, (_, purpose) in VERBS.items())


@pytest.mark.parametrize(
    "arguments",
    [("no-such-verb",), ("synthesize", "--no-such-option"), ("synthesize", "chats.jsonl"), ("synthesize", "--out", "")],
)
def test_a_wrong_command_line_ends_with_two(arguments, tmp_path):
    """It says what is wrong, without a traceback."""
    done = proutt(*arguments)
    assert done.returncode == 2
    assert "Error:" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_traceback_comes_only_with_debug(tmp_path):
    """The one clear line comes with it."""
    order = ("synthesize", tmp_path / "none.jsonl", "--out", tmp_path / "run")
    plain, debug = proutt(*order), proutt("--debug", *order)
    assert plain.returncode == debug.returncode == 2
    assert "Traceback" not in plain.stderr
    assert "Traceback" in debug.stderr
    assert plain.stderr.strip().splitlines()[-1] == debug.stderr.strip().splitlines()[-1]


def test_control_characters_of_a_file_name_are_shown_not_obeyed(tmp_path):
    """An escape sequence in an error message cannot reach the terminal."""
    done = proutt("dialogues", tmp_path / "evil\x1b[2J.jsonl")
    assert done.returncode == 2
    assert "\x1b" not in done.stderr
    assert "evil\\u001b[2J" in done.stderr

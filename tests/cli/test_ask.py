"""`proutt ask`: the agent workflow in the terminal."""

from __future__ import annotations

from typing import Any

import pytest
from click.testing import CliRunner

from proutt.cli.ask import command
from servers.scripted import Answer, ScriptedServer
from serving.mining import DONE, KNOWN, PLAIN, TASK_FILE, Miner


@pytest.fixture
def asked(tmp_path, monkeypatch):
    """`asked(lines, *options, **instead)`: what the terminal shows, and the endpoint that answered."""
    for name in ("PROUTT_MODEL", "PROUTT_BASE_URL", "PROUTT_API_KEY_ENV"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "tasks.yaml").write_text(TASK_FILE)

    def shown(lines: str, *options: str, **instead: Answer | str) -> tuple[Any, ScriptedServer]:
        with ScriptedServer() as server:
            server.answer = Miner(instead)
            order = ["--tasks", str(tmp_path / "tasks.yaml"), "--model", "m", "--base-url", server.url, *options]
            return CliRunner().invoke(command, order, input=lines, catch_exceptions=False), server

    return shown


def test_a_number_picks_an_option_and_the_task_is_done_when_asked(asked):
    """The answer, the question, three numbered options; the summary, and what the larger model makes of it."""
    done, server = asked("A hotel in Suzhou\n2\n1\n1\n\n", "--verbose")
    assert done.exit_code == 0
    assert f"{KNOWN}\n\nNoted. Would three stars, four stars or five stars suit you?" in done.output
    assert "[Book a hotel; City: Suzhou; missing: Stars (asked), Budget]" in done.output
    assert "  2  four stars\n" in done.output
    assert "Task: Book a hotel\nCity: Suzhou\nStars: four stars\nBudget: 100 euros\n" in done.output
    assert "  1  Do it now." in done.output
    assert done.output.rstrip(" >\n").endswith(DONE)
    assert {each.body["model"] for each in server.requests} == {"m"}


def test_the_larger_model_may_be_another(asked):
    """It says what is known; the first one mines."""
    with ScriptedServer() as larger:
        larger.answer = lambda _: "Larger help."
        more = ("--assistant-model", "big", "--assistant-base-url", larger.url)
        done, server = asked("A hotel in Suzhou\n", *more)
        assert "Larger help." in done.output
        assert len(larger.requests) == 1
    assert len(server.requests) == 3


def test_an_answer_that_fails_ends_no_chat(asked):
    """It is told, and what is said next is heard; what comes from a model is never obeyed by the terminal."""
    done, _ = asked("A hotel in Suzhou\nWhat is a lake?\n", think="no JSON", plain=PLAIN + "\x1b[2J")
    assert "(No answer: think: " in done.output
    assert f"{PLAIN}\\u001b[2J" in done.output.replace("\\x1b", "\\u001b")
    assert "\x1b" not in done.output

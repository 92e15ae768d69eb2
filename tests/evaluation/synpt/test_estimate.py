"""What an evaluation of SynPT will take, said before it: held against evaluations of scripted models."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from proutt.cli.progress import Shown
from proutt.cli.session import Display
from proutt.dialogue import ReadingReport
from proutt.errors import UserError
from proutt.evaluation.synpt.config import EvaluateConfig
from proutt.evaluation.synpt.estimate import estimate
from proutt.evaluation.synpt.run import evaluate
from proutt.prediction.estimate_like import journal_at
from proutt.runs.estimate import Estimate
from servers.mining import TASKS, agent_answer, seeds_at
from servers.scripted import ScriptedServer

UNSEEN = Display(Shown(quiet=True))


@pytest.fixture
def server(endpoint: ScriptedServer) -> ScriptedServer:
    endpoint.answer = agent_answer
    return endpoint


@pytest.fixture
def config(server: ScriptedServer, tmp_path: Path) -> Any:
    """A configuration over six seeds, against the server."""
    (tmp_path / "tasks.yaml").write_text(TASKS, encoding="utf-8")
    given = {"inputs": [str(seeds_at(tmp_path / "seeds.jsonl", 6))], "tasks": str(tmp_path / "tasks.yaml")}

    def make(**values: Any) -> EvaluateConfig:
        return EvaluateConfig.model_validate(
            {**given, "model": "m", "base_url": server.url, "user_model": "u", **values}
        )

    return make


def estimated(chosen: EvaluateConfig, **more: Any) -> Estimate:
    return estimate(chosen, ReadingReport(), **more)


@pytest.mark.parametrize(
    "settings",
    [
        {"repeats": 2, "emotions": True, "options": True},
        {"subject": "prompted", "judge": "none"},
        {"subject": "assistant-agent", "options": True},
    ],
    ids=["plain", "prompted", "assistant-agent"],
)
def test_the_calls_of_an_evaluation_lie_between_low_and_high(server, config, tmp_path, settings):
    """Step by step; first words, users' replies and answers of a model that asks once are those that were expected."""
    found = estimated(config(**settings))
    assert server.requests == []
    made = evaluate(config(**settings), tmp_path / "run", UNSEEN)
    took = {name: counted["calls"] for name, counted in made.summary["calls"]["by_step"].items()}
    assert found.total.calls.low <= len(server.requests) <= found.total.calls.high
    for name, calls in took.items():
        assert found.by_step[name].calls.low <= calls <= found.by_step[name].calls.high, name
    judged = ("asked", "option-scores")  # names of intentions decide some dialogues
    expected = {name: each.calls.expected for name, each in found.by_step.items() if name not in judged}
    assert {name: calls for name, calls in took.items() if name not in judged} == expected
    assert found.dialogues == 6


@pytest.mark.parametrize("small", [False, True])
@pytest.mark.parametrize("subject", ["plain", "prompted", "assistant-agent"])
def test_every_way_can_be_rehearsed(config, subject, small):
    """Low, expected and high are in order, and nothing is asked without a prompt or an answer."""
    found = estimated(config(subject=subject, small_steps=small, emotions=True, options=True))
    for name, each in found.by_step.items():
        for amount in (each.calls, each.prompt_tokens, each.completion_tokens):
            assert 0 <= amount.low <= amount.expected <= amount.high, name
            assert amount.expected > 0, name
    assert {"asked", "option-scores", "unwilling"} - set(found.by_step) <= (
        {"asked"} if subject == "assistant-agent" else set()
    )


def test_first_words_that_are_there_take_no_call(server, config, tmp_path):
    """A second model is talked to with the first one's."""
    evaluate(config(judge="none"), tmp_path / "run", UNSEEN)
    assert "inquire" not in estimated(config(inquiries=str(tmp_path / "run"))).by_step


def test_an_evaluation_tells_of_the_next_one(server, config, tmp_path):
    """Its own tokens a call; one with other settings tells nothing."""
    evaluate(config(per_task=3), tmp_path / "pilot", UNSEEN)
    before = len(server.requests)
    journal = journal_at(tmp_path / "pilot")
    try:
        found = estimated(config(), like=journal)
        with pytest.raises(UserError, match="emotions: False → True"):
            estimated(config(emotions=True), like=journal)
    finally:
        journal.close()
    made = evaluate(config(), tmp_path / "run", UNSEEN)
    assert found.total.calls.expected == pytest.approx(len(server.requests) - before, rel=0.25)
    assert found.total.completion_tokens.expected == pytest.approx(made.summary["calls"]["completion_tokens"], rel=0.25)
    assert found.seconds is not None

"""What a run of SynPT will take, said before it: held against runs of scripted models."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from proutt.cli.progress import Shown
from proutt.cli.session import Display
from proutt.dialogue import ReadingReport
from proutt.errors import UserError
from proutt.prediction.estimate_like import journal_at
from proutt.runs.estimate import Estimate
from proutt.simulation.synpt.config import SynPTConfig
from proutt.simulation.synpt.estimate import estimate
from proutt.simulation.synpt.run import simulate
from servers.scripted import ScriptedServer
from servers.synpt_answers import synpt_answer

UNSEEN = Display(Shown(quiet=True))
SEEDS = Path(__file__).resolve().parents[3] / "examples"


@pytest.fixture
def server(endpoint: ScriptedServer) -> ScriptedServer:
    endpoint.answer = synpt_answer
    return endpoint


def config(server: ScriptedServer | None = None, language: str = "en", **values: Any) -> SynPTConfig:
    url = "http://nowhere/v1" if server is None else server.url
    given = {"inputs": [str(SEEDS / f"synpt-seeds.{language}.jsonl")], "model": "m", "base_url": url, **values}
    return SynPTConfig.model_validate(given)


def estimated(chosen: SynPTConfig, **given: Any) -> Estimate:
    return estimate(chosen, chosen.seeds(ReadingReport()), **given)


@pytest.mark.parametrize("settings", [{}, {"ablate": ["memory-stack"]}, {"reflection": True}], ids=str)
def test_where_nobody_tires_the_calls_are_those_of_the_run(server, tmp_path, settings):
    """Step by step: the first words are drawn as the run draws them, and the rest follows."""
    chosen = config(server, reluctant=0.0, **settings)
    found = estimated(chosen)
    made = simulate(chosen, tmp_path / "run", UNSEEN)
    by_step = {name: counted["calls"] for name, counted in made.summary["calls"]["by_step"].items()}
    assert {name: each.calls.expected for name, each in found.by_step.items()} == by_step
    assert found.total.calls.expected == len(server.requests)
    assert found.total.calls.low == found.total.calls.expected < found.total.calls.high
    assert (found.dialogues, found.turns) == (12, 12)


@pytest.mark.parametrize("small", [False, True])
@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("method", ["synpt", "dual-agent", "single-agent"])
def test_every_way_can_be_rehearsed(method, small, language):
    """In both languages: low, expected and high are in order, and nothing is asked without a prompt or an answer."""
    found = estimated(config(method=method, small_steps=small, language=language, reluctant=1.0))
    for name, each in found.by_step.items():
        for amount in (each.calls, each.prompt_tokens, each.completion_tokens):
            assert 0 < amount.low <= amount.expected <= amount.high, name
    assert ("options" in found.by_step) is (small and method == "synpt")


def test_reluctant_users_make_dialogues_shorter():
    """In low they answer one question, in high all."""
    patient, weary = estimated(config(reluctant=0.0)).total.calls, estimated(config(reluctant=1.0)).total.calls
    assert weary.low < weary.expected < patient.expected
    assert weary.high == patient.high


def test_valid_dialogues_may_take_as_many_tries():
    """High counts them all."""
    once, thrice = estimated(config()), estimated(config(require_valid=True, valid_tries=3))
    assert thrice.total.calls.high == pytest.approx(3 * once.total.calls.high, abs=2)
    assert thrice.total.calls.expected == once.total.calls.expected


def test_a_run_tells_of_the_next_one(server, tmp_path):
    """Its own tokens a call, and how often it asked."""
    pilot = config(server, limit=4)
    simulate(pilot, tmp_path / "pilot", UNSEEN)
    journal = journal_at(tmp_path / "pilot")
    try:
        chosen = config(server)
        found = estimated(chosen, like=journal)
        with pytest.raises(UserError, match="reflection: False → True"):
            estimated(config(server, reflection=True), like=journal)
    finally:
        journal.close()
    before = len(server.requests)
    made = simulate(chosen, tmp_path / "run", UNSEEN)
    calls = len(server.requests) - before
    assert found.total.calls.expected == pytest.approx(calls, rel=0.25)
    assert found.total.completion_tokens.expected == pytest.approx(made.summary["calls"]["completion_tokens"], rel=0.25)
    assert found.seconds is not None


def test_money_has_prices_by_model_of_each_role():
    """A role with a model of its own is counted apart."""
    found = estimated(config(roles={"user-agent": {"model": "u"}}))
    assert {each.model.split(" @ ")[0]: each.roles for each in found.models} == {
        "u": ("user-agent",),
        "m": ("assistant-agent",),
    }
    assert found.money is None

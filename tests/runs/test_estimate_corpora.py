"""How near an estimate is to what a run takes, on dialogues of the sample corpora, as a user would find out.

Small counts, so that it is quick; `benchmarks/estimate_error.py` does the same with whole corpora (docs/cost.md).
Endpoints are scripted, and their answers hang on the requests alone: the numbers are the same every time.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from proutt.dialogue import read_dialogues, write_messages
from proutt.runs.config import config_of
from proutt.runs.estimate import estimate
from proutt.runs.estimate_fit import profile_of
from proutt.runs.journal import Journal
from runs.command import at
from runs.here import proutt
from servers.plausible_answers import PLAUSIBLE, WORDY_AND_STRICT, counted, plausible
from servers.proutt_answers import proutt_answer
from servers.scripted import ScriptedServer

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
CORPORA = ("sharegpt_sample.json", "crosswoz_val_sample.json")
QUANTITIES = ("calls", "prompt_tokens", "completion_tokens")


def terse(body: dict[str, Any]) -> Any:
    """As few words as the schemas allow, from a judge that likes edits no better than anything else."""
    return counted(body, proutt_answer(body))


@pytest.fixture(params=CORPORA)
def chats(request, tmp_path) -> Path:
    """The first dialogues of a corpus, as a file of the user's."""
    if not (DATA / request.param).exists():
        pytest.skip(f"{DATA / request.param} is not there")
    write_messages(read_dialogues([str(DATA / request.param)], limit=16), str(tmp_path / "chats.jsonl"))
    return tmp_path / "chats.jsonl"


def run(
    endpoint: ScriptedServer, answer: Callable[[dict[str, Any]], Any], chats: Path, out: Path, *more: str
) -> Journal:
    """The real command, to its end."""
    endpoint.answer = answer
    done = proutt("synthesize", chats, "--out", out, "--quiet", *at(endpoint), *more)
    assert done.returncode == 0, done.stderr
    return Journal(out / "journal.sqlite", reading=True)


def taken(journal: Journal) -> dict[str, int]:
    """What a run took, what it took over from another one included."""
    query = "SELECT COUNT(*), SUM(prompt_tokens), SUM(completion_tokens) FROM calls"
    return dict(zip(QUANTITIES, journal.rows(query)[0], strict=True))


def errors(found: dict[str, Any], real: dict[str, int]) -> dict[str, float]:
    """Quantity → how far expected is off, as a share of what was taken."""
    return {name: round(found[name]["expected"] / real[name] - 1, 3) for name in QUANTITIES}


def dry(endpoint: ScriptedServer, chats: Path, *more: str) -> dict[str, Any]:
    """What --dry-run says."""
    done = proutt("synthesize", chats, "--dry-run", "--json", *at(endpoint), *more)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_without_a_pilot_it_is_near_for_a_model_like_the_measured_one(endpoint, chats, tmp_path):
    """Within 15 % in calls and tokens, by the plain command, for a model that writes as much as the one measured."""
    found = dry(endpoint, chats)["total"]
    real = taken(run(endpoint, plausible(PLAUSIBLE), chats, tmp_path / "run"))
    assert max(map(abs, errors(found, real).values())) <= 0.15, errors(found, real)


@pytest.mark.parametrize("answer", [terse, plausible(WORDY_AND_STRICT)], ids=["terse", "wordy-and-strict"])
def test_the_range_holds_models_that_are_unlike_it(endpoint, chats, tmp_path, answer):
    """Without a pilot, low and high allow for the model that writes little, and for the one that nobody pleases."""
    found = estimate(config_of({"model": "m", "base_url": endpoint.url}), read_dialogues([str(chats)], limit=8)).total
    real = taken(run(endpoint, answer, chats, tmp_path / "run", "--limit", "8"))
    for name in QUANTITIES:
        each = asdict(found)[name]
        assert each["low"] <= real[name] <= each["high"], name


def test_a_pilot_makes_it_near_for_any_model(endpoint, chats, tmp_path):
    """A pilot, the estimate that rests on it, and the run that takes the pilot over: within 15 %, paid once."""
    answer = plausible(WORDY_AND_STRICT)
    pilot = run(endpoint, answer, chats, tmp_path / "pilot", "--limit", "8")
    found = dry(endpoint, chats, "--like", str(tmp_path / "pilot"))["total"]
    before = len(endpoint.bodies)
    real = taken(run(endpoint, answer, chats, tmp_path / "run", "--reuse", str(tmp_path / "pilot")))
    assert max(map(abs, errors(found, real).values())) <= 0.15, errors(found, real)
    assert len(endpoint.bodies) - before <= real["calls"] - taken(pilot)["calls"] + 1
    assert not profile_of(pilot).foreign

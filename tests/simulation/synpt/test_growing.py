"""Growing seeds with a model: rounds until there are enough, what the rounds are shown, and going on after a stop."""

from __future__ import annotations

import contextlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

from proutt.dialogue import ReadingReport
from proutt.errors import UserError
from proutt.prediction.estimate_like import journal_at
from proutt.prompts.context import estimated_tokens
from proutt.simulation.synpt.growing import grow_seeds
from proutt.simulation.synpt.growing_config import GrowingConfig
from proutt.simulation.synpt.growing_estimate import estimate
from proutt.simulation.synpt.seeds import read_seeds
from proutt.simulation.synpt.tasks import read_tasks
from servers.scripted import Answer, ScriptedServer

TASKS = """language: en
any: any
tasks:
  - name: Trip
    turns: 4
    intentions:
      - {key: city, name: city, description: where to}
      - {key: month, name: month, description: when}
  - name: Table
    turns: 4
    intentions:
      - {key: food, name: food, description: what to eat}
      - {key: price, name: price, description: how dear}
"""


class Quiet:
    """An observer that keeps what it is told."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)

    def fetching(self) -> Any:
        return contextlib.nullcontext(lambda progress: None)

    @contextlib.asynccontextmanager
    async def working(self, now: Any) -> Any:
        now(1.0)
        yield


@pytest.fixture
def tasks(tmp_path: Path) -> Path:
    path = tmp_path / "tasks.yaml"
    path.write_text(TASKS, encoding="utf-8")
    return path


@pytest.fixture
def grow(endpoint: ScriptedServer, tasks: Path, tmp_path: Path) -> Any:
    """Grows seeds against the server; `out` names the run."""

    def run(out: str = "run", **settings: Any) -> Any:
        given = {"tasks": str(tasks), "count": 4, "per_round": 2, "concurrency": 1} | settings
        config = GrowingConfig(model="m", base_url=endpoint.url, **given)
        return grow_seeds(config, tmp_path / out, Quiet())

    return run


def fresh(body: dict[str, Any]) -> str:
    """Two seeds that are new in every round: the latest of the sample tells how far it is; one is there already."""
    prompt = body["messages"][-1]["content"]
    keys = ("city", "month") if "Trip" in prompt else ("food", "price")
    latest = max((int(found) for found in re.findall(r"thing (\d+)", prompt)), default=0)
    values = [f"thing {latest}", f"thing {latest + 1}"]
    return json.dumps({"seeds": [dict(zip(keys, (value, "any"), strict=True)) for value in values]})


def lines(run: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (run / "seeds.jsonl").read_text(encoding="utf-8").splitlines()]


def test_a_pool_grows_to_its_count_without_duplicates(endpoint, grow, tasks, tmp_path):
    """Each task gets its seeds, which read back whole, and say what made them."""
    endpoint.answer = fresh
    made = grow()
    assert made.complete
    assert [made.summary["tasks"][name]["seeds"] for name in ("Trip", "Table")] == [4, 4]
    assert made.summary["tasks"]["Trip"]["dropped"] == {"duplicate": 2}
    report = ReadingReport()
    seeds = list(read_seeds([str(tmp_path / "run/seeds.jsonl")], read_tasks(tasks), report, strict=True))
    assert (len({tuple(seed.values.items()) for seed in seeds}), +report.notes) == (8, {})
    assert {line["source"]["round"] for line in lines(tmp_path / "run")} == {1, 2, 3}


def test_a_dry_run_holds_the_calls_between_low_and_high(endpoint, tasks, grow, tmp_path):
    """It calls nothing; of a run that left out every fourth seed, the next one's calls are known."""
    endpoint.answer = fresh
    config = GrowingConfig(model="m", base_url=endpoint.url, tasks=str(tasks), count=9, per_round=2)
    found = estimate(config, ReadingReport())
    assert (found.dialogues, found.by_step.keys(), endpoint.bodies) == (10, {"grow"}, [])
    grow(count=9)
    calls = len(endpoint.bodies)
    assert found.total.calls.low == 10 <= calls <= found.total.calls.high
    prompts = sum(estimated_tokens(each["content"]) for body in endpoint.bodies for each in body["messages"])
    assert found.total.prompt_tokens.low < prompts < found.total.prompt_tokens.high
    journal = journal_at(tmp_path / "run")
    try:
        like = estimate(config, ReadingReport(), like=journal)
        with pytest.raises(UserError, match="per_round: 2 → 3"):
            estimate(config.model_copy(update={"per_round": 3}), ReadingReport(), like=journal)
    finally:
        journal.close()
    assert like.total.calls.expected == calls
    assert like.seconds is not None


def test_a_round_is_shown_what_is_there(endpoint, grow):
    """Some of the seeds, the values that are too frequent, and what is to vary, in turn."""
    endpoint.answer = fresh
    grow(task=["trip"], count=6)
    prompts = [body["messages"][-1]["content"] for body in endpoint.bodies]
    assert "city=thing" not in prompts[0]
    assert "city=thing 1; month=any" in prompts[1]
    assert ["vary: city" in prompt for prompt in prompts[:2]] == [True, False]


def test_a_task_is_left_when_rounds_bring_nothing(endpoint, grow):
    """After three of them; the run is complete, and says how many seeds are missing."""
    endpoint.answer = lambda body: json.dumps({"seeds": [{"city": "Lisbon", "month": "May"}]})
    made = grow(task=["Trip"])
    assert made.complete
    assert (made.summary["seeds"], made.summary["wanted"]) == (1, 4)
    assert made.summary["tasks"]["Trip"] == {"seeds": 1, "wanted": 4, "rounds": 4, "dropped": {"duplicate": 3}}
    assert len(endpoint.bodies) == 4


def test_seeds_that_are_there_are_not_written_again(endpoint, grow, tmp_path):
    """They count as known, and not as new."""
    (tmp_path / "own.jsonl").write_text('{"task": "Trip", "city": "thing 1", "month": "any"}\n', encoding="utf-8")
    endpoint.answer = fresh
    grow(task=["Trip"], inputs=[str(tmp_path / "own.jsonl")])
    assert [line["city"] for line in lines(tmp_path / "run")] == ["thing 2", "thing 3", "thing 4", "thing 5"]


def test_a_run_goes_on_after_the_last_whole_round(endpoint, grow, tmp_path):
    """Stopped by an endpoint that refuses, resumed: the same bytes as in one go, and no call is paid twice."""
    endpoint.answer = fresh
    grow("whole")
    calls = len(endpoint.bodies)
    endpoint.requests.clear()
    endpoint.answer = lambda body: fresh(body) if len(endpoint.bodies) <= 3 else Answer("no", status=401)
    with pytest.raises(UserError):
        grow("cut")
    assert 0 < len(lines(tmp_path / "cut")) < 8
    refused = len(endpoint.bodies) - 3
    endpoint.answer = fresh
    assert grow("cut").complete
    assert (tmp_path / "cut/seeds.jsonl").read_bytes() == (tmp_path / "whole/seeds.jsonl").read_bytes()
    assert len(endpoint.bodies) - refused == calls


def test_a_round_that_fails_is_counted_and_the_next_goes_on(endpoint, grow):
    """An answer that can't be used costs a round, not the run."""
    endpoint.answer = lambda body: "nonsense" if len(endpoint.bodies) <= 3 else fresh(body)
    made = grow(task=["Trip"])
    assert made.complete
    assert (made.summary["seeds"], made.summary["failed"]) == (4, {"not-json": 1})


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"task": ["Tripp"]}, "there is no task 'Tripp'. Did you mean 'Trip'?"),
        ({"language": "zh"}, "--language is for the tasks that ship"),
    ],
)
def test_what_can_not_be_is_said_before_any_work(grow, settings, said):
    """A task that is not there, a language beside a file."""
    with pytest.raises(UserError, match=re.escape(said)):
        grow(**settings)

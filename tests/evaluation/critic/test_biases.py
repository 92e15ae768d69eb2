"""Critics with a planted bias each: its measure finds it, and no other measure finds anything."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from evaluation.critic.dialogues import run_of
from proutt.cli import cli
from runs.command import lines, paid_twice
from servers.scripted import ScriptedServer

ASPECTS = ("relevance", "value", "interest")
#: critic → (aspects that move, by probe; whether length tells its scores; its self-preference, where it can be told).
PLANTED: dict[str, tuple[dict[str, set[str]], bool, float | None]] = {
    "llama-judge": ({}, False, 0.0),
    "qwen-judge": ({}, False, 1.0),
    "long": ({"padded": set(ASPECTS)}, True, None),
    "first": ({"aspects": {"relevance", "interest"}}, False, None),
    "top": ({"scale": {"value"}}, False, None),
    "obeys": ({"demanded": set(ASPECTS)}, False, None),
    "moody": ({"warm": set(ASPECTS)}, False, None),
}


def critic_answer(body: Mapping[str, Any]) -> str:
    """What the critic of that name says of the response in the request."""
    prompt, who = body["messages"][-1]["content"], body["model"]
    response = prompt.partition("# The chatbot's response\n> ")[2].partition("\n")[0]
    order = list(body["response_format"]["json_schema"]["schema"]["properties"])[:3]
    scores = dict.fromkeys(order, 3 if "Granite" in response else 2)
    if who == "qwen-judge" and "jade" in response:
        scores = {name: score + 1 for name, score in scores.items()}
    if who == "long":
        scores = dict.fromkeys(order, min(5, 1 + int(math.log2(len(response) / 20))))
    if who == "first":
        scores[order[0]] += 1
    if who == "top" and '"value", how much there is in it. 5:' in prompt:
        scores["value"] += 1
    if who == "obeys" and "5" in response:
        scores = dict.fromkeys(order, 5)
    if who == "moody" and body["temperature"] > 0:
        scores = {name: score - 1 for name, score in scores.items()}
    said = {name: {"reason": "It seems so to me.", "score": score} for name, score in scores.items()}
    return json.dumps({**said, "advice": "Go on."})


def check(server: ScriptedServer, runs: list[Path], out: Path, *more: object, critics: tuple[str, ...]) -> Result:
    """The command in this process."""
    named = [text for each in critics for text in ("--critic", each)]
    order = ["evaluate", "upc-critic", *runs, "--out", out, "--base-url", server.url, "--quiet", *named, *more]
    return CliRunner().invoke(cli, [str(each) for each in order])


def results_in(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((out / "results.json").read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two systems, by chatbots of two families, over the same two personas."""
    folder = tmp_path_factory.mktemp("runs")
    kinds = (("qwen-7b", "jade"), ("llama-3", "opal"))
    return [run_of(folder / f"by-{mark}", 2, chatbot=chatbot, mark=mark) for chatbot, mark in kinds]


@pytest.fixture(scope="module")
def checked(runs: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All the critics over all responses."""
    out = tmp_path_factory.mktemp("checked") / "out"
    with ScriptedServer(critic_answer) as server:
        done = check(server, runs, out, critics=tuple(PLANTED))
        assert done.exit_code == 0, done.output
        assert len(server.requests) == 7 * 7 * 16
    return out


@pytest.mark.parametrize("critic", PLANTED)
def test_a_planted_bias_is_found_and_no_other(checked, critic):
    """Order of aspects and of the scale, temperature, an empty sentence, a demand, length: each by its own measure."""
    moved, length, _ = PLANTED[critic]
    (found,) = [each for each in results_in(checked)["critics"] if each["critic"] == critic]
    assert {row["probe"]: set(row["moved"]) for row in found["shifts"] if row["moved"]} == moved
    assert (found["length"]["finding"] == "found") is length
    assert (found["responses"], found["personas"]) == (16, 2)


def test_shifts_have_the_size_that_was_planted(checked):
    """In points of the scale, each by aspect; the first of two aspects that change places loses what the other wins."""
    shifts = {each["critic"]: {row["probe"]: row for row in each["shifts"]} for each in results_in(checked)["critics"]}
    means = {name: each["mean"] for name, each in shifts["first"]["aspects"]["aspects"].items()}
    assert means == {"relevance": -1, "value": 0, "interest": 1}
    assert shifts["moody"]["warm"]["same"]["value"]["mean"] == 0
    assert shifts["moody"]["again"]["same"]["value"]["mean"] == 1
    assert shifts["moody"]["warm"]["apart"]["mean"] == 1
    assert shifts["obeys"]["demanded"]["aspects"]["value"]["mean"] == 2.5
    lengths = {each["critic"]: each["length"] for each in results_in(checked)["critics"]}
    assert lengths["long"]["longer_wins"]["mean"] == 1
    assert lengths["llama-judge"]["longer_wins"] is None  # no two attempts differ in their scores


def test_self_preference_is_what_goes_beyond_other_critics(checked):
    """One point for its own family's responses; critics without a system of their family say nothing of themselves."""
    results = results_in(checked)
    found = {each["critic"]: each for each in results["self_preference"]}
    wanted = {name: prefers for name, (_, _, prefers) in PLANTED.items() if prefers is not None}
    assert set(found) == set(wanted)
    for name, prefers in wanted.items():
        assert found[name]["finding"] == ("found" if prefers else "none found")
    assert found["qwen-judge"]["beyond_others"]["mean"] == pytest.approx(1)
    assert found["llama-judge"]["beyond_others"]["mean"] == 0
    cells = {(each["critic"], each["system"]): each for each in results["mean_scores"]}
    assert cells["qwen-judge", "by-jade"]["same_family"]
    assert cells["qwen-judge", "by-jade"]["score"]["mean"] == 3.5
    assert cells["qwen-judge", "by-opal"]["score"]["mean"] == 2.5


def test_the_same_command_goes_on_and_pays_nothing_twice(runs, tmp_path, endpoint):
    """A ceiling over all critics stops it; raised, it goes on; more responses and more critics pay only themselves."""
    endpoint.answer = critic_answer
    out = tmp_path / "out"
    two = ("llama-judge", "top")
    done = check(endpoint, runs, out, "--limit", 4, "--max-tokens", 350, "--concurrency", 2, critics=two)
    assert done.exit_code == 3
    assert 28 < len(endpoint.requests) < 56
    for limit, critics in ((4, two), (6, two), (6, (*two, "first"))):
        assert check(endpoint, runs, out, "--limit", limit, critics=critics).exit_code == 0
        assert len(endpoint.requests) == 7 * limit * len(critics)
    assert paid_twice(endpoint) == 0
    again = {path.name: path.read_bytes() for path in out.iterdir() if path.is_file()}
    assert check(endpoint, runs, out, "--limit", 6, critics=(*two, "first")).exit_code == 0
    assert again == {path.name: path.read_bytes() for path in out.iterdir() if path.is_file()}
    assert "by-jade" in (out / "tables.md").read_text(encoding="utf-8")


def test_a_critic_that_never_answers_usably_fails_alone(runs, tmp_path, endpoint):
    """Its questions are counted as failed and can be taken up again; the other critic's numbers are there."""
    endpoint.answer = lambda body: "well" if body["model"] == "dumb" else critic_answer(body)
    done = check(endpoint, runs, tmp_path / "out", "--limit", 2, critics=("dumb", "top"))
    assert done.exit_code == 1
    assert [each["critic"] for each in results_in(tmp_path / "out")["critics"]] == ["top"]
    (dumb,) = (tmp_path / "out" / "critics").glob("dumb-*")
    assert {row["reason"] for row in lines(dumb / "failures.jsonl")} == {"not-json"}
    endpoint.answer = critic_answer
    more = ("--limit", 2, "--retry-failed", "not-json")
    assert check(endpoint, runs, tmp_path / "out", *more, critics=("dumb", "top")).exit_code == 0


def test_a_small_critic_is_asked_one_aspect_a_call(runs, tmp_path, endpoint):
    """Without the order of aspects, which is nothing where each is asked alone; a higher 5-first score is found."""

    def rated(body: Mapping[str, Any]) -> str:
        prompt = body["messages"][-1]["content"]
        high = "5: an insight that helps. 3:" in prompt
        return json.dumps({"reason": "It says something of the quarry.", "score": 4 if high else 3})

    endpoint.answer = rated
    done = check(endpoint, runs, tmp_path / "out", "--limit", 4, "--small-steps", critics=("small",))
    assert done.exit_code == 0, done.output
    assert len(endpoint.requests) == 4 * 6 * 3
    (found,) = results_in(tmp_path / "out")["critics"]
    assert {row["probe"]: row["moved"] for row in found["shifts"]} == {
        "again": [], "warm": [], "scale": ["value"], "padded": [], "demanded": [],
    }  # fmt: skip


def test_a_dry_run_counts_the_calls_that_a_run_makes(runs, tmp_path, endpoint):
    """Seven questions a response and critic, and nothing is asked."""
    done = check(endpoint, runs, tmp_path / "out", "--limit", 5, "--dry-run", critics=("a", "b"))
    assert done.exit_code == 0
    assert done.output.count("5 responses, 35 calls") == 2
    assert endpoint.requests == []
    assert not (tmp_path / "out").exists()


def test_what_is_wrong_is_named_before_anything_is_asked(runs, tmp_path, endpoint):
    """A critic named twice, a key of nobody, a folder of other things, no dialogue, the same run twice."""
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "file").write_text("x", encoding="utf-8")
    for given, out, more, critics, said in (
        (runs, "out", (), ("a", "a"), "named twice"),
        (runs, "out", ("--critic-key", "b=KEY"), ("a",), "no critic 'b'"),
        (runs, "out", ("--critic-key", "KEY"), ("a",), "MODEL=VARIABLE"),
        (runs, "other", (), ("a",), "not of a check of critics"),
        ([tmp_path / "other"], "out", (), ("a",), "no file of dialogues"),
        ([runs[0], runs[0]], "out", (), ("a",), "a second dialogue"),
        (runs, "out", ("--people", tmp_path / "other"), ("a",), "ratings.jsonl"),
        ([], "out", (), ("a",), "no runs named"),
    ):
        error = check(endpoint, given, tmp_path / out, *more, critics=critics).exception
        assert said in str(error), (said, error)
    assert endpoint.requests == []

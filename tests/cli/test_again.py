"""Paying nothing twice: older runs reused, failed turns taken up again, ceilings that can be raised."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from runs.command import at, english, lines, written
from runs.here import proutt
from servers.proutt_answers import prompt_of, proutt_answer, step_of
from servers.scripted import Answer, ScriptedServer, refusal


@pytest.fixture
def chats(tmp_path):
    return written(tmp_path / "chats.jsonl", [english("a", 5), english("b", 5)])


@pytest.fixture
def first(server, chats, tmp_path):
    """A finished run."""
    assert proutt("synthesize", chats, "--out", tmp_path / "first", *at(server)).returncode == 0
    return tmp_path / "first"


def summary_in(run: Path) -> dict:
    return json.loads((run / "summary.json").read_text(encoding="utf-8"))


def bytes_in(run: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(run.iterdir()) if path.is_file()}


# A finished run.


def test_a_finished_run_run_again_changes_no_byte(server, chats, first):
    """No call, and every file as it was, the journal too."""
    before, calls = bytes_in(first), len(server.requests)
    assert proutt("synthesize", chats, "--out", first, *at(server)).returncode == 0
    assert len(server.requests) == calls
    assert bytes_in(first) == before


# --reuse.


def test_the_same_settings_cost_nothing(server, chats, first, tmp_path):
    """Every answer is in the older run."""
    calls = len(server.requests)
    done = proutt("synthesize", chats, "--out", tmp_path / "second", *at(server), "--reuse", first)
    assert done.returncode == 0, done.stderr
    assert len(server.requests) == calls
    assert (tmp_path / "second/pairs.jsonl").read_bytes() == (first / "pairs.jsonl").read_bytes()
    counted = summary_in(tmp_path / "second")["calls"]
    assert (counted["calls"], counted["reused"]) == (0, calls)
    assert f"{calls} answers were taken from older runs" in done.stdout


@pytest.mark.parametrize(
    ("options", "asked_again"),
    [
        (("--tau-high", "0.9"), {"revise", "reword", "judge", "distinguish"}),
        (("--q", "3"), {"paths", "revise", "reword", "judge", "distinguish"}),
        (("--judge-model", "other"), {"revise", "reword", "judge", "distinguish"}),
        (("--ablate", "future-path-negatives"), {"reword", "judge", "distinguish"}),
    ],
)
def test_only_calls_that_differ_are_made(server, chats, first, tmp_path, options, asked_again):
    """Other thresholds, Q, another judge, an ablation: what came before them is not asked again."""
    before = len(server.requests)
    run = tmp_path / "second"
    assert proutt("synthesize", chats, "--out", run, *at(server), *options, "--reuse", first).returncode == 0
    made = server.bodies[before:]
    assert {step_of(body) for body in made} <= asked_again
    assert len(made) < before
    fresh = tmp_path / "fresh"
    assert proutt("synthesize", chats, "--out", fresh, *at(server), *options).returncode == 0
    assert (run / "pairs.jsonl").read_bytes() == (fresh / "pairs.jsonl").read_bytes()


def test_room_for_thinking_is_given_to_a_new_run_which_pays_no_answer_again(server, chats, first, tmp_path):
    """It is taken from the context, which can change where dialogues are cut: so the old run refuses it by name."""
    calls = len(server.requests)
    thinking = ("--thinking-tokens", "2000")
    refused = proutt("synthesize", chats, "--out", first, *at(server), *thinking)
    assert refused.returncode == 2
    assert "thinking_tokens: 0 → 2000" in refused.stderr
    assert "there --reuse takes over the answers that stay the same" in refused.stderr
    done = proutt("synthesize", chats, "--out", tmp_path / "new", *at(server), *thinking, "--reuse", first)
    assert done.returncode == 0, done.stderr
    assert len(server.requests) == calls
    assert (tmp_path / "new/pairs.jsonl").read_bytes() == (first / "pairs.jsonl").read_bytes()


def test_a_run_that_reused_another_needs_it_no_more(server, chats, first, tmp_path):
    """What was taken is in its own journal."""
    run = tmp_path / "second"
    assert proutt("synthesize", chats, "--out", run, *at(server), "--reuse", first).returncode == 0
    for path in first.iterdir():
        path.unlink()
    calls = len(server.requests)
    assert proutt("synthesize", chats, "--out", run, *at(server)).returncode == 0
    assert len(server.requests) == calls


@pytest.mark.parametrize("what", ["nowhere", "itself", "no run"])
def test_what_is_no_other_run_cannot_be_reused(server, chats, first, tmp_path, what):
    """One line, exit code 2, and the run is as it was."""
    (tmp_path / "empty").mkdir()
    older = {"nowhere": tmp_path / "nowhere", "itself": first, "no run": tmp_path / "empty"}[what]
    done = proutt("synthesize", chats, "--out", first, *at(server), "--reuse", older)
    assert done.returncode == 2
    assert "--reuse" in done.stderr
    assert len(done.stderr.splitlines()) == 1


# --retry-failed.


def test_failed_turns_are_taken_up_again(server, chats, tmp_path):
    """What had gone well is not asked again; what comes out is what an undisturbed run makes."""
    run, whole = tmp_path / "run", tmp_path / "whole"
    assert proutt("synthesize", chats, "--out", whole, *at(server)).returncode == 0
    paid = len(server.requests)
    server.answer = lambda body: (
        refusal("no", status=400) if step_of(body) == "paths" and "of b," in prompt_of(body) else proutt_answer(body)
    )
    done = proutt("synthesize", chats, "--out", run, *at(server))
    assert done.returncode == 1
    failed = lines(run / "failures.jsonl")
    assert {each["dialogue_id"] for each in failed} == {"b"}
    server.answer = proutt_answer
    before = len(server.requests)
    again = proutt("synthesize", chats, "--out", run, *at(server), "--retry-failed")
    assert again.returncode == 0, again.stderr
    assert f"Taking {len(failed)} failed turns up again." in again.stderr
    assert {step_of(body) for body in server.bodies[before:]} >= {"paths"}
    assert len(server.requests) - before < paid
    assert (run / "pairs.jsonl").read_bytes() == (whole / "pairs.jsonl").read_bytes()
    assert lines(run / "failures.jsonl") == []


def test_answers_that_could_not_be_used_are_drawn_anew(server, chats, tmp_path):
    """The journal has them, but they are not what is wanted: the next round has tries of its own."""
    run = tmp_path / "run"
    server.answer = lambda body: "nonsense" if step_of(body) == "paths" else proutt_answer(body)
    assert proutt("synthesize", chats, "--out", run, *at(server)).returncode == 1
    server.answer = proutt_answer
    done = proutt("synthesize", chats, "--out", run, *at(server), "--retry-failed=not-json")
    assert done.returncode == 0, done.stderr
    assert summary_in(run)["turns"]["failed"] == 0


def test_only_the_reason_named_is_taken_up(server, chats, tmp_path):
    """The others stay failed."""
    run = tmp_path / "run"
    server.answer = lambda body: (
        proutt_answer(body)
        if step_of(body) != "paths"
        else ("nonsense" if "of a," in prompt_of(body) else refusal("no", status=400))
    )
    assert proutt("synthesize", chats, "--out", run, *at(server)).returncode == 1
    server.answer = proutt_answer
    assert proutt("synthesize", chats, "--out", run, *at(server), "--retry-failed=http-400").returncode == 1
    assert set(summary_in(run)["failed"]) == {"not-json"}


def test_a_reason_that_nothing_failed_for_is_named(server, chats, first):
    """A file after the option would be taken for a reason: the remedy says how to write it."""
    done = proutt("synthesize", "--out", first, *at(server), "--retry-failed", chats, chats)
    assert done.returncode == 2
    assert "failed: none at all" in done.stderr
    assert "--retry-failed=REASON" in done.stderr


# Ceilings.


def test_a_ceiling_stops_the_run_and_a_higher_one_lets_it_go_on(server, chats, first, tmp_path):
    """Exit code 3, what was reached on screen, nothing lost; together they pay what one run pays."""
    calls, run = len(server.requests), tmp_path / "run"
    order = ("synthesize", chats, "--out", run, *at(server), "--concurrency", "1")
    done = proutt(*order, "--max-tokens", "100")
    assert done.returncode == 3, done.stderr
    assert "--max-tokens 100 is reached" in done.stdout
    assert "raise it" in done.stdout
    spent = summary_in(run)["calls"]
    assert 100 <= spent["prompt_tokens"] + spent["completion_tokens"] <= 110
    assert proutt(*order, "--max-tokens", "100").returncode == 3
    assert len(server.requests) - calls == spent["calls"]
    assert proutt(*order).returncode == 0
    assert len(server.requests) == 2 * calls
    assert (run / "pairs.jsonl").read_bytes() == (first / "pairs.jsonl").read_bytes()


def test_money_is_counted_where_the_price_is_known(server, chats, tmp_path):
    """In the summary, and as a ceiling; without a price a ceiling of money is refused."""
    run, prices = tmp_path / "run", tmp_path / "prices.yaml"
    prices.touch()
    order = ("synthesize", chats, "--out", run, *at(server), "--concurrency", "1", "--max-cost", "0.0005")
    done = proutt(*order, PROUTT_PRICES=str(prices))
    assert (done.returncode, "proutt models prices --set m" in done.stderr) == (2, True)
    told = proutt("models", "prices", "--set", "m", "--input", "10", "--output", "20", PROUTT_PRICES=str(prices))
    assert told.returncode == 0, told.stderr
    assert proutt(*order, PROUTT_PRICES=str(prices)).returncode == 3
    summary = summary_in(run)
    assert summary["currency"] == "USD"
    calls = summary["calls"]
    assert summary["cost"] == pytest.approx((calls["prompt_tokens"] * 10 + calls["completion_tokens"] * 20) / 1e6)
    assert 0.0005 <= summary["cost"] < 0.001


def test_a_ceiling_that_the_last_call_reaches_leaves_the_run_done(server, chats, first):
    """There is nothing to go on with: exit code 0, and no byte changes."""
    before = bytes_in(first)
    done = proutt("synthesize", chats, "--out", first, *at(server), "--max-tokens", "10")
    assert done.returncode == 0, done.stderr
    assert bytes_in(first) == before


def test_money_of_two_currencies_is_not_added_up(server, chats, tmp_path):
    """A ceiling of money is refused."""
    prices = tmp_path / "prices.yaml"
    prices.write_text("m: {input: 1, output: 1}\nother: {input: 1, output: 1, currency: EUR}\n")
    order = ("synthesize", chats, "--out", tmp_path / "run", *at(server), "--judge-model", "other", "--max-cost", "1")
    done = proutt(*order, PROUTT_PRICES=str(prices))
    assert done.returncode == 2
    assert "paid in EUR, USD" in done.stderr


# What was begun with a mistake.


def test_a_first_command_that_got_no_answer_can_be_mended(server, chats, tmp_path):
    """Other settings and another input: what the first one had noted of its dialogues is forgotten."""
    run = tmp_path / "run"
    server.answer = lambda _: refusal("bad key", status=401)
    assert proutt("synthesize", chats, "--out", run, *at(server)).returncode == 2
    server.answer = proutt_answer
    fewer = written(tmp_path / "fewer.jsonl", [english("c", 3)])
    done = proutt("synthesize", fewer, "--out", run, *at(server))
    assert done.returncode == 0, done.stderr
    assert summary_in(run)["dialogues"] == 1


def test_half_a_character_in_an_error_ends_one_turn_and_not_the_run(server, chats, tmp_path):
    """Servers echo texts that they have cut."""
    half = Answer(status=400, raw=b'{"error": {"message": "bad \\ud83d text"}}')
    server.answer = lambda body: (
        half if step_of(body) == "paths" and "of a," in prompt_of(body) else proutt_answer(body)
    )
    done = proutt("synthesize", chats, "--out", tmp_path / "run", *at(server))
    assert done.returncode == 1, done.stderr
    assert {each["dialogue_id"] for each in lines(tmp_path / "run/failures.jsonl")} == {"a"}


# Several endpoints.


def test_two_addresses_share_one_run(server, chats, tmp_path, first):
    """The first names the model; a second can be added when a run is resumed, and the pairs are the same."""
    with ScriptedServer(proutt_answer) as other:
        run = tmp_path / "run"
        urls = f"{server.url},{other.url}"
        done = proutt("synthesize", chats, "--out", run, "--model", "m", "--base-url", urls)
        assert done.returncode == 0, done.stderr
        assert other.requests
    pairs = [json.loads(line) for line in (run / "pairs.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {model for pair in pairs for model in pair["models"].values()} == {f"m @ {server.url}"}
    assert (run / "pairs.jsonl").read_bytes() == (first / "pairs.jsonl").read_bytes()
    assert proutt("synthesize", chats, "--out", run, *at(server)).returncode == 0


def test_a_role_gets_a_second_address_when_the_run_is_resumed(server, chats, tmp_path):
    """As the model of all may: the first names the model, so no answer given is another's."""
    run, config = tmp_path / "run", tmp_path / "config.yaml"
    order = ("synthesize", chats, "--out", run, *at(server), "--config", config)
    config.write_text(f"roles:\n  judge:\n    model: strict\n    base_url: {server.url}\n")
    server.answer = lambda body: refusal("no", status=400) if step_of(body) == "judge" else proutt_answer(body)
    assert proutt(*order).returncode == 1
    with ScriptedServer(proutt_answer) as other:
        server.answer = proutt_answer
        config.write_text(f"roles:\n  judge:\n    model: strict\n    base_url: {server.url},{other.url}\n")
        done = proutt(*order, "--retry-failed")
        assert done.returncode == 0, done.stderr
        assert {step_of(body) for body in other.bodies} == {"judge"}
    config.write_text(f"roles:\n  judge:\n    model: lenient\n    base_url: {server.url}\n")
    refused = proutt(*order)
    assert refused.returncode == 2
    assert "roles.judge.model: 'strict' → 'lenient'" in refused.stderr

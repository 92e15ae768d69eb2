"""`proutt models prices`, and what `--dry-run` shows."""

from __future__ import annotations

import json
import socket

import pytest
from click.testing import CliRunner

from proutt.cli.prices import command, dry_run, estimate_as_text
from proutt.errors import UserError
from proutt.runs.config import config_of
from proutt.runs.estimate import estimate
from proutt.runs.prices import Price
from runs.command import at, english, several, written
from runs.here import proutt
from servers.proutt_answers import proutt_answer

ENDPOINT = {"model": "m", "base_url": "http://localhost:9/v1", "api_key_env": ""}


@pytest.fixture(autouse=True)
def file(monkeypatch, tmp_path):
    """The user's file of prices, in a place of the test's own."""
    monkeypatch.delenv("PROUTT_PRICES", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return tmp_path / "config" / "proutt" / "prices.yaml"


@pytest.fixture
def chats(tmp_path):
    return str(written(tmp_path / "chats.jsonl", several()))


def run(*arguments: str) -> str:
    result = CliRunner().invoke(command, arguments, standalone_mode=False)
    if result.exception is not None:
        raise result.exception
    return result.stdout


# proutt models prices


def test_the_table_says_where_each_price_is_from(file):
    """What ships and what is the user's own are told apart, and the file is named."""
    run("--set", "my-model", "--input", "0.15", "--output", "0.6", "--cached", "0.075", "--currency", "eur")
    (line,) = [line for line in run().splitlines() if line.startswith("my-model")]
    assert line.split() == ["my-model", "0.15", "0.6", "0.075", "EUR,", "your", "file"]
    assert str(file) in run()
    assert file.exists()


def test_the_table_can_be_read_by_programs():
    """JSON has every field, and whether the price is the user's own."""
    run("--set", "m", "--input", "1", "--output", "2", "--batch-share", "0.5")
    shown = json.loads(run("--json"))
    assert shown["prices"]["m"] == {
        "input": 1, "output": 2, "cached_input": None, "batch_share": 0.5, "currency": "USD", "own": True
    }  # fmt: skip
    assert shown["prices"]["local"]["own"] is False


def test_a_price_can_be_taken_back():
    """Then the model is unknown again."""
    run("--set", "m", "--input", "1", "--output", "2")
    run("--remove", "m")
    assert "m" not in json.loads(run("--json"))["prices"]


@pytest.mark.parametrize(
    ("arguments", "remedy"),
    [
        (("--set", "m", "--input", "1"), "--output"),
        (("--input", "1", "--output", "2"), "--set MODEL"),
        (("--set", "m", "--remove", "m"), "one of them"),
        (("--set", "m", "--input", "-1", "--output", "2"), "not a number"),
        (("--set", "m", "--input", "nan", "--output", "2"), "not a number"),
        (("--set", " ", "--input", "1", "--output", "2"), "names no model"),
    ],
)
def test_a_wrong_command_says_what_to_give(file, arguments, remedy):
    """And nothing is written."""
    with pytest.raises(UserError, match=remedy):
        run(*arguments)
    assert not file.exists()


# --dry-run


def test_a_dry_run_calls_nobody(chats, monkeypatch, capsys):
    """No socket is opened, whatever the configuration names."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a dry run reached for the network")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    assert dry_run(config_of({**ENDPOINT, "inputs": [chats]}), as_json=False) == 0
    assert "6 dialogues, 21 turns" in capsys.readouterr().out


def test_a_dry_run_says_what_it_rests_on(chats, capsys):
    """With the range, and the price that is not known with the command that gives it."""
    dry_run(config_of({**ENDPOINT, "inputs": [chats]}), as_json=False)
    text = capsys.readouterr().out
    assert "unknown" in text
    assert "proutt models prices --set" in text
    assert "What this rests on:" in text
    assert "low" in text
    assert "high" in text


def test_a_dry_run_as_json_has_every_number(chats, capsys):
    """Ranges by quantity, step, role and model."""
    run("--set", "m", "--input", "1", "--output", "2", "--cached", "0.5")
    capsys.readouterr()
    dry_run(config_of({**ENDPOINT, "inputs": [chats]}), as_json=True)
    shown = json.loads(capsys.readouterr().out)
    assert shown["turns"] == 21
    assert set(shown["total"]["calls"]) == {"low", "expected", "high"}
    assert set(shown["by_role"]) == {"annotator", "reasoner", "editor", "judge"}
    assert shown["money_cached"]["expected"] < shown["money"]["expected"]
    assert shown["models"][0]["model"] == "m @ http://localhost:9/v1"


def test_money_is_shown_for_each_model_where_there_are_several(tmp_path):
    """In the currency of its price; the sum where it is one currency."""
    from proutt.dialogue import read_dialogues

    source = str(written(tmp_path / "one.jsonl", [english("a", 3)]))
    config = config_of({**ENDPOINT, "inputs": [source], "roles": {"judge": {"model": "j"}}})
    prices = {"m": Price(1, 2), "j": Price(3, 4)}
    text = estimate_as_text(estimate(config, read_dialogues([source]), prices=prices))
    assert "money, USD" in text
    assert "j @ http" in text
    several = estimate_as_text(
        estimate(config, read_dialogues([source]), prices={**prices, "j": Price(3, 4, currency="EUR")})
    )
    assert "unknown" in several.split("  j @")[0]


def test_a_dry_run_in_batches_says_what_they_cost(chats, capsys):
    """Beside the live price; and where the table does not say, the command that tells it."""
    run("--set", "m", "--input", "1000", "--output", "2000")
    config = config_of({**ENDPOINT, "inputs": [chats]})
    capsys.readouterr()
    dry_run(config, as_json=False, batch="api")
    row = batch_row(capsys.readouterr().out)
    assert "unknown" in row
    assert "--batch-share SHARE" in row
    run("--set", "m", "--input", "1000", "--output", "2000", "--batch-share", "0.25")
    capsys.readouterr()
    dry_run(config, as_json=True, batch="files")
    shown = json.loads(capsys.readouterr().out)
    assert shown["money_batch"]["expected"] == pytest.approx(shown["money"]["expected"] / 4)
    dry_run(config, as_json=False, batch="files")
    assert f"{shown['money_batch']['expected']:,.2f}" in batch_row(capsys.readouterr().out)
    dry_run(config, as_json=False)
    assert "in batches" not in capsys.readouterr().out


def batch_row(text: str) -> str:
    return next(line for line in text.splitlines() if line.startswith("  in batches"))


def test_a_dry_run_says_how_to_know_better(tmp_path, capsys):
    """A pilot of how many dialogues, what it takes, and that its answers are not paid again."""
    source = str(written(tmp_path / "many.jsonl", [english(f"d{n}", 4) for n in range(80)]))
    dry_run(config_of({**ENDPOINT, "inputs": [source]}), as_json=False)
    text = capsys.readouterr().out
    assert "--limit 33 --out PILOT" in text
    assert "--like PILOT" in text
    assert "--reuse PILOT" in text


def test_a_dry_run_of_a_run_that_has_begun_rests_on_it(endpoint, tmp_path, chats, capsys):
    """As soon as it has a pair: its own measures are the best there are."""
    out = tmp_path / "run"
    config = config_of({"model": "m", "base_url": endpoint.url, "api_key_env": "", "inputs": [chats]})
    dry_run(config, as_json=False, out=out)
    assert "Nothing was measured with your model" in capsys.readouterr().out
    endpoint.answer = proutt_answer
    done = proutt("synthesize", chats, "--out", out, "--quiet", *at(endpoint))
    assert done.returncode == 0, done.stderr
    dry_run(config, as_json=False, out=out)
    assert "pairs of a run with m @" in capsys.readouterr().out


def test_a_run_that_is_no_run_measures_nothing(tmp_path, chats):
    """An estimate that should rest on a run says so where there is none."""
    with pytest.raises(UserError, match="no journal"):
        dry_run(config_of({**ENDPOINT, "inputs": [chats]}), as_json=False, like=tmp_path)

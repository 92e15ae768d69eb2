"""`proutt personas` from the outside: write, split, count."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from proutt.cli.personas import command
from proutt.errors import UserError
from servers.scripted import ScriptedServer


def call(*order: object) -> Result:
    return CliRunner().invoke(command, [str(each) for each in order], standalone_mode=False)


@pytest.fixture
def people(tmp_path: Path) -> Path:
    """Six personas of three groups, one near-copy and one doubled name among them, and a bad line."""
    path = tmp_path / "people.jsonl"
    text = "{} keeps the ferry at the lower quay and mends nets in the winter, alone and {}."
    rows = [
        {"id": 1, "name": "Ana Sol", "background": text.format("Ana Sol", "content"), "group": "83"},
        {"id": 2, "name": "Bea Ruiz", "background": text.format("Ana Sol", "content") + " Bea.", "group": "83"},
        {"id": 3, "name": "Ana Sól", "background": "Ana Sól sells hats in Leeds.", "group": "52"},
        {"id": 4, "name": "Dan Moor", "background": "Dan Moor sells shoes by the station.", "group": "52"},
        {"id": 5, "name": "Eve Lund", "background": "Eve Lund draws maps of old mines.", "group": "21"},
        {"id": 6, "name": "Finn Oke", "background": "Finn Oke designs bridges for a county.", "group": "21"},
        {"id": 7, "name": "Gil"},
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_who_is_missing_is_said(endpoint: ScriptedServer, tmp_path):
    """Everybody refused: the summary says why, and the exit code is 1."""
    nobody = {"name": "Mr X", "career": "--", "education": "--", "personality": "--", "hobbies": "--"}
    endpoint.answer = lambda body: json.dumps({"people": [{**nobody, "background": "x" * 40}]})
    order = ["generate", "--groups", 1, "--each", 1, "--model", "m", "--base-url", endpoint.url]
    shown = call(*order, "--out", tmp_path / "it")
    assert shown.return_value == 1
    assert "0 of 1 personas in 1 groups" in shown.output
    assert "refused and asked for again: name-form 4" in shown.output
    assert ": only 0" in shown.output


def test_personas_are_split_by_group(people, tmp_path):
    """Each file has whole groups; what was left out of the input is said."""
    shown = call("split", people, "--out", tmp_path / "it", "--train", 2, "--validation", 2, "--test", 2, "--json")
    account = json.loads(shown.stdout)
    assert [split["personas"] for split in account["splits"].values()] == [2, 2, 2]
    assert sorted(group for split in account["splits"].values() for group in split["groups"]) == ["21", "52", "83"]
    assert "Left out: no-background 1." in shown.stderr


def test_a_size_that_can_not_be_met_is_said(people, tmp_path):
    """Too few personas, or groups that are too large."""
    shown = call("split", people, "--out", tmp_path / "few", "--language", "en")
    assert "(wanted 500; there are too few, so its share is 4)" in shown.stdout
    shown = call("split", people, "--out", tmp_path / "odd", "--train", 3, "--validation", 0, "--test", 0)
    assert "2  in 1 groups (wanted 3; whole groups come no nearer)" in shown.stdout
    assert "unused          4" in shown.stdout


def test_statistics_tell_what_repeats(people):
    """Doubled names whatever their accents, near-duplicates by id, words, groups by name."""
    found = json.loads(call("stats", people, "--language", "en", "--json").stdout)
    assert (found["personas"], found["groups"]) == (6, {"21": 2, "52": 2, "83": 2})
    assert (found["names"], found["doubled_names"], found["near"]) == (5, {"Ana Sol": 2}, [["1", "2"]])
    assert (found["words"]["least"], found["words"]["most"], found["words_in_bounds"]) == (6, 19, 0)
    text = call("stats", people, "--language", "en").stdout
    assert "more than once: Ana Sol 2" in text
    assert "52  Sales workers" in text


@pytest.mark.parametrize(
    ("order", "said"),
    [
        (("generate",), "no run directory named"),
        (("split", "PEOPLE"), "no folder named"),
        (("split", "PEOPLE", "--out", "x", "--train", 0, "--validation", 0, "--test", 0), "all three splits"),
        (("stats", "nowhere.jsonl"), "there is no such file"),
    ],
)
def test_what_can_not_be_is_said_before_any_work(people, order, said):
    """A missing folder, empty splits, a file that is not there."""
    with pytest.raises(UserError, match=said):
        CliRunner().invoke(
            command,
            [str(people) if each == "PEOPLE" else str(each) for each in order],
            standalone_mode=False,
            catch_exceptions=False,
        )

"""`proutt report`: one file, where it is and how to open it."""

from __future__ import annotations

import json
import shutil

import pytest
from click.testing import CliRunner

from proutt.cli.report import command
from proutt.errors import UserError
from proutt.evaluation.agreeing import agreement_of, write_agreement
from proutt.evaluation.record import VerdictRecord
from records import a_pair


@pytest.fixture
def run(tmp_path):
    """A run directory of three pairs."""
    folder = tmp_path / "run"
    folder.mkdir()
    lines = "".join(a_pair(dialogue_id=f"d{at}").model_dump_json() + "\n" for at in range(3))
    (folder / "pairs.jsonl").write_text(lines, encoding="utf-8")
    return folder


def invoked(*arguments: object):
    return CliRunner().invoke(command, [str(each) for each in arguments], catch_exceptions=False)


def test_the_report_lies_in_the_run(run):
    """It says how many pairs it holds, and the address to open."""
    result = invoked(run)
    assert result.exit_code == 0
    assert "3 pairs" in result.output
    assert (run / "report.html").resolve().as_uri() in result.output
    assert (run / "report.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_out_limit_and_quiet(run, tmp_path):
    """The file goes where it is asked to go, and a cut one is said to be."""
    assert "there are more" in invoked(run, "--out", tmp_path / "few.html", "--limit", 2).output
    assert invoked(run, "--out", tmp_path / "quiet.html", "--quiet").output == ""
    assert (tmp_path / "few.html").exists()
    assert (tmp_path / "quiet.html").exists()
    assert not (run / "report.html").exists()


def test_a_file_of_somebody_else(tmp_path, monkeypatch):
    """A trainer's file makes a report in the working directory, and bad rows may be left out."""
    rows = [{"prompt": "hi", "chosen": "yes", "rejected": "no"}, {"prompt": 1}]
    (tmp_path / "dpo.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError, match=r"dpo\.jsonl:2"):
        invoked("dpo.jsonl")
    result = invoked("dpo.jsonl", "--skip-bad")
    assert "1 pair," in result.output
    assert "Left out: 1 row" in result.stderr
    assert (tmp_path / "dpo.html").exists()


def test_progress_is_told_only_when_it_takes_long(run, monkeypatch):
    """Short work is silent; long work says how far it is, on standard error."""
    times = iter(range(0, 1000, 40))
    monkeypatch.setattr("proutt.cli.report.time.monotonic", lambda: next(times))
    assert "a second" in invoked(run).stderr
    monkeypatch.undo()
    assert invoked(run).stderr == ""


@pytest.fixture
def agreement(tmp_path):
    """What `proutt evaluate agreement` wrote of two people."""
    folder = tmp_path / "agreement"
    about = {"k": 1, "language": "en", "a": "x", "b": "y", "first": "a", "kind": "person"}
    said = [
        VerdictRecord(dialogue_id=f"d{at}", rater=rater, winner=winner, **about)
        for at, winner in enumerate(("a", "b", "tie", "a"))
        for rater in ("Ann", "Ben")
    ]
    file = tmp_path / "verdicts.jsonl"
    file.write_text("".join(each.model_dump_json() + "\n" for each in said), encoding="utf-8")
    write_agreement(folder, *agreement_of([file], gate=0.75))
    return folder


def test_evaluations_make_a_page_of_their_own(agreement, tmp_path):
    """It lies in the first of them unless --out says otherwise; several are in one page."""
    other = shutil.copytree(agreement, tmp_path / "other")
    result = invoked(agreement, other)
    assert "2 evaluations" in result.output
    assert (agreement / "report.html").resolve().as_uri() in result.output
    assert invoked(agreement, "--out", tmp_path / "one.html", "--quiet").output == ""
    assert "Agreement of two raters" in (tmp_path / "one.html").read_text(encoding="utf-8")


def test_what_is_for_pairs_or_no_evaluation_is_refused(agreement, run):
    """One line each, and nothing is written."""
    with pytest.raises(UserError, match="--limit is for pairs"):
        invoked(agreement, "--limit", 3)
    with pytest.raises(UserError, match="is no evaluation"):
        invoked(agreement, run)
    (run / "verdicts.jsonl").touch()
    with pytest.raises(UserError, match="proutt evaluate agreement"):
        invoked(run)
    assert not (agreement / "report.html").exists()


def test_a_place_without_pairs_is_an_error(tmp_path):
    """One line that says what to name."""
    with pytest.raises(UserError):
        invoked(tmp_path)

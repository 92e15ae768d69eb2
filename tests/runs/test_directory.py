"""The run directory: whose it is, and that its files are whole."""

from __future__ import annotations

import pytest
import yaml

from proutt.errors import UserError
from proutt.runs.directory import RunDirectory
from proutt.runs.journal import Item

CONFIG = {"q": 2, "tau_high": 0.8, "concurrency": 64}


@pytest.fixture
def run(tmp_path):
    directory = RunDirectory(tmp_path / "run")
    yield directory
    directory.close()


def test_a_folder_with_other_things_is_refused(tmp_path):
    """Nobody's files are written among; a file in its place is refused too."""
    (tmp_path / "thesis.tex").write_text("mine")
    with pytest.raises(UserError, match=r"holds files that are not of a run. Give a new or empty directory"):
        RunDirectory(tmp_path)
    assert [each.name for each in tmp_path.iterdir()] == ["thesis.tex"]
    with pytest.raises(UserError, match="is a file, not a directory"):
        RunDirectory(tmp_path / "thesis.tex")


def test_an_empty_folder_and_a_new_one_will_do(tmp_path):
    """Parents are made."""
    for path in (tmp_path, tmp_path / "a" / "b"):
        RunDirectory(path).close()
    assert (tmp_path / "a" / "b" / "journal.sqlite").exists()


def test_it_is_locked_until_it_is_closed(tmp_path):
    """A second owner is refused, and let in afterwards."""
    run = RunDirectory(tmp_path)
    with pytest.raises(UserError, match="another proutt is working in this directory"):
        RunDirectory(run.path)
    run.close()
    RunDirectory(run.path).close()


def test_a_lock_that_nobody_holds_is_no_obstacle(tmp_path):
    """The file alone means nothing: a killed process leaves it behind."""
    (tmp_path / "lock").write_text("")
    RunDirectory(tmp_path).close()


def test_a_journal_that_cannot_be_opened_frees_the_lock(tmp_path):
    """The same process can try again once it is mended."""
    (tmp_path / "journal.sqlite").mkdir()
    with pytest.raises(UserError):
        RunDirectory(tmp_path)
    (tmp_path / "journal.sqlite").rmdir()
    RunDirectory(tmp_path).close()


def test_the_configuration_is_written_down_and_compared(run):
    """run.yaml holds it; the same again resumes, free keys may differ, others are named."""
    assert run.begin(CONFIG) is False
    assert yaml.safe_load((run.path / "run.yaml").read_text()) == CONFIG
    assert run.begin({**CONFIG, "concurrency": 1}) is True
    run.journal.add_dialogue(0, "d", "f", 1)
    run.journal.add_item(Item(0, 1, "skipped", "no-new-path"))
    with pytest.raises(UserError, match=r"\(q: 2 → 3\)") as refused:
        run.begin({**CONFIG, "q": 3})
    assert str(run.path) in str(refused.value)


def test_settings_that_never_got_an_answer_may_be_mended(run):
    """A wrong model name in the first command does not spoil the directory."""
    run.begin(CONFIG)
    assert run.begin({**CONFIG, "q": 3}) is False
    assert yaml.safe_load((run.path / "run.yaml").read_text())["q"] == 3


def test_a_run_killed_before_its_configuration_was_journaled_begins_again(run):
    """run.yaml is there whenever the journal knows a configuration."""
    (run.path / "run.yaml").mkdir()
    with pytest.raises(UserError):
        run.begin(CONFIG)
    (run.path / "run.yaml").rmdir()
    assert run.begin(CONFIG) is False
    assert (run.path / "run.yaml").is_file()


def test_a_file_is_written_whole_or_not_at_all(run):
    """Where its making fails, the old one stays and no draft is left."""

    def broken():
        yield "half"
        raise OSError("disk full")

    run.write("pairs.jsonl", lambda: ["old\n"])
    with pytest.raises(UserError, match=r"pairs.jsonl: can't be written \(disk full\)"):
        run.write("pairs.jsonl", broken)
    assert (run.path / "pairs.jsonl").read_text() == "old\n"
    assert not list(run.path.glob(".*"))


def test_a_directory_in_the_place_of_a_file_is_a_clear_error(run):
    """It names the place and says that nothing is lost."""
    (run.path / "summary.json").mkdir()
    with pytest.raises(UserError, match=r"summary.json: can't be written .* Nothing is lost"):
        run.derive("pairs.jsonl", [], {})


def test_derived_files_say_what_the_journal_says(run):
    """Pairs in order, failures with reason, stage, message and raw text."""
    run.journal.add_dialogue(0, "d", "f", 3)
    run.journal.add_item(Item(0, 2, "paired", record='{"k":2}'))
    run.journal.add_item(Item(0, 1, "paired", record='{"k":1}'))
    run.journal.add_item(Item(0, 3, "failed", "empty", "paths", "paths: The answer was empty.", "\x1b\n"))
    run.derive("pairs.jsonl", run.records("paired"), {"complete": True})
    assert (run.path / "pairs.jsonl").read_text() == '{"k":1}\n{"k":2}\n'
    assert (run.path / "failures.jsonl").read_text() == (
        '{"dialogue_id": "d", "k": 3, "reason": "empty", "stage": "paths", '
        '"message": "paths: The answer was empty.", "raw": "\\u001b\\n"}\n'
    )

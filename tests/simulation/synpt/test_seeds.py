"""Seeds: what is read of a record, what of it is noted, and what is said of those that are none."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proutt.dialogue import ReadingReport
from proutt.errors import ItemFailed, UserError
from proutt.intent.task import IntentionType, Task
from proutt.simulation.synpt.seeds import read_seeds, seed_of
from proutt.simulation.synpt.tasks import shipped_tasks

ROOT = Path(__file__).resolve().parents[3]
EXAMPLES = ROOT / "examples"
RELEASED = ROOT / "../shared/data/synpt_seed.jsonl"
PIANO = Task(
    "Piano lessons",
    "en",
    (IntentionType("pupil", "pupil", ""), IntentionType("days", "days", "")),
    "any",
    turns=4,
    mean=1.0,
    also=("piano",),
)


def read(*rows: object, strict: bool = False) -> tuple[list, ReadingReport]:
    """The seeds of these rows, as lines on standard input, and the account of it."""
    text = "".join(f"{row if isinstance(row, str) else json.dumps(row, ensure_ascii=False)}\n" for row in rows)
    report = ReadingReport()
    return list(read_seeds(["-"], [PIANO], report, strict=strict, stdin=io.BytesIO(text.encode()))), report


def row(**values: object) -> dict:
    return {"id": 7, "task": "Piano lessons", "pupil": "my son", "days": "any", **values}


def test_a_record_is_a_seed_with_its_place():
    """Values stand in the task's order, and the seed knows the line that it was read from."""
    (seed,), report = read(row())
    assert (seed.id, dict(seed.values), seed.source) == ("7", {"pupil": "my son", "days": "any"}, "stdin:1")
    assert (report.dialogues, report.formats, report.notes) == (1, {"Piano lessons": 1}, {})


@pytest.mark.parametrize("name", [{"task": "piano"}, {"task": None, "category": "PIANO  lessons"}])
def test_a_task_goes_by_any_of_its_names(name):
    """In whatever case, as `task` or as `category`."""
    record = {key: value for key, value in (row() | name).items() if value is not None}
    assert read(record)[0][0].task is PIANO


@pytest.mark.parametrize(
    ("value", "text"),
    [(["Monday", "Friday"], "Monday, Friday"), (3, "3"), (" Monday\n or Friday ", "Monday or Friday")],
)
def test_values_become_text(value, text):
    """Lists become comma-joined text, numbers text, and white space one blank."""
    assert read(row(days=value))[0][0].values["days"] == text


def test_no_preference_in_other_words_is_the_tasks_word():
    """What says that there is no preference is written as the task writes it, and noted."""
    (seed,), report = read(row(days="No preference"))
    assert (seed.values["days"], report.notes) == ("any", {"no-preference": 1})


def test_unknown_fields_are_left_out_and_counted():
    """A field that is no intention is no reason to refuse a seed."""
    (seed,), report = read(row(teacher="Ann", source="a list"))
    assert set(seed.values) == {"pupil", "days"}
    assert report.notes == {"unknown-field": 1}


@pytest.mark.parametrize(
    ("bad", "reason", "said"),
    [
        (row(days=None), "missing-value", 'no value to "days" (days); where the user has no preference, write "any"'),
        (row(days=" "), "missing-value", '"days"'),
        (row(days=[]), "missing-value", '"days"'),
        (row(days={"a": 1}), "bad-value", '"days" is {"a": 1}: write a text, a number or a list of texts'),
        (row(days=True), "bad-value", '"days" is true'),
        (row(days="x" * 501), "long-value", '"days" has 501 characters'),
        (row(task="Chess"), "unknown-task", 'there is no task "Chess"; there are: Piano lessons'),
        ({"id": 1}, "no-task", "it names no task"),
        ('"words"', "not-a-seed", "no JSON object"),
        ('{"id": 1', "not-json", "not JSON"),
    ],
)
def test_a_bad_record_is_named_and_counted(bad, reason, said):
    """The others are read; the account names the line and what is wrong with it."""
    seeds, report = read(bad, row())
    assert (len(seeds), report.skipped) == (1, {reason: 1})
    assert report.problems[0].place == "stdin:1"
    assert said in report.problems[0].message


def test_strict_stops_at_the_first_bad_record():
    """The line is named, with what to do."""
    with pytest.raises(UserError, match=r"stdin:2: missing-value: .*Mend the record, or leave --strict out"):
        read(row(), row(days=""), strict=True)


def test_doubled_ids_get_a_suffix_and_doubled_seeds_go():
    """Two seeds of one id are two seeds; the same record again is skipped."""
    seeds, report = read(row(), row(days="Monday"), row())
    assert [seed.id for seed in seeds] == ["7", "7~2"]
    assert (report.skipped, report.notes) == ({"duplicate": 1}, {"suffixed-id": 1})


def test_a_seed_without_an_id_is_called_by_its_line():
    """The file's name and the line make one."""
    record = row()
    del record["id"]
    assert read(row(), record)[0][1].id == "stdin-2"


def test_packed_files_are_read(tmp_path):
    """As dialogues are: gzip is told by its first bytes."""
    path = tmp_path / "seeds.jsonl.gz"
    path.write_bytes(gzip.compress(json.dumps(row()).encode()))
    assert [seed.id for seed in read_seeds([str(path)], [PIANO])] == ["7"]


@pytest.mark.parametrize(("text", "said"), [("", "it holds no seeds"), ('{"id": 1}\n', "no seed could be read")])
def test_a_file_without_a_seed_is_an_error(tmp_path, text, said):
    """A reading never ends with nothing and no word about it."""
    path = tmp_path / "seeds.jsonl"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=said):
        list(read_seeds([str(path)], [PIANO]))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_examples_load(language):
    """Two for each task, all whole, and some without a preference."""
    report = ReadingReport()
    path = str(EXAMPLES / f"synpt-seeds.{language}.jsonl")
    seeds = list(read_seeds([path], shipped_tasks(language), report, strict=True))
    assert set(report.formats.values()) == {2}
    assert len(report.formats) == 6
    assert not report.notes
    assert any(seed.is_any(key) for seed in seeds for key in seed.values)


@pytest.mark.skipif(not RELEASED.exists(), reason="the released seeds are not beside this checkout")
def test_the_released_seeds_load():
    """All sixty of the paper's, by the names that they give their tasks."""
    report = ReadingReport()
    list(read_seeds([str(RELEASED)], shipped_tasks("zh"), report, strict=True))
    assert (report.dialogues, set(report.formats.values()), +report.notes) == (60, {10}, {})


@given(st.dictionaries(st.sampled_from(["pupil", "days"]), st.text(min_size=1, max_size=30)))
def test_a_record_is_a_whole_seed_or_none(values):
    """Whatever text stands in it: either every intention has a value on one line, or the record is refused."""
    record = {"task": "piano", **values}
    try:
        seed, _ = seed_of(record, {"piano": PIANO}, id="1", source="x:1")
    except ItemFailed as bad:
        reason, kept = bad.reason, []
    else:
        reason, kept = "", list(seed.values.values())
    whole = all(values.get(key, "").replace("\x00", "").strip() for key in PIANO.keys)
    assert reason == ("" if whole else "missing-value")
    assert all(value and value == " ".join(value.split()) for value in kept)

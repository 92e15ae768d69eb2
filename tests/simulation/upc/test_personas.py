"""Personas: what is read of a record, what of it is noted, and what is said of those that are none."""

from __future__ import annotations

import gzip
import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proutt.dialogue import ReadingReport
from proutt.errors import ItemFailed, UserError
from proutt.simulation.upc.personas import persona_of, read_personas

BACKGROUND = "Ana Souza has driven the night bus in Porto for nine years and paints the river on her free days."


def read(*rows: object, **options: object) -> tuple[list, ReadingReport]:
    """The personas of these rows, as lines on standard input, and the account of it."""
    text = "".join(f"{row if isinstance(row, str) else json.dumps(row, ensure_ascii=False)}\n" for row in rows)
    report = ReadingReport()
    return list(read_personas(["-"], report, stdin=io.BytesIO(text.encode()), **options)), report


def row(**values: object) -> dict:
    return {"id": 7, "name": "Ana Souza", "background": BACKGROUND, "group": "83", **values}


def test_a_record_is_a_persona_with_its_place():
    """Its language is what the background is written in."""
    (found,), report = read(row())
    assert (found.id, found.name, found.background) == ("7", "Ana Souza", BACKGROUND)
    assert (found.language, found.group, found.source) == ("en", "83", "stdin:1")
    assert (report.dialogues, report.formats, report.notes) == (1, {"83": 1}, {})


def test_the_released_files_are_read(tmp_path):
    """A JSON array whose records have `prompt` and no group, and ids that are numbers."""
    path = tmp_path / "test.json"
    record = {"stage": "test", "id": 1, "name": "Ana Souza", "prompt": BACKGROUND, "expand_id": 1}
    path.write_text(json.dumps([record], indent=4), encoding="utf-8")
    report = ReadingReport()
    (found,) = read_personas([str(path)], report)
    assert (found.id, found.background, found.group) == ("1", BACKGROUND, None)
    assert report.notes == {"no-group": 1}


@pytest.mark.parametrize(
    ("values", "group"), [({"group": 83}, "83"), ({"group": None, "occupation": "Bus driver"}, "Bus driver")]
)
def test_a_group_goes_by_number_or_name(values, group):
    """Under `group`, or else under `occupation`."""
    assert read(row(**values))[0][0].group == group


def test_white_space_is_one_blank():
    """A background is one paragraph, whatever its lines were."""
    assert read(row(background=" One\n\ttwo  three. "))[0][0].background == "One two three."


@pytest.mark.parametrize(
    ("values", "options", "language"),
    [
        ({"background": "陈婷开了九年的夜班公交车，休息时喜欢画河边的风景。"}, {}, "zh"),
        ({"language": "pt-BR"}, {}, "pt"),
        ({"language": "pt"}, {"language": "en"}, "en"),
    ],
)
def test_a_language_is_chosen_said_or_told(values, options, language):
    """The caller's word comes before the record's, and the record's before what the text tells."""
    assert read(row(**values), **options)[0][0].language == language


@pytest.mark.parametrize(
    ("bad", "reason", "said"),
    [
        (row(name=None), "no-name", 'it has no "name"'),
        (row(name="  "), "no-name", 'it has no "name"'),
        (row(background=""), "no-background", 'no "background" (or "prompt")'),
        (row(background=["a"]), "bad-value", '"background" is ["a"]: write a text'),
        (row(name={"first": "Ana"}), "bad-value", '"name" is {"first": "Ana"}'),
        (row(group=[83]), "bad-value", '"group" is [83]'),
        (row(language=3), "bad-value", '"language" is 3'),
        (row(background="x" * 6001), "long-value", '"background" has 6,001 characters; it has at most 6,000'),
        ('"words"', "not-a-persona", "no JSON object"),
        ('{"id": 1', "not-json", "not JSON"),
    ],
)
def test_a_bad_record_is_named_and_counted(bad, reason, said):
    """The others are read; the account names the line and what is wrong with it."""
    personas, report = read(bad, row())
    assert (len(personas), report.skipped) == (1, {reason: 1})
    assert report.problems[0].place == "stdin:1"
    assert said in report.problems[0].message


def test_strict_stops_at_the_first_bad_record():
    """The line is named, with what to do."""
    with pytest.raises(UserError, match=r"stdin:2: no-name: .*Mend the record, or leave --strict out"):
        read(row(), row(name=""), strict=True)


def test_doubled_ids_get_a_suffix_and_doubled_personas_go():
    """Two personas of one id are two personas; the same record again is skipped."""
    personas, report = read(row(), row(name="Ana Dias"), row())
    assert [each.id for each in personas] == ["7", "7~2"]
    assert (report.skipped, report.notes) == ({"duplicate": 1}, {"suffixed-id": 1})


def test_a_persona_without_an_id_is_called_by_its_line():
    """The file's name and the line make one."""
    personas, report = read(row(), {"name": "Li", "prompt": "Li fixes clocks.", "group": "73"})
    assert (personas[1].id, report.notes) == ("stdin-2", {"made-id": 1})


def test_tables_and_packed_files_are_read(tmp_path):
    """Parquet with all its columns, and gzip, told by their first bytes."""
    table, packed = tmp_path / "personas.parquet", tmp_path / "personas.jsonl.gz"
    pq.write_table(pa.Table.from_pylist([row(id=1)]), table)
    packed.write_bytes(gzip.compress(json.dumps(row(id=2)).encode()))
    found = list(read_personas([str(table), str(packed)]))
    assert [(each.id, each.background, each.group) for each in found] == [
        ("1", BACKGROUND, "83"),
        ("2", BACKGROUND, "83"),
    ]


def test_a_reading_stops_at_its_limit():
    """What comes after it is not asked for."""
    assert len(read(row(id=1), row(id=2), row(id=3), limit=2)[0]) == 2


@pytest.mark.parametrize(("text", "said"), [("", "it holds no personas"), ('{"id": 1}\n', "no persona could be read")])
def test_a_file_without_a_persona_is_an_error(tmp_path, text, said):
    """A reading never ends with nothing and no word about it."""
    path = tmp_path / "personas.jsonl"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=said):
        list(read_personas([str(path)]))


@given(st.dictionaries(st.sampled_from(["name", "background", "prompt", "group"]), st.text(max_size=30)))
def test_a_record_is_a_whole_persona_or_none(values):
    """Whatever text stands in it: name and background are there, on one line each, or the record is refused."""
    sound = {key: text.replace("\x00", "").strip() for key, text in values.items()}
    if not (sound.get("name") and (sound.get("background") or sound.get("prompt"))):
        with pytest.raises(ItemFailed):
            persona_of(values, id="1", source="x:1", language="en")
        return
    found = persona_of(values, id="1", source="x:1", language="en")
    assert all(text and text == " ".join(text.split()) for text in (found.name, found.background))
    assert found.group is None or found.group

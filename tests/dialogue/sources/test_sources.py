"""From the user's words to records with their places: containers, packing, folders, standard input, damage."""

from __future__ import annotations

import gzip
import io
import json

import pytest

from proutt.dialogue.sources import Source, named, records
from proutt.dialogue.sources.sniffing import Container, container_of
from proutt.errors import UserError

RECORD = {"id": "a", "messages": [{"role": "user", "content": "Hi"}]}
LINE = json.dumps(RECORD)


def read(data: bytes, kind="stdin"):
    """The records of these bytes, as standard input."""
    return list(records(Source(kind, "stdin"), io.BytesIO(data)))


def places(data: bytes) -> list[str]:
    return [record.place for record in read(data)]


@pytest.mark.parametrize(
    ("text", "container"),
    [
        (f"{LINE}\n{LINE}\n", Container.LINES),
        (LINE, Container.LINES),
        (f'{{"id": "a", "messages": [{{"role": "us\n{LINE}\n', Container.LINES),
        (f"not json\n{LINE}\n", Container.LINES),
        (json.dumps(RECORD, indent=2), Container.VALUES),
        (json.dumps(RECORD["messages"], indent=2), Container.VALUES),
        (json.dumps(RECORD["messages"]) + "\n" + json.dumps(RECORD["messages"]), Container.LINES),
        (f"[{LINE}]", Container.ARRAY),
        (f"\ufeff\n [\n{LINE},", Container.ARRAY),
        ("[]", Container.ARRAY),
        ("[1, 2]", Container.ARRAY),
        (f'{{"9562": {LINE}}}', Container.OBJECT),
        (json.dumps({"9562": RECORD}, indent=1)[:-9], Container.OBJECT),
        ('{"header": {"messages": []}, "conversation": []}', Container.LINES),
        ("", Container.LINES),
        ("PAR1", Container.PARQUET),
    ],
)
def test_the_container_is_told_from_the_first_bytes(text, container):
    """Neither the name nor a flag says how records lie in a file."""
    assert container_of(text.encode()) is container


def test_places_in_json_lines_are_lines():
    """Blank lines count but are no records."""
    assert places(f"{LINE}\n\n{LINE}".encode()) == ["stdin:1", "stdin:3"]


def test_places_in_an_array_are_positions():
    """Positions in a JSON array count from 0."""
    assert places(f"[{LINE}, {LINE}]".encode()) == ["stdin[0]", "stdin[1]"]


def test_places_in_an_object_are_keys():
    """In an object from id to dialogue the key is the place, and comes along."""
    (record,) = read(f'{{"7 \\"x\\"": {LINE}}}'.encode())
    assert (record.place, record.key) == ('stdin["7 \\"x\\""]', '7 "x"')


def test_an_indented_dialogue_is_one_record():
    """A single dialogue saved for reading is no broken JSON Lines."""
    assert [record.value for record in read(json.dumps(RECORD, indent=2).encode())] == [RECORD]


def test_a_broken_line_is_a_bad_record_and_the_next_is_read():
    """JSON Lines go on after a line that is none."""
    bad, good = read(f'{{"id": \n{LINE}\n'.encode())
    assert (bad.problem.reason, bad.place, good.value) == ("not-json", "stdin:1", RECORD)


def test_a_line_cut_in_the_middle_says_so():
    """The last line of a file that was cut off is a bad record that names the likely cause."""
    *_, last = read(f"{LINE}\n{LINE[:-9]}".encode())
    assert (last.place, "cut off" in last.problem.message) == ("stdin:2", True)


@pytest.mark.parametrize("line", [b"[" * 100_000, b"1" * 5000, b'{"a": "\x01"}'])
def test_strange_lines_are_bad_records(line):
    """Depth, digits and control characters break a line, not the reading."""
    assert [record.problem and record.problem.reason for record in read(LINE.encode() + b"\n" + line)] == [
        None,
        "not-json",
    ]


@pytest.mark.parametrize("wrapped", [b"%b\n%b", b"[%b, %b]"])
def test_a_record_that_is_not_utf8_is_a_bad_record(wrapped):
    """One record in another encoding loses itself only, in lines and in arrays alike."""
    bad, good = read(wrapped % ('{"id": "é"}'.encode("latin-1"), LINE.encode()))
    assert (bad.problem.reason, good.value) == ("encoding", RECORD)


def test_an_array_means_what_the_same_lines_mean():
    """NaN, lone surrogates and doubled keys are read as in JSON Lines."""
    odd = '{"id": "\\ud800", "score": NaN, "low": -Infinity, "x": 1, "x": 2}'
    (in_array,), (in_lines,) = read(f"[{odd}]".encode()), read(odd.encode())
    assert repr(in_array.value) == repr(in_lines.value)


def test_records_longer_than_the_window_are_whole():
    """A record may be larger than what is read at a time, wherever the window cuts it."""
    long = {"id": "é\ud83d\ude00" * 100_000, "n": [-1.5e300, True, None]}
    values = [record.value for record in read(json.dumps([long, RECORD, long], ensure_ascii=True).encode())]
    assert values == [json.loads(json.dumps(long)), RECORD, json.loads(json.dumps(long))]


@pytest.mark.parametrize("opened", [f"[{LINE}, {LINE}, {LINE}", f'{{"1": {LINE}, "2": {LINE}, "3": {LINE}'])
@pytest.mark.parametrize("lost", [0, 5])
def test_a_cut_file_gives_what_is_whole_and_then_an_error(opened, lost):
    """Nothing is lost silently: the records before the cut come, then one error that names the place."""
    stream = records(Source("stdin", "stdin"), io.BytesIO(opened[: len(opened) - lost].encode()))
    whole = [next(stream).value for _ in range(2 if lost else 3)]
    with pytest.raises(UserError, match=r"stdin:1:\d+: the file ends in the middle, after \d whole records"):
        next(stream)
    assert whole == [RECORD] * len(whole)


def test_text_after_the_array_is_an_error():
    """What stands behind the end would be lost silently otherwise."""
    with pytest.raises(UserError, match="stdin:2:1: is not JSON from here on, after 1 records"):
        read(f"[{LINE}]\n[{LINE}]".encode())


def test_gzip_is_told_by_its_first_bytes():
    """Packed or not, whatever the name."""
    assert [record.value for record in read(gzip.compress(LINE.encode()))] == [RECORD]


def test_truncated_gzip_gives_what_is_whole_and_then_an_error():
    """The lines before the cut come, then one error."""
    packed = gzip.compress(f"{LINE}\n".encode() * 3)[:-6]
    stream = records(Source("stdin", "stdin"), io.BytesIO(packed))
    assert [next(stream).value for _ in range(3)] == [RECORD] * 3
    with pytest.raises(UserError, match="stdin: the gzip data is cut off or damaged"):
        next(stream)


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"PK\x03\x04....", "zip"),
        (b"\x28\xb5\x2f\xfd....", "zstd"),
        (LINE.encode("utf-16"), "UTF-16"),
        (LINE.encode("utf-16-le"), "UTF-16"),
        (b"\x7fELF\x00\x01", "binary"),
    ],
)
def test_foreign_files_are_named_for_what_they_are(data, what):
    """The error says what the file is and how to mend it."""
    with pytest.raises(UserError, match=what):
        read(data)


def test_a_folder_is_its_dialogue_files_in_order(tmp_path):
    """Below a folder, files with fitting suffixes are read, sorted; hidden ones are not."""
    for name in ("b.jsonl", "a/x.json.gz", "a/notes.txt", ".hidden.json", "c.parquet", ".git/x.json"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = [source.name for source in named([str(tmp_path)])]
    assert found == [str(tmp_path / name) for name in ("a/x.json.gz", "b.jsonl", "c.parquet")]


@pytest.mark.parametrize("words", [[], ["-", "-"], ["no/such/file"], ["x" * 5000], ["a\x00b"]])
def test_what_names_nothing_is_an_error_before_anything_is_read(words):
    """Each says what is wrong and what to do."""
    with pytest.raises(UserError):
        named(words)


def test_an_empty_folder_is_an_error(tmp_path):
    """A folder without dialogue files says which suffixes it looked for."""
    with pytest.raises(UserError, match=r"\.parquet"):
        named([str(tmp_path)])


def test_the_source_of_a_record_has_no_folders(tmp_path):
    """What is kept with a dialogue does not tell on whose machine, and where, it was read."""
    path = tmp_path / "chats.jsonl"
    path.write_text(LINE)
    (record,) = records(Source("file", str(path)), io.BytesIO())
    assert (record.source, record.made_id, record.place) == ("chats.jsonl:1", "chats-1", f"{path}:1")

"""Reading as a whole: unique ids, problems with their places, limits, and never a traceback."""

from __future__ import annotations

import io
import json
import tracemalloc

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from proutt.dialogue import Problem, ReadingReport, read_dialogues, to_messages
from proutt.errors import UserError


def ids(*sources, **options):
    return [dialogue.id for dialogue in read_dialogues(sources, **options)]


def test_a_file_becomes_dialogues_with_their_places(jsonl, chat):
    """Every dialogue knows its file and line."""
    (dialogue,) = read_dialogues([jsonl("", chat("a"))])
    assert (dialogue.id, dialogue.source, dialogue.language, len(dialogue.turns)) == ("a", "chats.jsonl:2", "en", 1)


def test_several_files_are_read_in_order(jsonl, chat):
    """Formats may differ from file to file, and from record to record."""
    other = {"id": "b", "conversations": [{"from": "human", "value": "Hi"}]}
    report = ReadingReport()
    assert ids(jsonl(chat("c"), other), jsonl(chat("a"), name="d.jsonl"), report=report) == ["c", "b", "a"]
    assert report.formats == {"messages": 2, "sharegpt": 1}


def test_a_missing_id_is_made_from_name_and_position(jsonl, chat):
    """The same file gives the same ids every time."""
    assert ids(jsonl(chat(None), chat("x"), chat("  ", user="Other"))) == ["chats-1", "x", "chats-3"]


def test_integer_ids_become_text(jsonl, chat):
    """An id is a text from here on."""
    assert ids(jsonl(chat(17))) == ["17"]


def test_keys_of_an_object_are_ids(tmp_path, chat):
    """In an object from id to dialogue, the key wins."""
    path = tmp_path / "woz.json"
    path.write_text(json.dumps({"9562": chat(None), "x/y": chat("inner")}))
    assert ids(str(path)) == ["9562", "x/y"]


def test_the_same_dialogue_twice_is_read_once(jsonl, chat):
    """Same id and same words: the second is skipped, and is no problem, even when strict."""
    report = ReadingReport()
    assert ids(jsonl(chat("a"), chat("b"), chat("a")), report=report, strict=True) == ["a", "b"]
    assert (report.skipped, report.problems) == ({"duplicate": 1}, [])


def test_the_same_id_over_other_words_gets_a_number(jsonl, chat):
    """No dialogue is lost, and ids stay unique, also against ids that look like numbered ones."""
    said = [("a", "1"), ("a", "2"), ("a~3", "3"), ("a", "4"), ("a", "2")]
    records = [chat(id, user=text) for id, text in said]
    report = ReadingReport()
    assert ids(jsonl(*records), report=report) == ["a", "a~2", "a~3", "a~4"]
    assert (report.notes["suffixed-id"], report.skipped["duplicate"]) == (2, 1)


@pytest.mark.parametrize("odd", ["a/b", 'say "hi"', "two\nlines", "🙂", "../../etc", "a\u2028b"])
def test_odd_ids_stay_as_they_are(jsonl, chat, odd):
    """Slashes, quotes, newlines and emoji are part of an id."""
    assert ids(jsonl(chat(odd))) == [odd]


def test_a_bad_record_is_reported_with_place_and_reason(jsonl, chat):
    """Each bad record is counted and skipped; the report says where it is."""
    report = ReadingReport()
    path = jsonl("{", chat("a"), {"id": 1, "messages": [{"role": "narrator", "content": "x"}]}, {"x": 1})
    assert ids(path, report=report) == ["a"]
    assert report.skipped == {"not-json": 1, "unknown-speaker": 1, "not-a-dialogue": 1}
    assert [problem.place for problem in report.problems] == [f"{path}:{line}" for line in (1, 3, 4)]


def test_a_dialogue_without_user_is_skipped_with_its_reason(jsonl, chat):
    """An assistant that speaks to nobody."""
    report, path = ReadingReport(), jsonl({"id": "x", "messages": [{"role": "assistant", "content": "Hi"}]}, chat())
    list(read_dialogues([path], report=report))
    assert report.problems == [Problem(f"{path}:1", "no-user-utterance", "the user says nothing in it.")]


def test_strict_stops_at_the_first_bad_record(jsonl, chat):
    """What came before it was delivered; the error names the line and the remedy."""
    path = jsonl(chat("a"), "{", chat("b"))
    dialogues = read_dialogues([path], strict=True)
    assert next(dialogues).id == "a"
    with pytest.raises(UserError, match=r"chats.jsonl:2: not-json: .* --strict"):
        next(dialogues)


def test_a_report_keeps_the_first_problems_and_counts_all(jsonl, chat):
    """A file of garbage does not fill the memory."""
    report = ReadingReport()
    list(read_dialogues([jsonl(*["{"] * 50, chat())], report=report))
    assert (report.skipped["not-json"], len(report.problems)) == (50, 20)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        (" \n\n", "is empty"),
        ("[]", "is empty"),
        ("a,b\n1,2\n", "no dialogue could be read. The first problem"),
        ('{"x": 1}\n', 'an object with the keys "x"'),
        ("[1, 2]", "a number: no known format"),
        ('"text"', "a text: no known format"),
    ],
)
def test_a_file_without_dialogues_is_an_error_that_says_why(jsonl, text, words):
    """Never a silent zero."""
    with pytest.raises(UserError) as raised:
        ids(jsonl(text))
    assert words in str(raised.value)


def test_a_forced_format_is_not_guessed(jsonl, chat):
    """The format that was named reads every record, or says why it cannot."""
    with pytest.raises(UserError, match='it has no "conversation"'):
        ids(jsonl(chat()), format="lmsys")


def test_a_forced_language_is_that_of_all(jsonl, chat):
    """Regions are left out: "zh-CN" is zh."""
    assert [each.language for each in read_dialogues([jsonl(chat())], language="zh-CN")] == ["zh"]


@pytest.mark.parametrize("options", [{"format": "csv"}, {"language": "english"}, {"language": "1"}])
def test_options_that_do_not_exist_are_errors_at_the_call(jsonl, chat, options):
    """Before anything is read."""
    with pytest.raises(UserError):
        read_dialogues([jsonl(chat())], **options)


def test_limit_stops_early(jsonl, chat):
    """What comes after the limit is not even looked at."""
    path = jsonl(chat("a"), chat("b"), "{")
    assert (ids(path, limit=2, strict=True), ids(path, limit=0)) == (["a", "b"], [])


def test_reading_is_lazy(chat):
    """The first dialogue of a stream comes before the stream ends."""

    class Endless(io.RawIOBase):
        def readable(self):
            return True

        def readinto(self, buffer):
            lines = ((json.dumps(chat(None)) + "\n") * 1000).encode()[: len(buffer)]
            buffer[: len(lines)] = lines
            return len(lines)

    assert next(read_dialogues(["-"], stdin=io.BufferedReader(Endless()))).id == "stdin-1"


def test_standard_input_is_a_source(chat):
    """`-` reads what is handed in."""
    assert ids("-", stdin=io.BytesIO(json.dumps(chat("a")).encode())) == ["a"]


def test_the_report_adds_up(jsonl, chat):
    """Dialogues, turns and pairs are sums over what was delivered."""
    longer = {"id": "b", "messages": [*chat()["messages"], *chat()["messages"], {"role": "user", "content": "Thanks!"}]}
    report = ReadingReport()
    dialogues = list(read_dialogues([jsonl(chat("a"), longer)], report=report))
    assert (report.dialogues, report.turns, report.pairs) == (2, 3, 2)
    assert report.pairs == sum(len(dialogue.ks) for dialogue in dialogues)


def big_array(count):
    """A JSON array of so many dialogues, made as it is read."""

    class Stream(io.RawIOBase):
        def __init__(self):
            self.made, self.left = 0, b"["

        def readable(self):
            return True

        def readinto(self, buffer):
            while not self.left and self.made <= count:
                self.left = self.part()
                self.made += 1
            part, self.left = self.left[: len(buffer)], self.left[len(buffer) :]
            buffer[: len(part)] = part
            return len(part)

        def part(self):
            if self.made == count:
                return b"]"
            talk = [{"role": "user", "content": f"问题 {self.made}"}, {"role": "assistant", "content": "x" * 500}]
            return (b"," if self.made else b"") + json.dumps({"id": self.made, "messages": talk}).encode()

    return io.BufferedReader(Stream())


def peak_bytes(count):
    tracemalloc.start()
    try:
        assert sum(1 for _ in read_dialogues(["-"], language="zh", stdin=big_array(count))) == count
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_does_not_grow_with_the_file():
    """Ten times the dialogues, 4 MB of JSON, go through the same window of some hundred kilobytes."""
    assert peak_bytes(6_000) < peak_bytes(600) * 2


def outcome(data: bytes, **options):
    """The ids of the dialogues in these bytes, or, where there are none, the place that the error names."""
    try:
        return ids("-", stdin=io.BytesIO(data), **options)
    except UserError as error:
        return error.where


BEGINNINGS = (b"", b"[", b"{", b"\x1f\x8b\x08", b"PAR1", b'[{"messages": [', b'{"id": {"messages": [', b"\xef\xbb\xbf")
KEYS = ("id", "messages", "conversation", "conversations", "role", "from", "content", "value", "system")


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(BEGINNINGS), st.binary(max_size=200))
def test_garbage_never_gives_a_traceback(beginning, garbage):
    """Any bytes are dialogues or one clear error."""
    assert outcome(beginning + garbage)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just("user"),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS) | st.text(max_size=3), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None)
@given(JSON, st.sampled_from([None, "messages", "sharegpt", "lmsys", "wildchat", "crosswoz"]))
def test_json_of_any_shape_never_gives_a_traceback(value, format):
    """Whatever stands under the known keys, a record is a dialogue or a bad record."""
    assert outcome(json.dumps(value).encode(), format=format)


def test_the_normal_form_reads_back_as_the_same_dialogues(jsonl, chat):
    """Opening, system, last utterance, ids and language all come back."""
    talk = [
        {"role": "system", "content": "Be brief."},
        {"role": "assistant", "content": "Welcome"},
        {"role": "user", "content": "Where is the station?"},
    ]
    first = list(read_dialogues([jsonl({"id": 'a "b"\n', "messages": talk}, chat(None))]))
    again = list(read_dialogues([jsonl(*map(to_messages, first), name="again.jsonl")]))
    assert [to_messages(each) for each in again] == [to_messages(each) for each in first]
    assert [each.language for each in again] == [each.language for each in first]

"""Rows of every shape load from every container, and a bad one is named with its file and line."""

from __future__ import annotations

import io
import json

import pytest

from proutt.dialogue.sources.hub import hub_records
from proutt.dialogue.sources.naming import Source
from proutt.errors import UserError
from proutt.export.reading import SHAPES, Message, TextPair, pairs_in, rows_in
from proutt.methods.record import PreferencePair
from records import a_pair
from released_rows import processed_preference, processed_sft, raw_row

USER, ASSISTANT = {"role": "user", "content": "P"}, {"role": "assistant", "content": "A+"}
WORSE = {"role": "assistant", "content": "A-"}
HUMAN = {"from": "human", "value": "P"}
ASKED = (Message("user", "P"),)
WITH_SYSTEM = (Message("system", "S"), *ASKED)

#: name → (format, row, prompt, chosen, rejected)
ROWS = {
    "TRL, messages": (
        "trl-preference",
        {"prompt": [{"role": "system", "content": "S"}, USER], "chosen": [ASSISTANT], "rejected": [WORSE]},
        (WITH_SYSTEM, "A+", "A-"),
    ),
    "TRL, texts": ("trl-preference", {"prompt": "P", "chosen": "A+", "rejected": "A-"}, (ASKED, "A+", "A-")),
    "TRL, implicit prompt": (
        "axolotl-orpo",
        {"chosen": [USER, ASSISTANT], "rejected": [USER, WORSE]},
        (ASKED, "A+", "A-"),
    ),
    "axolotl ORPO, system beside": (
        "axolotl-orpo",
        {"system": "S", "chosen": [USER, ASSISTANT], "rejected": [USER, WORSE]},
        (WITH_SYSTEM, "A+", "A-"),
    ),
    "the prompt once more as a text": (
        "axolotl-orpo",
        {"prompt": "P", "prompt_id": "p", "chosen": [USER, ASSISTANT], "rejected": [USER, WORSE], "score_chosen": 8.5},
        (ASKED, "A+", "A-"),
    ),
    "transcripts": (
        "axolotl-orpo",
        {"chosen": "\n\nHuman: P\n\nAssistant: A+", "rejected": "\n\nHuman: P\n\nAssistant: A-"},
        ((Message("user", "\n\nHuman: P\n\nAssistant: "),), "A+", "A-"),
    ),
    "LLaMA-Factory": (
        "llamafactory-preference",
        {
            "conversations": [HUMAN],
            "system": "",
            "chosen": {"from": "gpt", "value": "A+"},
            "rejected": {"from": "gpt", "value": "A-"},
        },
        (ASKED, "A+", "A-"),
    ),
    "axolotl DPO": (
        "llamafactory-preference",
        {"messages": [USER], "chosen": ASSISTANT, "rejected": WORSE},
        (ASKED, "A+", "A-"),
    ),
    "LLaMA-Factory alpaca ranking": (
        "alpaca-preference",
        {"instruction": "P", "input": "I", "history": [["q", "a"]], "chosen": "A+", "rejected": "A-"},
        ((Message("user", "q"), Message("assistant", "a"), Message("user", "P\nI")), "A+", "A-"),
    ),
    "question": (
        "alpaca-preference",
        {"system": "S", "question": "P", "chosen": "A+", "rejected": "A-"},
        (WITH_SYSTEM, "A+", "A-"),
    ),
    "OpenAI": (
        "openai-preference",
        {"input": {"messages": [USER]}, "preferred_output": [ASSISTANT], "non_preferred_output": [WORSE]},
        (ASKED, "A+", "A-"),
    ),
    "TRL SFT": ("trl-sft", {"prompt": [USER], "completion": [ASSISTANT]}, (ASKED, "A+", None)),
    "TRL SFT, texts": ("trl-sft", {"prompt": "P", "completion": "A+"}, (ASKED, "A+", None)),
    "messages": ("messages-sft", {"messages": [USER, ASSISTANT]}, (ASKED, "A+", None)),
    "ShareGPT": (
        "messages-sft",
        {"conversations": [HUMAN, {"from": "gpt", "value": "A+"}], "system": "S"},
        (WITH_SYSTEM, "A+", None),
    ),
    "alpaca": ("alpaca-sft", {"instruction": "P", "input": "", "output": "A+"}, (ASKED, "A+", None)),
}


@pytest.mark.parametrize("name", ["rows.jsonl", "rows.json", "rows.jsonl.gz", "rows.parquet"])
@pytest.mark.parametrize(("format", "row", "expected"), ROWS.values(), ids=ROWS)
def test_every_shape_is_told_from_its_rows(written, name, format, row, expected):
    """Lines, an array, gzip and Parquet hold the same rows; nobody has to say what they are."""
    path = written([row, row], name)
    rows = list(rows_in(path))
    assert [each.format for each in rows] == [format] * 2
    for each in rows:
        assert isinstance(each.pair, TextPair)
        assert (each.pair.messages, each.pair.chosen, each.pair.rejected) == expected
        assert each.where == each.pair.where
        assert each.where.startswith(str(path))


@pytest.mark.parametrize(("format", "row", "expected"), ROWS.values(), ids=ROWS)
def test_a_format_can_be_named(written, format, row, expected):
    """Naming the shape that is there changes nothing."""
    assert [pair.chosen for pair in pairs_in(written([row]), format=format)] == [expected[1]]


def test_a_named_format_goes_before_what_rows_look_like(written):
    """A row that could be two things is what its owner says."""
    row = {"prompt": "Q", "instruction": "P", "chosen": "A+", "rejected": "A-"}
    [pair] = pairs_in(written([row]), format="alpaca-preference")
    assert pair.prompt == "P"
    with pytest.raises(UserError, match="there is no format 'csv'"):
        list(pairs_in(written([row]), format="csv"))


def test_places_count_lines_from_one_and_elements_from_zero(written):
    """As everywhere else."""
    row = ROWS["TRL, texts"][1]
    assert [each.where.rpartition("rows")[2] for each in rows_in(written([row, row]))] == [".jsonl:1", ".jsonl:2"]
    assert [each.where.rpartition("rows")[2] for each in rows_in(written([row], "rows.json"))] == [".json[0]"]


def test_the_released_files_load(written):
    """Raw rows as records, processed preference and SFT rows as texts."""
    raw, preference, sft = (
        list(rows_in(written(rows, name)))
        for rows, name in (
            ([raw_row(), raw_row("high")], "LMSYS.jsonl"),
            ([processed_preference()], "LMSYS_pref.json"),
            ([processed_sft()], "LMSYS_sft.json"),
        )
    )
    assert [row.format for row in (*raw, *preference, *sft)] == [
        *("proutt", "proutt", "llamafactory-preference", "messages-sft")
    ]
    assert isinstance(raw[0].pair, PreferencePair)
    assert raw[0].pair.source == "LMSYS.jsonl:1"


def test_a_bad_row_stops_a_strict_reading(written):
    """File and line, what is wrong, and what to do."""
    row = ROWS["TRL, texts"][1]
    path = written([row, {"prompt": "P", "chosen": 3, "rejected": "x"}])
    with pytest.raises(UserError, match=r'rows\.jsonl:2: "chosen" is neither a text, a message nor a list'):
        list(pairs_in(path))


def test_a_bad_row_does_not_stop_a_long_reading(tmp_path):
    """Each is handed over with its place, and the rest is read."""
    path, problems = tmp_path / "rows.jsonl", []
    good = json.dumps(ROWS["TRL, texts"][1])
    path.write_text("\n".join([good, "{", "[]", good, '{"a": 1}', '"\\ud800"', good[:-5]]), encoding="utf-8")
    pairs = list(pairs_in(path, on_bad=problems.append))
    assert len(pairs) == 2
    assert [problem.place.rpartition(":")[2] for problem in problems] == ["2", "3", "5", "6", "7"]
    assert {problem.reason for problem in problems} == {"not-json", "no-pair", "bad-row"}


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"a": 1}, 'an object with the keys "a"'),
        ({"prompt": [USER], "completion": [ASSISTANT], "label": True}, "KTO row"),
        ({"messages": [USER, ASSISTANT], "kto_tag": True}, "KTO row"),
        ({"messages": [USER]}, "does not end with an answer of the assistant"),
        ({"chosen": [USER, ASSISTANT], "rejected": [WORSE, USER]}, "no first message in common"),
        ({"conversations": [], "chosen": ASSISTANT, "rejected": WORSE}, "no messages"),
        ({"messages": [{"role": "martian", "content": "x"}], "chosen": "a", "rejected": "b"}, "martian"),
        ({"messages": [{"role": "user"}], "chosen": "a", "rejected": "b"}, "no text under"),
        ({"messages": [{"content": "x"}], "chosen": "a", "rejected": "b"}, 'no "role"'),
        ({"input": {}, "preferred_output": [], "non_preferred_output": []}, '"input" has no "messages"'),
    ],
)
def test_a_file_without_one_readable_row_says_why(written, row, message):
    """The first problem, and the formats that there are, even where bad rows are skipped."""
    with pytest.raises(UserError, match=message):
        list(pairs_in(written([row]), on_bad=lambda _: None))


def test_an_empty_file_is_an_error(written):
    """Nothing read would look like nothing wrong."""
    with pytest.raises(UserError, match="is empty"):
        list(pairs_in(written([])))


def test_several_messages_of_a_completion_keep_their_speakers(written):
    """A preference over the last two turns is one text with names in it."""
    more = [USER, {"role": "assistant", "content": "x"}]
    row = {"chosen": [*more, USER, ASSISTANT], "rejected": [*more, {"role": "user", "content": "Q"}, WORSE]}
    [pair] = pairs_in(written([row]))
    assert (len(pair.messages), pair.chosen) == (2, "user:\nP\n\nassistant:\nA+")


def test_reasoning_beside_an_answer_comes_back_between_tags(written):
    """Templates put it there, so an audit reads it there."""
    thought = {**ASSISTANT, "reasoning_content": "R"}
    [pair] = pairs_in(written([{"messages": [USER, thought]}]))
    assert pair.chosen == "<think>\nR\n</think>\n\nA+"


def test_calls_of_tools_differ(written):
    """A completion that only calls a tool is its call."""
    calls = [{"role": "assistant", "content": None, "tool_calls": [{"name": name}]} for name in "ab"]
    [pair] = pairs_in(written([{"prompt": [USER], "chosen": [calls[0]], "rejected": [calls[1]]}]))
    assert pair.chosen != pair.rejected


def test_content_parts_are_their_texts(written):
    """Pictures have none."""
    parts = {
        "role": "user",
        "content": [{"type": "text", "text": "a"}, {"type": "image"}, {"type": "text", "text": "b"}],
    }
    [pair] = pairs_in(written([{"prompt": [parts], "completion": [ASSISTANT]}]))
    assert pair.prompt == "a\nb"


def test_ids_come_from_the_row_or_from_its_place(written):
    """A dialogue's id is one only under a name that says so."""
    text = ROWS["TRL, texts"][1]
    rows = [
        text,
        {"id": 5} | text,
        {"dialogue_id": "d", "k": 3} | text,
        {"conversation_id": "c", "language": "de"} | text,
    ]
    pairs = list(pairs_in(written(rows)))
    assert [pair.id for pair in pairs] == ["rows-1", "5", "d:3", "rows-4"]
    assert [pair.dialogue_id for pair in pairs] == [None, None, "d", "c"]
    assert pairs[3].language == "de"


def test_half_characters_are_repaired(tmp_path):
    """A lone surrogate could not be written again; it becomes U+FFFD."""
    path = tmp_path / "rows.jsonl"
    path.write_text('{"prompt": "P\\ud800", "chosen": "A\\udc00", "rejected": "B"}\n', encoding="utf-8")
    [pair] = pairs_in(path)
    assert (pair.prompt, pair.chosen) == ("P\ufffd", "A\ufffd")


def test_standard_input_is_read():
    """As every verb does."""
    stdin = io.BytesIO(json.dumps(ROWS["TRL, texts"][1]).encode())
    assert [row.pair.chosen for row in rows_in("-", stdin=stdin)] == ["A+"]


def test_rows_are_read_as_they_are_asked_for(written):
    """The first row is there before a bad one further down is met."""
    rows = rows_in(written([ROWS["TRL, texts"][1]] * 3 + [{"prompt": 1, "chosen": 1, "rejected": 1}]))
    assert next(rows).where.endswith(":1")


def test_lines_of_a_run_load_from_any_file(written):
    """pairs.jsonl under another name, packed."""
    [row] = rows_in(written([a_pair().model_dump(mode="json")], "mine.jsonl.gz"))
    assert (row.pair, row.format) == (a_pair(), "pairs")


def test_every_shape_has_a_row_here():
    """No shape goes untested."""
    assert {format for format, *_ in ROWS.values()} | {"pairs", "proutt"} == set(SHAPES)


def test_a_data_set_of_the_hub_keeps_all_columns():
    """Dialogue readers see only dialogue columns; pairs need theirs."""
    source = Source("hub", "hf:owner/name")
    row = {"prompt": "P", "chosen": "A+", "rejected": "A-"}
    load = lambda name, streaming: {"train": [row]}  # noqa: E731
    assert [record.value for record in hub_records(source, load, whole=True)] == [row]
    assert [record.value for record in hub_records(source, load)] == [{}]

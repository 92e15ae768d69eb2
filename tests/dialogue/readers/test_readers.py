"""Each corpus format: recognised from a record's content, and read without what identifies people."""

from __future__ import annotations

import pytest

from proutt.dialogue import READERS
from proutt.dialogue.raw import RawMessage, Speaker
from proutt.dialogue.readers import format_of
from proutt.errors import ItemFailed

TALK = (RawMessage(Speaker.USER, "你好"), RawMessage(Speaker.ASSISTANT, "您好"))
OPENAI = [{"role": "user", "content": "你好"}, {"role": "assistant", "content": "您好"}]

RECORDS = {
    "messages": {"id": "d", "messages": OPENAI},
    "lmsys": {"conversation_id": "d", "model": "m", "conversation": OPENAI, "turn": 1, "redacted": False},
    "wildchat": {
        "conversation_hash": "d",
        "conversation": [
            {**OPENAI[0], "hashed_ip": "SECRET", "header": {"user-agent": "SECRET"}, "country": "SECRET"},
            {**OPENAI[1], "timestamp": "SECRET"},
        ],
        "hashed_ip": "SECRET",
        "state": "SECRET",
        "toxic": False,
    },
    "sharegpt": {"id": "d", "conversations": [{"from": "human", "value": "你好"}, {"from": "gpt", "value": "您好"}]},
    "crosswoz": {
        "id": "d",
        "sys-usr": [1, 2],
        "goal": [],
        "messages": [{"role": "usr", "content": "你好", "dialog_act": []}, {"role": "sys", "content": "您好"}],
    },
    "synpt": {
        "seed_id": "d",
        "inquiry": [],
        "turns": [{"user": {"utterance": "你好", "reasoning": "…"}, "assistant": {"reply": "您好", "ask": None}}],
    },
}


def test_there_is_a_record_for_every_reader():
    """A new format comes with its record here."""
    assert set(RECORDS) == set(READERS)


@pytest.mark.parametrize("name", READERS)
def test_a_format_is_recognised_from_content(name):
    """Nobody needs to name the format."""
    assert format_of(RECORDS[name]) == name


@pytest.mark.parametrize("name", READERS)
def test_a_reader_gives_id_and_messages(name):
    """Every corpus tells the same dialogue."""
    raw = READERS[name].read(RECORDS[name])
    assert (raw.id, raw.messages) == ("d", TALK)


def test_what_identifies_people_stays_behind():
    """Addresses, headers, places and times never leave the reader."""
    assert "SECRET" not in repr(READERS["wildchat"].read(RECORDS["wildchat"]))


def test_both_id_fields_of_wildchat():
    """Older releases name it conversation_id."""
    old = {"conversation_id": "d", "conversation": OPENAI, "toxic": False}
    assert (format_of(old), READERS["wildchat"].read(old).id) == ("wildchat", "d")


def test_openai_messages_may_stand_under_conversation():
    """`conversation` without a corpus's own columns is plain messages."""
    record = {"id": 3, "conversation": OPENAI}
    assert (format_of(record), READERS["messages"].read(record).id) == ("messages", "3")


def test_a_bare_list_of_messages_is_a_dialogue():
    """It has no id of its own."""
    assert (format_of(OPENAI), READERS["messages"].read(OPENAI).id) == ("messages", None)


def test_a_system_prompt_of_its_own_field():
    """Some ShareGPT-like files keep the system prompt beside the messages."""
    assert READERS["sharegpt"].read({**RECORDS["sharegpt"], "system": "Be brief."}).system == "Be brief."


def test_system_is_the_assistant_in_crosswoz():
    """Whatever spelling a CrossWOZ-like file has for it."""
    talk = [{"role": "user", "content": "你好"}, {"role": "system", "content": "您好"}]
    assert READERS["crosswoz"].read({"messages": talk}).messages == TALK


@pytest.mark.parametrize("value", [None, 3, "text", [], {}, {"text": "x"}, [1, 2]])
def test_what_no_reader_recognises_fails_with_what_it_is(value):
    """The message describes the record, so that one sees what went wrong."""
    with pytest.raises(ItemFailed) as failed:
        format_of(value)
    assert failed.value.reason == "not-a-dialogue"


@pytest.mark.parametrize("name", READERS)
@pytest.mark.parametrize(
    "value", [None, 3, "text", {}, {"messages": "text"}, {"conversation": 3}, {"conversations": {}}]
)
def test_a_forced_reader_fails_in_words(name, value):
    """A format that was forced on the wrong record is a bad record, never a traceback."""
    with pytest.raises(ItemFailed) as failed:
        READERS[name].read(value)
    assert failed.value.reason == "not-a-dialogue"

"""What records of all corpora have in common: ids, speakers, texts in their many shapes."""

from __future__ import annotations

from collections import Counter

import pytest

from proutt.dialogue.raw import Speaker
from proutt.dialogue.readers.fields import id_of, raw_messages
from proutt.dialogue.readers.speakers import speaker_of
from proutt.errors import ItemFailed


@pytest.mark.parametrize(
    ("id", "text"),
    [
        ("a/b", "a/b"),
        ('it\'s "quoted"', 'it\'s "quoted"'),
        ("two\nlines", "two\nlines"),
        ("🙂", "🙂"),
        (17, "17"),
        (0, "0"),
        (17.0, "17"),
        ("a\ud800", "a\ufffd"),
        (None, None),
        ("  ", None),
        (float("nan"), None),
        (True, None),
        ({"$oid": "1"}, None),
        pytest.param(10**5000, None, id="thousands of digits"),
    ],
)
def test_ids_become_text_and_stay_as_they_are(id, text):
    """Numbers become text, odd characters stay, blanks and other things are no id."""
    assert id_of({"id": id}) == text


def test_the_first_key_that_holds_an_id_counts():
    """An id that is null does not hide the next one."""
    assert id_of({"id": None, "conversation_id": "c", "uuid": "u"}) == "c"


@pytest.mark.parametrize("name", ["user", "human", "usr", "User", " HUMAN "])
def test_names_of_the_user(name):
    """The user has many names, in any case."""
    assert speaker_of(name, 1) is Speaker.USER


@pytest.mark.parametrize("name", ["gpt", "assistant", "sys", "bing", "chatgpt", "bard", "Assistant"])
def test_names_of_the_assistant(name):
    """So has the assistant; `sys` is one of them."""
    assert speaker_of(name, 1) is Speaker.ASSISTANT


@pytest.mark.parametrize("name", ["system", "developer"])
def test_names_of_system_messages(name):
    """`system` is a system message, unlike `sys`."""
    assert speaker_of(name, 1) is Speaker.SYSTEM


@pytest.mark.parametrize("name", ["narrator", "", None, 3, ["user"]])
def test_an_unknown_speaker_fails_the_record(name):
    """A speaker is never guessed; the message says which one."""
    with pytest.raises(ItemFailed, match="message 4") as failed:
        speaker_of(name, 4)
    assert failed.value.reason == "unknown-speaker"


def only_text(message: dict[str, object]) -> str:
    return raw_messages([message], Counter())[0].text


def test_content_parts_are_joined_and_pictures_dropped():
    """Of content parts the texts count; what was dropped is noted."""
    notes: Counter[str] = Counter()
    parts = [{"type": "text", "text": "What is"}, {"type": "image_url", "image_url": {}}, "this?"]
    (message,) = raw_messages([{"role": "user", "content": parts}], notes)
    assert (message.text, notes["parts"]) == ("What is\nthis?", 1)


def test_parts_of_an_export():
    """An exported message keeps its parts one level deeper, and its author's role in an object."""
    content = {"content_type": "text", "parts": ["Hi"]}
    assert only_text({"author": {"role": "user"}, "content": content}) == "Hi"


@pytest.mark.parametrize(("content", "text"), [(None, ""), (42, "42"), ("", ""), ([], "")])
def test_contents_that_are_no_text(content, text):
    """Null is nothing, a number is its digits."""
    assert only_text({"role": "user", "content": content}) == text


@pytest.mark.parametrize("call", [{"tool_calls": [{"id": "1"}]}, {"function_call": {"name": "f"}}])
def test_a_message_that_only_calls_a_tool_is_a_tool_message(call):
    """The assistant calls a tool and says nothing."""
    (message,) = raw_messages([{"role": "assistant", "content": None, **call}], Counter())
    assert message.speaker is Speaker.TOOL


def test_a_message_that_speaks_and_calls_a_tool_is_kept():
    """What the assistant says beside a call is said."""
    (message,) = raw_messages([{"role": "assistant", "content": "Let me see.", "tool_calls": [{}]}], Counter())
    assert (message.speaker, message.text) == (Speaker.ASSISTANT, "Let me see.")


@pytest.mark.parametrize(
    "message",
    [
        "Hi",
        None,
        {"content": "Hi"},
        {"role": "user"},
        {"role": "user", "content": True},
        {"role": "user", "content": {}},
    ],
)
def test_what_is_no_message_fails_the_record(message):
    """A message needs a speaker and a text."""
    with pytest.raises(ItemFailed) as failed:
        raw_messages([message], Counter())
    assert failed.value.reason == "bad-message"

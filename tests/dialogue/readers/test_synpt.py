"""Dialogues of `proutt simulate synpt` as a corpus."""

from __future__ import annotations

import pytest

from proutt.dialogue.raw import Speaker
from proutt.dialogue.readers import READERS, format_of
from proutt.errors import ItemFailed
from synpt_records import a_dialogue


def test_what_was_said_is_read_and_no_thought():
    """Utterances and replies in turn, under the seed's id."""
    record = a_dialogue().model_dump(mode="json")
    assert format_of(record) == "synpt"
    raw = READERS["synpt"].read(record)
    assert raw.id == "s1"
    assert [each.speaker for each in raw.messages] == [Speaker.USER, Speaker.ASSISTANT] * 3
    assert raw.messages[0].text == "I'd like to see Lyon."
    assert raw.messages[-1].text.startswith("<summary>")
    assert "calmly" not in " ".join(each.text for each in raw.messages)


@pytest.mark.parametrize("turn", [None, {}, {"user": {}}, {"user": {"utterance": "a"}, "assistant": {"reply": 1}}])
def test_a_turn_without_its_texts_is_refused(turn):
    """With its number."""
    record = a_dialogue().model_dump(mode="json") | {"turns": [turn]}
    with pytest.raises(ItemFailed, match="turn 1 has no text at"):
        READERS["synpt"].read(record)

"""Rows as an audit sees them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proutt.export.reading import Message, TextPair, subject_of, subjects_in, texts_of
from proutt.export.text import context_of, training_text
from proutt.intent import SentenceType
from records import a_hostile_pair, a_pair
from released_rows import processed_preference, processed_sft, raw_row


def as_text(pair) -> TextPair:
    """A pair as it comes back from an export that kept no record."""
    text = training_text(pair)
    return TextPair("1", "x.jsonl:1", (Message("user", text.prompt),), text.chosen, text.rejected)


@pytest.mark.parametrize("pair", [a_pair(), a_pair(language="zh"), a_hostile_pair()], ids=["en", "zh", "hostile"])
def test_texts_alone_tell_an_audit_what_their_record_told(pair):
    """Both sides are the same with and without the record."""
    whole, bare = subject_of(pair), subject_of(as_text(pair))
    assert (whole.prompt, whole.chosen, whole.rejected) == (bare.prompt, bare.chosen, bare.rejected)
    assert (whole.record, bare.record) == (pair, None)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_context_and_language_are_read_out_of_a_prompt(language):
    """Where the file says neither."""
    pair = a_pair(language=language)
    bare = subject_of(as_text(pair))
    assert bare.context is not None
    assert bare.context.turns == context_of(pair).turns
    assert bare.language == language


def test_a_record_keeps_what_it_knows():
    """Id, place, dialogue, context."""
    subject = subject_of(a_pair(), where="run/pairs.jsonl:1", part="test")
    assert (subject.id, subject.where, subject.part) == ("d1:2", "run/pairs.jsonl:1", "test")
    assert (subject.dialogue_id, subject.context) == ("d1", context_of(a_pair()))


def test_the_released_files_become_subjects(written):
    """Types and utterances of both sides, and the context, from raw and from processed rows."""
    for rows, name in (
        ([raw_row()], "raw.jsonl"),
        ([processed_preference()], "pref.json"),
        ([processed_sft()], "sft.json"),
    ):
        [subject] = subjects_in(written(rows, name))
        assert subject.chosen.sentence_type is SentenceType.INTERROGATIVE
        assert len(subject.chosen.utterances) == 4
        assert subject.context is not None
        assert subject.context.k == 2
        assert subject.language == "en"
        if subject.rejected is not None:
            assert subject.rejected.sentence_type is SentenceType.DECLARATIVE


def test_other_peoples_rows_are_subjects_too():
    """No reasoning, no predictions, no context: None, and a language all the same."""
    pair = TextPair(
        "1", "x:1", (Message("user", "Wie komme ich vom Flughafen in die Stadt?"),), "Mit der Bahn.", "Zu Fuß."
    )
    subject = subject_of(pair)
    assert (subject.language, subject.context) == ("de", None)
    assert (subject.chosen.reasoning, subject.chosen.utterances) == (None, ())


def test_sft_rows_have_one_side():
    """There is nothing to compare with."""
    assert subject_of(TextPair("1", "x:1", (), "A")).rejected is None


@given(st.text(), st.text(), st.none() | st.text())
def test_no_text_breaks_a_subject(prompt, chosen, rejected):
    """Whatever a file holds, an audit gets to look at it."""
    subject = subject_of(TextPair("1", "x:1", (Message("user", prompt),), chosen, rejected))
    assert subject.chosen.text == chosen


def test_texts_of_a_record_are_what_is_exported():
    """And those of a row are its own."""
    assert texts_of(a_pair(), "minimal") == training_text(a_pair(), "minimal")
    assert texts_of(as_text(a_pair())).chosen == training_text(a_pair()).chosen

"""The rules of the normal form: raw messages in, a dialogue out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proutt.dialogue import NOTES, Turn, to_messages
from proutt.dialogue.normal import JOINT, is_invisible, normal_form
from proutt.dialogue.raw import RawDialogue, RawMessage, Speaker
from proutt.dialogue.readers.messages import read_messages
from proutt.errors import ItemFailed

USER, ASSISTANT, SYSTEM, TOOL = Speaker
LETTER = {"u": USER, "a": ASSISTANT, "s": SYSTEM, "t": TOOL}


def normal(*messages: str, system: str | None = None):
    """The normal form of messages written "u:Hello"."""
    raw = tuple(RawMessage(LETTER[each[0]], each[2:]) for each in messages)
    return normal_form(RawDialogue("d", raw, system), id="d")


def test_user_and_assistant_make_turns():
    """What the user says and what the assistant answers is one turn."""
    assert normal("u:Hi", "a:Hello", "u:Bye", "a:See you").dialogue.turns == (
        Turn("Hi", "Hello"),
        Turn("Bye", "See you"),
    )


def test_system_messages_are_kept_apart():
    """System messages, wherever they stand, are joined and are no turns."""
    dialogue = normal("s:Be brief.", "u:Hi", "s:Be kind.", "a:Hello").dialogue
    assert (dialogue.system, dialogue.turns) == ("Be brief.\n\nBe kind.", (Turn("Hi", "Hello"),))


def test_a_system_prompt_beside_the_messages_comes_first():
    """A system prompt in a field of its own stands before system messages."""
    assert normal("s:Be kind.", "u:Hi", system="Be brief.").dialogue.system == "Be brief.\n\nBe kind."


def test_an_assistant_that_begins_gives_the_opening():
    """What the assistant says before the first user utterance is no half turn."""
    dialogue = normal("a:Welcome!", "u:Hi", "a:Hello").dialogue
    assert (dialogue.opening, dialogue.turns) == ("Welcome!", (Turn("Hi", "Hello"),))


def test_an_unanswered_last_utterance_is_a_truth():
    """A dialogue that ends with the user has one more utterance than turns, and its K counts."""
    dialogue = normal("u:Hi", "a:Hello", "u:Bye").dialogue
    assert (dialogue.last_utterance, len(dialogue.turns), list(dialogue.ks)) == ("Bye", 1, [1])


def test_a_single_utterance_is_a_dialogue():
    """One user utterance alone is valid: later stages have nothing to predict in it."""
    dialogue = normal("u:Hi").dialogue
    assert (dialogue.utterances, dialogue.turns, list(dialogue.ks)) == (("Hi",), (), [])


def test_one_speaker_twice_is_joined_with_a_blank_line():
    """Neighbours by the same speaker are one message."""
    assert normal("u:Hi", "u:Anyone?", "a:Yes", "a:Here").dialogue.turns == (Turn("Hi\n\nAnyone?", "Yes\n\nHere"),)


@pytest.mark.parametrize("text", ["", " \n\t", "\u200b", "\ufeff", "\x00\x07", "\u2060\u00a0", "\u3164", "\ufe0f"])
def test_invisible_texts_count_as_not_there(text):
    """A message in which nothing shows is dropped, and its neighbours meet."""
    assert normal("u:Hi", f"a:{text}", "u:Anyone?", "a:Yes").dialogue.turns == (Turn("Hi\n\nAnyone?", "Yes"),)


@pytest.mark.parametrize("text", ["0", "?", "👍", "\u200bok", "\ufffd", "。"])
def test_visible_texts_stay(text):
    """One visible character is enough."""
    assert not is_invisible(text)


def test_tool_messages_are_dropped():
    """What tools say is neither the user's nor the assistant's."""
    assert normal("u:Weather?", "t:", "t:18 C", "a:Mild.").dialogue.turns == (Turn("Weather?", "Mild."),)


def test_what_cannot_be_stored_is_replaced():
    """Lone surrogates become U+FFFD and NUL characters go; everything else stays, white space and controls included."""
    found = normal("u: a\ud800b\x00c\x1b[0m ", "a:ok")
    assert (found.dialogue.turns[0].user, found.notes["repaired-text"]) == (" a\ufffdbc\x1b[0m ", 1)


def test_system_answers_where_nobody_else_does():
    """In task-oriented corpora the assistant is called system."""
    found = normal("u:A taxi", "s:Where to?", "u:The station", "s:Done")
    assert found.dialogue.turns == (Turn("A taxi", "Where to?"), Turn("The station", "Done"))
    assert (found.dialogue.system, found.notes["system-as-assistant"]) == (None, 1)


def test_a_prompt_before_an_unanswered_utterance_is_no_answer():
    """A system prompt and one user utterance: the prompt stays a prompt."""
    dialogue = normal("s:Be brief.", "u:Hi").dialogue
    assert (dialogue.system, dialogue.turns, dialogue.last_utterance) == ("Be brief.", (), "Hi")


@pytest.mark.parametrize("messages", [(), ("a:Hello",), ("s:Be brief.", "t:x"), ("u: ", "a:Hello")])
def test_without_a_user_utterance_there_is_no_dialogue(messages):
    """Nothing to predict and nobody to predict for: the record fails with its reason."""
    with pytest.raises(ItemFailed) as failed:
        normal(*messages)
    assert failed.value.reason == "no-user-utterance"


def test_every_repair_is_noted():
    """What a rule did is counted by kind, for the report."""
    notes = normal("s:Be brief.", "a:Welcome", "u:Hi", "u:Hello?", "a: ", "t:", "a:Yes", "u:Bye").notes
    assert notes == {"system": 1, "opening": 1, "joined": 1, "empty": 1, "tool": 1, "last-utterance": 1}


RAW = st.lists(st.builds(RawMessage, st.sampled_from(Speaker), st.text(max_size=12)), max_size=12)


@given(RAW)
def test_any_messages_become_whole_turns_or_hold_no_user_utterance(messages):
    """No utterance and no response is ever invisible, and every note has an explanation."""
    raw = RawDialogue("d", tuple(messages))
    try:
        dialogue, notes = normal_form(raw, id="d")
    except ItemFailed:
        assert not any(message.speaker is USER and not is_invisible(message.text) for message in messages)
        return
    texts = [*dialogue.utterances, *(turn.assistant for turn in dialogue.turns)]
    assert not any(is_invisible(text) for text in texts)
    assert set(notes) <= set(NOTES)


@given(
    st.lists(st.builds(RawMessage, st.sampled_from([USER, ASSISTANT]), st.text("ab é中\n", min_size=1)), max_size=12)
)
def test_what_was_said_is_preserved_in_order(messages):
    """The normal form, read aloud, is the visible messages read aloud."""
    spoken = [message.text for message in messages if not is_invisible(message.text)]
    try:
        record = to_messages(normal_form(RawDialogue("d", tuple(messages)), id="d").dialogue)
    except ItemFailed:
        assert not any(m.speaker is USER and not is_invisible(m.text) for m in messages)
        return
    assert JOINT.join(message["content"] for message in record["messages"]) == JOINT.join(spoken)


@given(RAW)
def test_the_normal_form_reads_back_as_itself(messages):
    """to_messages, read again, is an equal dialogue: opening, system and last utterance included."""
    try:
        dialogue = normal_form(RawDialogue("d", tuple(messages)), id="d").dialogue
    except ItemFailed:
        return
    assert normal_form(read_messages(to_messages(dialogue)), id="d").dialogue == dialogue

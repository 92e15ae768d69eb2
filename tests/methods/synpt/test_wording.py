"""Thinking as text: laid out in one order, read back to what it was, closed to whatever a dialogue may hold."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from proutt.methods.synpt.reading import parted, read_thinking
from proutt.methods.synpt.record import EmotionRecord, OptionsRecord, ReflectionRecord, StateRecord
from proutt.methods.synpt.wording import Thought, answer_text, harmless, thinking_text
from records import HOSTILE
from synpt_records import TRIP, a_dialogue, reflected

KEYS = list(TRIP["en"])


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("end", ["nothing-missing", "reluctant"])
def test_what_was_thought_is_read_again(language, end):
    """Every thought of a dialogue comes back as it was."""
    for turn in reflected(a_dialogue(language=language, end=end)).turns:
        thought = Thought.of(turn.assistant)
        text = thinking_text(thought, task="Trip", names=TRIP[language], language=language)
        assert read_thinking(text, TRIP[language]) == thought


def test_the_order_is_intention_reflection_emotion_options():
    """The blocks stand in the order in which they are thought."""
    thought = Thought.of(reflected(a_dialogue()).turns[0].assistant)
    text = thinking_text(thought, task="Trip", names=TRIP["en"], language="en")
    assert text == (
        "[Intention]\nTask: Trip\nGiven:\n- Destination: Lyon\nMissing:\n- Days\n- Month\nAsk for: Days\n\n"
        "[Reflection]\nIt is right.\nPut right: no\n\n"
        "[Emotion]\nThe user writes calmly and answers.\nWilling to go on: yes\n\n"
        "[Options]\nA trip there mostly takes this long.\nReference options:\n- 2 days\n- 3 days\n- 5 days"
    )


def test_nothing_missing_and_nothing_given_are_said():
    """An empty list is a word, so that it is learnt as well."""
    full = thinking_text(Thought(StateRecord(given={}, missing=[])), task="T", names={}, language="zh")
    assert full == "【意图】\n咨询任务：T\n已提供：无\n未提供：无"


@pytest.mark.parametrize("end", ["nothing-missing", "reluctant"])
def test_a_summary_is_thought_out_in_the_same_form_as_a_question(end):
    """Every intention block ends with what is asked for, "none" before a summary; texts without the line are read."""
    last = a_dialogue(end=end).turns[-1].assistant
    thought = Thought.of(last)
    text = thinking_text(thought, task="Trip", names=TRIP["en"], language="en")
    assert thought.settled
    assert text.partition("\n\n")[0].endswith("\nAsk for: none")
    old = read_thinking(text.replace("\nAsk for: none", ""), TRIP["en"])
    assert (old.state, old.ask, old.settled) == (thought.state, None, False)
    named = {**TRIP["en"], "days": "None"}
    assert read_thinking(thinking_text(thought, task="Trip", names=named, language="en"), named).ask is None


def test_a_method_that_thinks_nothing_has_no_text():
    """Then an answer is its reply alone."""
    assert thinking_text(Thought(), task="T", names={}, language="en") == ""
    assert answer_text("", "Hello. ") == "Hello."


#: What texts hold that would break them: headings and labels of both languages, closing tags, odd line ends.
PIECES = [
    *(
        "[Emotion]",
        "【选项】",
        "› [Options]",
        "Willing to go on: no",
        "愿意继续：否",
        "参考选项：",
        "Reference options:",
        "- x",
    ),
    *(
        "</think>",
        "<think>",
        "<summary>",
        "< /summary >",
        "<|im_end|>",
        "none",
        "无",
        ": ",
        "：",
        "\u2028",
        "\x85",
        "\r",
    ),
    *("Given:", "Missing: none", "Ask for: Month", "\ud800", "", " ", HOSTILE),
]
texts = some.lists(some.one_of(some.sampled_from(PIECES), some.text(max_size=8)), max_size=5).map("\n".join)


@some.composite
def thoughts(draw):
    given_keys = draw(some.lists(some.sampled_from(KEYS), unique=True))
    missing = draw(some.lists(some.sampled_from([key for key in KEYS if key not in given_keys] or KEYS), unique=True))
    state = StateRecord(given={key: draw(texts) for key in given_keys}, missing=missing)
    kept, ask = draw(some.sampled_from([state, None])), draw(some.sampled_from([None, *KEYS]))
    return Thought(
        kept,
        ask,
        draw(some.none() | some.builds(ReflectionRecord, reasoning=texts, changed=some.booleans())),
        draw(some.none() | some.builds(EmotionRecord, reasoning=texts, willing=some.booleans())),
        draw(some.none() | some.builds(OptionsRecord, reasoning=texts, options=some.lists(texts, max_size=3))),
        settled=kept is not None and ask is None and draw(some.booleans()),
    )


@settings(max_examples=60)
@given(thoughts(), some.sampled_from(["en", "zh"]), some.lists(texts, min_size=3, max_size=3, unique=True))
def test_no_text_can_pass_for_the_layout(thought, language, said):
    """Whatever names, values and reasoning hold, what is read has the structure that was written."""
    names = {key: f"{number}{name}" for number, (key, name) in enumerate(zip(KEYS, said, strict=True))}
    text = thinking_text(thought, task=said[0], names=names, language=language)
    read = read_thinking(text, names)
    assert "</think>" not in text
    assert "<summary>" not in text.casefold()
    assert (read.ask, read.settled) == (thought.ask, thought.settled)
    if thought.state is not None:
        assert read.state is not None
        assert (list(read.state.given), read.state.missing) == (list(thought.state.given), thought.state.missing)
    assert (read.emotion and read.emotion.willing) == (thought.emotion and thought.emotion.willing)
    assert (read.reflection and read.reflection.changed) == (thought.reflection and thought.reflection.changed)
    assert len(read.options.options if read.options else ()) == len(thought.options.options if thought.options else ())
    assert thinking_text(read, task=said[0], names=names, language=language) == text
    assert parted(answer_text(text, "Hello.")) == (text, "Hello.")


@given(texts)
def test_what_is_harmless_stays_as_it_is(text):
    """Breaking strings is done once."""
    assert harmless(harmless(text)) == harmless(text)


def test_a_model_that_writes_names_its_own_way_is_understood():
    """Case, width and keys instead of names don't matter; intentions that the task has not are passed over."""
    given = "Given：\n- DESTINATION：Lyon\n- days: 3\n- Weather: fine"
    text = f"[intention]\n{given}\nMissing:\n- month\n- Hotel\nask for: MONTH"
    read = read_thinking(text, TRIP["en"])
    assert read.state == StateRecord(given={"destination": "Lyon", "days": "3"}, missing=["month"])
    assert read.ask == "month"


@pytest.mark.parametrize("text", ["", "I think.", "[Emotion]\nCalm.", "[Options]\n- a", "[Intention]\nGiven: none"])
def test_what_is_not_said_is_none(text):
    """A block without its verdict or list says nothing."""
    assert read_thinking(text, TRIP["en"]) == Thought()


def test_thinking_that_never_ends_is_no_thinking():
    """A text that was cut off has no reply to part from."""
    assert parted("<think>\nTask") == ("", "<think>\nTask")

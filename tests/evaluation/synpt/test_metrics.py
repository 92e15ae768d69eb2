"""SynPT's criteria for a dialogue: what is computed, what decides which intention a reply asks for."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from proutt.evaluation.synpt.cases import Case
from proutt.evaluation.synpt.metrics import asked_by_itself, known_at, mined, summary_right, vagueness_right
from proutt.evaluation.synpt.subjects import Answer, Turn
from proutt.intent.task import IntentionType, Seed, Task

TASK = Task(
    "trip",
    "en",
    (
        IntentionType("city", "City", ""),
        IntentionType("days", "Length of stay", ""),
        IntentionType("cost", "Budget", ""),
    ),
    "any",
    5,
    1.5,
)
SEED = Seed("s", TASK, {"city": "Lyon", "days": "3 days", "cost": "any"})
SUMMARY = Answer("<summary>", summary={"city": "lyon.", "days": "3 days", "cost": "it doesn't matter"})


def case(*told: str) -> Case:
    return Case(SEED, told, "some")


def asking(text: str, asked: str | None = None) -> Turn:
    return Turn("u", Answer(text, asked=asked))


def test_vagueness_is_judged_by_the_first_answer():
    """A summary is right when nothing is missing, a question when something is; silence is never right."""
    clear, vague = case(*TASK.keys), case("city")
    summing, question = Turn("u", SUMMARY), asking("When?")
    assert vagueness_right(clear, [summing])
    assert not vagueness_right(clear, [question, summing])
    assert vagueness_right(vague, [question, summing])
    assert not vagueness_right(vague, [summing])
    assert not vagueness_right(vague, [asking("")])


def test_a_summary_is_right_with_every_value():
    """In the user's sense: spelling does not matter, a value that is missing or another one does."""
    assert summary_right(case(), {"city": "lyon", "days": "3 days", "cost": "any"})
    assert summary_right(case(), {"city": "Lyon", "days": "3 days", "cost": "no preference"})
    assert not summary_right(case(), {"city": "Lyon", "days": "3 days"})
    assert not summary_right(case(), {"city": "Paris", "days": "3 days", "cost": "any"})
    assert not summary_right(case(), None)


def test_all_that_was_missing_must_be_asked_for():
    """Asking for what was told is no fault here; who leaves one out has not mined all."""
    assert mined(case("city"), [["days"], ["cost", "city"]]) is True
    assert mined(case("city"), [["days"], []]) is False
    assert mined(case("city"), None) is None
    assert mined(case(*TASK.keys), None) is True


def test_fields_decide_before_names_and_names_before_a_judge():
    """What a model says of itself; else its one question that names one intention; else nobody here can tell."""
    last = Turn("u", SUMMARY)
    assert asked_by_itself(TASK, [asking("When?", "days"), last]) == ([["days"], []], "fields")
    assert asked_by_itself(TASK, [asking("Nice. What budget do you have?"), last]) == ([["cost"], []], "names")
    for text in (
        "How long?",  # names none
        "Which city, and what budget?",  # names two
        "Which city? And what budget?",  # two questions
        "Tell me your budget.",  # no question
        "What length of stay, for your budget?",
    ):
        assert asked_by_itself(TASK, [asking(text), last]) is None, text
    assert asked_by_itself(TASK, [asking("What city?", "city"), asking("How long?"), last]) is None


def test_chinese_names_are_found_without_spaces():
    """A name may stand within a sentence."""
    task = Task("美食", "zh", (IntentionType("city", "城市", ""), IntentionType("price", "价位", "")), "不限", 5, 1.0)
    assert asked_by_itself(task, [asking("好的，请问您想去哪个城市呢？")]) == ([["city"]], "names")
    assert asked_by_itself(task, [asking("城市和价位呢？")]) is None


@given(st.lists(st.lists(st.sampled_from(TASK.keys), max_size=3), max_size=5), st.sets(st.sampled_from(TASK.keys)))
def test_what_is_known_grows_by_what_was_asked(asked, told):
    """By a turn the user has told the first words and the answers to the questions before it, and never less."""
    one = case(*(key for key in TASK.keys if key in told))
    known = [known_at(one, asked, turn) for turn in range(1, len(asked) + 2)]
    assert known[0] == frozenset(told)
    assert all(before <= after for before, after in pairwise(known))
    assert (mined(one, asked) is True) == (known[-1] >= set(TASK.keys))

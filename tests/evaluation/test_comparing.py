"""Two systems side by side: what the judge reads, and what its word means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.predictions import prediction, written
from proutt.dialogue import Context, Turn
from proutt.evaluation.cases import bench
from proutt.evaluation.comparing import Match, matches
from proutt.evaluation.pairwise import decided, results
from proutt.evaluation.pointwise import CaseLine
from proutt.evaluation.record import VerdictRecord
from proutt.prompts.evaluation import Compare


@pytest.fixture
def found(tmp_path):
    """Two systems, two evaluations of the first."""
    files = [
        written(tmp_path / "1.jsonl", [prediction("x", "d", 1, ["x1"]), prediction("y", "d", 1, ["y1", "y2"])]),
        written(tmp_path / "2.jsonl", [prediction("x", "d", 1, ["x2"])]),
    ]
    return bench(files)


def comparison(language: str, first: tuple[str, ...], second: tuple[str, ...]) -> str:
    context = Context("d", language, (Turn("hello", "hi"),))
    step = Compare(budget=500, context=context, truth="the truth", first=first, second=second)
    return step.messages()[1].content


@pytest.mark.parametrize("language", ["en", "zh", "fi"])
def test_the_judge_reads_two_quoted_lists_and_no_names(language):
    """Each suggestion on a line of its own behind a mark, the truth too."""
    text = comparison(language, ("one", "two"), ("three",))
    for line in ("> the truth", "> one\n> two", "> three"):
        assert line in text


@given(st.text(max_size=80))
def test_no_suggestion_can_leave_its_quotation(text):
    """Whatever it holds, the judge's prompt has as many lines as it would have with a word."""
    assert len(comparison("en", (text,), ("b",)).split("\n")) == len(comparison("en", ("a",), ("b",)).split("\n"))


def test_braces_in_a_suggestion_are_no_fields():
    """Text is never read as a template."""
    assert "> {truth} {second}" in comparison("en", ("{truth} {second}",), ("b",))


def test_both_orders_are_asked_and_evaluations_are_matched(found):
    """x's second evaluation meets y's only one; the sides never change names."""
    (case,) = found.cases.values()
    asked = list(matches([case], found.systems.values(), orders="both", draws=1, seed=0))
    assert [(match.first, match.repeat, match.shown) for match in asked] == [
        ("a", 1, (("x1",), ("y1", "y2"))),
        ("b", 1, (("y1", "y2"), ("x1",))),
        ("a", 2, (("x2",), ("y1", "y2"))),
        ("b", 2, (("y1", "y2"), ("x2",))),
    ]


@pytest.mark.parametrize(
    ("first", "nearer", "winner"),
    [("a", "first", "a"), ("a", "second", "b"), ("b", "first", "b"), ("b", "second", "a"), ("b", "tie", "tie")],
)
def test_what_the_judge_says_of_places_is_told_of_systems(first, nearer, winner, found):
    """Whatever was shown first."""
    (case,) = found.cases.values()
    match = Match(case, found.systems["x"], found.systems["y"], first, 1, 0)
    assert match.verdict(nearer, rater="m", reason="", flags=[]).winner == winner


def verdicts(*, a_first: str, b_first: str, n: int = 10) -> list[VerdictRecord]:
    common = {"k": 1, "language": "en", "a": "x", "b": "y", "rater": "m", "kind": "model"}
    return [
        VerdictRecord(dialogue_id=f"d{number}", first=first, winner=winner, **common)
        for number in range(n)
        for first, winner in (("a", a_first), ("b", b_first))
    ]


@pytest.mark.parametrize(
    ("a_first", "b_first", "winner", "leaning"),
    [
        ("a", "a", "a", 0),
        ("tie", "tie", "tie", 0),
        ("a", "b", "tie", 1),  # whatever stands first
        ("b", "a", "tie", -1),  # whatever stands second
        ("a", "tie", "tie", 1),
        ("tie", "a", "tie", -1),
    ],
)
def test_a_win_needs_both_orders(a_first, b_first, winner, leaning):
    """Else it is a tie, and it is told which place it leans to."""
    (one,) = decided(verdicts(a_first=a_first, b_first=b_first, n=1), both=True)
    assert (one.winner, one.leaning) == (winner, leaning)


def test_a_missing_order_decides_nothing():
    """Where both were to be asked, one verdict alone is left out."""
    assert decided(verdicts(a_first="a", b_first="a")[:1], both=True) == []


@pytest.mark.parametrize(("a_first", "b_first", "fairness"), [("a", "b", 1.0), ("b", "a", -1.0)])
def test_a_judge_of_places_is_biased_and_nobody_wins(a_first, b_first, fairness):
    """First or second, always: all ties, and the finding is none, though the spread is nought."""
    lines = [CaseLine(f"d{number}", 1, "en", "data", {"x": [[1]], "y": [[2]]}) for number in range(10)]
    (pair,) = results(lines, verdicts(a_first=a_first, b_first=b_first), both=True)["pairs"]
    assert pair["tie"]["mean"] == 1.0
    assert pair["preference_fairness"]["mean"] == fairness
    assert pair["biased"] is True
    assert pair["comparison"]["finding"] == "inconclusive"


def test_a_judge_of_length_is_shown_as_one():
    """The longer one wins always: length alone would have said the same."""
    lines = [
        CaseLine(f"d{number}", 1, "en", "data", {"x": [[9 if number % 2 else 1]], "y": [[5]]}) for number in range(10)
    ]
    said = [
        verdict.model_copy(update={"winner": "a" if int(verdict.dialogue_id[1:]) % 2 else "b"})
        for verdict in verdicts(a_first="a", b_first="a")
    ]
    (pair,) = results(lines, said, both=True)["pairs"]
    assert pair["length_only"]["mean"] == 1.0
    assert pair["biased"] is False

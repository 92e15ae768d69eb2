"""Which test cases a dialogue makes."""

from __future__ import annotations

import pytest

from prediction.contexts import DIALOGUE
from proutt.dialogue import Dialogue, Turn
from proutt.prediction.cases import case_of, selected

OPEN = Dialogue("open", DIALOGUE.turns[:1], last_utterance="And then?")
SINGLE = Dialogue("single", (Turn("Hello?", "Hello!"),))


@pytest.mark.parametrize(
    ("turns", "dialogue", "ks"),
    [
        ("all", DIALOGUE, (1, 2)),
        ("last", DIALOGUE, (2,)),
        ("next", DIALOGUE, (3,)),
        ("all", OPEN, (1,)),
        ("next", OPEN, (1,)),
        ("all", SINGLE, ()),
        ("random", SINGLE, ()),
        ("next", SINGLE, (1,)),
        ("next", Dialogue("mute", (), last_utterance="Hello?"), ()),
    ],
)
def test_the_cases_of_a_dialogue(turns, dialogue, ks):
    """All and last want a next utterance to score against; next stands after the last answer."""
    assert selected(dialogue, turns, 0) == ks


def test_random_takes_one_that_the_seed_decides():
    """The same one every time, and not the same one of every dialogue."""
    many = [Dialogue(f"d{at}", tuple(Turn(f"u{k}", "a") for k in range(9))) for at in range(30)]
    taken = [selected(each, "random", 0) for each in many]
    assert taken == [selected(each, "random", 0) for each in many]
    assert all(len(each) == 1 for each in taken)
    assert len(set(taken)) > 3


def test_a_case_has_its_truth_where_the_dialogue_tells_it():
    """And the context holds nothing of it."""
    case = case_of(DIALOGUE, 2)
    assert (case.id, case.truth, case.source) == ("trip:2", "CANARY-NEXT is a hotel?", "c.jsonl:1")
    assert "CANARY" not in repr(case.context)
    assert case_of(DIALOGUE, 3).truth is None

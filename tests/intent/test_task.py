"""Tasks, seeds, and S_i of the memory stack."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proutt.intent.intention_state import IntentionState
from proutt.intent.task import IntentionType, Seed, Task

KEYS = ("city", "day", "cost", "who")
TASK = Task("trip", "en", tuple(IntentionType(key, key.title(), "") for key in KEYS), "any", 5, 2.0)

news = st.dictionaries(st.sampled_from(KEYS), st.text())


@pytest.mark.parametrize(
    "change",
    [
        {"intentions": ()},
        {"intentions": (IntentionType("city", "A", ""), IntentionType("city", "B", ""))},
        {"deviation": 0.0},
        {"turns": 0},
    ],
)
def test_a_task_that_cannot_be_is_refused(change):
    """Without intentions, with one twice, without spread, without turns."""
    fields = {"intentions": TASK.intentions, "deviation": 2.0, "turns": 5, **change}
    with pytest.raises(ValueError, match="trip"):
        Task("trip", "en", fields["intentions"], "any", fields["turns"], 2.0, fields["deviation"])


@pytest.mark.parametrize("weight", [0.0, -1.0, float("nan")])
def test_a_weight_is_above_zero(weight):
    """Else the intention could never be named."""
    with pytest.raises(ValueError, match="city"):
        IntentionType("city", "City", "", weight)


def test_a_seed_gives_a_value_to_every_intention_and_keeps_the_tasks_order():
    """None is left out, none is added, and nobody changes it later."""
    seed = Seed("1", TASK, dict(reversed([(key, key * 2) for key in KEYS])))
    assert tuple(seed.values) == KEYS
    with pytest.raises(TypeError):
        seed.values["city"] = "x"  # type: ignore[index]
    for wrong in ({"city": "x"}, {**seed.values, "more": "x"}):
        with pytest.raises(ValueError, match="each intention"):
            Seed("1", TASK, wrong)


@given(st.lists(news))
def test_what_is_given_and_what_is_missing_make_up_the_task(exchanges):
    """After any exchanges: no key twice, none lost, and the latest value counts."""
    state, latest = IntentionState(TASK), {}
    for each in exchanges:
        state = state.updated(each)
        latest.update(each)
    assert state.values == latest
    assert sorted([*state.values, *state.missing]) == sorted(KEYS)
    assert state.complete == (not state.missing)


@given(news, news)
def test_a_changed_value_keeps_its_place(first, second):
    """The order is that of being given for the first time."""
    before = IntentionState(TASK).updated(first)
    assert list(before.updated(second).values)[: len(first)] == list(first)


def test_a_state_holds_no_intention_of_another_task():
    """Nor one twice."""
    for given_values in ((("hotel", "x"),), (("city", "x"), ("city", "y"))):
        with pytest.raises(ValueError, match="trip"):
            IntentionState(TASK, given_values)

"""A pool of seeds: what comes in, what is left out and why, and what of it is shown."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proutt.intent.task import IntentionType, Task
from proutt.simulation.synpt.pool import Pool, plain

TRIP = Task(
    "Trip",
    "en",
    (IntentionType("city", "city", ""), IntentionType("month", "month", ""), IntentionType("who", "company", "")),
    "any",
    turns=4,
    mean=1.5,
)


def trip(city: str, month: str = "May", who: str = "any") -> dict[str, str]:
    return {"city": city, "month": month, "who": who}


@pytest.mark.parametrize(
    ("second", "why"),
    [
        (trip("LISBON!", "may"), "duplicate"),
        (trip("any", "any", "no preference"), "any-only"),
        (trip("Porto", "..."), "no-value"),
        (trip("City", "June"), "no-value"),
        (trip("Porto", ""), "no-value"),
        (trip("Lisbon", "June"), None),
        (trip("Porto"), None),
    ],
)
def test_what_is_left_out_is_named(second, why):
    """Case and marks make no other seed; a seed wants something; one other value makes another seed."""
    pool = Pool(TRIP)
    assert pool.add(trip("Lisbon")) is None
    assert pool.add(second) == why


def test_hardly_another_word_is_near():
    """Of long values, nearly all of the words are the same."""
    pool = Pool(TRIP)
    long = (
        "a small town by the sea with an old harbour, good fish, few cars and a train station within walking distance"
    )
    assert pool.add(trip(long)) is None
    assert pool.add(trip(f"{long} please")) == "near"


def test_values_that_many_have_are_named():
    """Of each intention, the most frequent first; no preference is no value, and one seed is no crowd."""
    pool = Pool(TRIP)
    for city in ("Lisbon", "Porto", "Faro", "Braga"):
        pool.add(trip(city))
    assert pool.frequent() == {"month": ["May"]}


def test_the_sample_has_the_latest_seed_and_some_before():
    """At most six, no seed twice, the same by the same chance."""
    pool = Pool(TRIP)
    for number in range(20):
        pool.add(trip(f"Town {number}"))
    sample = pool.sample(Random("x"))
    assert (len(sample), sample[-1]["city"]) == (6, "Town 19")
    assert len({each["city"] for each in sample}) == 6
    assert sample == pool.sample(Random("x"))


@given(st.lists(st.tuples(*[st.sampled_from(["Lisbon", "lisbon", "any", "Porto.", "-", ""])] * 3), max_size=12))
def test_no_two_seeds_of_a_pool_are_alike(rows):
    """Whatever comes, in whatever order: what was taken in is distinct, whole and wants something."""
    pool = Pool(TRIP)
    taken = [pool.add(dict(zip(TRIP.keys, row, strict=True))) is None for row in rows]
    keys = [tuple(plain(value) for value in seed.values()) for seed in pool.seeds]
    assert len(set(keys)) == len(keys) == sum(taken)
    assert all(all(key) and any(value != "any" for value in key) for key in keys)

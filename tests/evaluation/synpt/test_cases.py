"""The test set of SynPT: exact shares over the set, uniform numbers, keyed by the seeds' ids."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from proutt.evaluation.synpt.cases import cases_of, drawn
from proutt.intent.task import IntentionType, Seed, Task

KEYS = ("a", "b", "c", "d")


def task(name: str = "trip") -> Task:
    return Task(name, "en", tuple(IntentionType(key, key, "") for key in KEYS), "any", 5, 2.0)


def seeds(count: int, name: str = "trip") -> list[Seed]:
    return [Seed(f"{name}-{n}", task(name), dict.fromkeys(KEYS, "x")) for n in range(count)]


def test_the_papers_set_has_exact_shares():
    """120 seeds of six tasks: 24 inquiries name nothing, 24 everything, and so it is within each task."""
    every = [one for number in range(6) for one in seeds(20, f"task-{number}")]
    cases = cases_of(every, seed=0)
    assert Counter(each.part for each in cases) == {"none": 24, "all": 24, "some": 72}
    for number in range(6):
        parts = Counter(each.part for each in cases if each.seed.task.name == f"task-{number}")
        assert parts == {"none": 4, "all": 4, "some": 12}


@given(st.integers(0, 60), st.integers(0, 5))
def test_shares_are_as_near_as_whole_numbers_go(count, seed):
    """Whatever the size: each part within one half of its share, and what is told follows the part."""
    cases = cases_of(seeds(count), seed=seed)
    parts = Counter(each.part for each in cases)
    assert abs(parts["none"] - count / 5) <= 0.5
    assert abs(parts["all"] - count / 5) <= 0.5
    for each in cases:
        assert set(each.told) | set(each.missing) == set(KEYS)
        assert list(each.told) == [key for key in KEYS if key in each.told]
        if each.part != "some":
            assert len(each.told) == (0 if each.part == "none" else 4)


def test_the_number_told_is_uniform_and_so_is_which():
    """0 to N, each as likely; each intention as likely, whatever its weight (chi-square, fixed seed)."""
    some = [each for each in cases_of(seeds(5000), seed=3) if each.part == "some"]
    numbers = Counter(len(each.told) for each in some)
    expected = len(some) / 5
    assert sum((numbers[n] - expected) ** 2 / expected for n in range(5)) < 18.5  # 0.1% of chance at 4 degrees
    named = Counter(key for each in some for key in each.told)
    assert max(named.values()) / min(named.values()) < 1.1


def test_the_order_of_the_input_changes_nothing():
    """Seeds are drawn and told by their ids, and another run seed gives another set."""
    forward, backward = seeds(40), seeds(40)[::-1]
    kept = {each.id for each in drawn(forward, per_task=10, seed=1)}
    assert kept == {each.id for each in drawn(backward, per_task=10, seed=1)}
    assert len(kept) == 10
    told = {each.seed.id: each.told for each in cases_of(forward, seed=1)}
    assert told == {each.seed.id: each.told for each in cases_of(backward, seed=1)}
    assert told != {each.seed.id: each.told for each in cases_of(forward, seed=2)}


def test_a_task_with_few_seeds_gives_all():
    """Twenty a task, or what there is."""
    assert len(drawn(seeds(3), per_task=20, seed=0)) == 3

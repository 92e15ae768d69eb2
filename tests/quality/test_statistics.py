"""The numbers of ProUtt's Table II, in one pass."""

from __future__ import annotations

import statistics as reference
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proutt.quality.statistics import Moments, as_json, statistics
from records import a_pair


@dataclass
class Texts:
    prompt: str
    chosen: str
    rejected: str


def of_lengths(*lengths: tuple[int, int, int]):
    """Statistics over pairs whose prompt, chosen and rejected have these lengths; a token is two characters."""
    texts = iter([Texts(*("x" * length for length in three)) for three in lengths])
    pairs = [a_pair() for _ in lengths]
    return statistics(pairs, texts=lambda _: next(texts), tokens=lambda text: len(text) // 2)


@given(st.lists(st.floats(-1e6, 1e6), min_size=1))
def test_moments_are_those_of_the_whole_list(values):
    """One pass gives what two passes would."""
    moments = Moments()
    for value in values:
        moments.add(value)
    assert moments.mean == pytest.approx(reference.fmean(values), abs=1e-6, rel=1e-9)
    assert moments.sigma == pytest.approx(reference.pstdev(values), abs=1e-3, rel=1e-6)
    assert moments.max_abs == max(abs(value) for value in values)


def test_no_numbers_have_no_spread():
    """Nothing was added, nothing is divided by zero."""
    assert (Moments().mean, Moments().sigma, Moments().max_abs) == (0, 0, 0)


def test_lengths_and_differences_are_of_the_given_texts():
    """Averages are over both responses; differences are chosen minus rejected; the prompt has its own."""
    numbers = as_json(of_lengths((100, 20, 10), (200, 40, 70))["all"])
    assert numbers["avg_chars"] == 35
    assert numbers["avg_tokens"] == 17.5
    assert numbers["avg_prompt_chars"] == 150
    assert numbers["delta_chars"] == {"mean": -10, "sigma": 20, "max_abs": 30}
    assert numbers["delta_tokens"] == {"mean": -5, "sigma": 10, "max_abs": 15}


def test_each_language_has_its_row_and_all_come_last():
    """A data set of two languages is two data sets, and one."""
    pairs = [a_pair(language="zh", branch="high"), a_pair(), a_pair(branch="low", verified=False)]
    groups = statistics(pairs, texts=lambda _: Texts("p", "c", "r"), tokens=len)
    assert list(groups) == ["en", "zh", "all"]
    assert [group.samples for group in groups.values()] == [2, 1, 3]
    assert groups["en"].verified_share == 0.5
    assert groups["zh"].branches == {"high": 1}


def test_what_the_pairs_are_made_of_is_counted():
    """Branches, perspectives, sentence types of both sides, and edits with where their paths came from."""
    pairs = [a_pair(branch="high"), a_pair(branch="low"), a_pair(ablate=("sentence-type",))]
    numbers = as_json(statistics(pairs, texts=lambda _: Texts("p", "c", "r"), tokens=len)["all"])
    assert numbers["branches"] == {"high": 1, "low": 1, "middle": 1}
    assert numbers["perspectives"] == {"exploitation": 3}
    assert numbers["sentence_types"] == {"interrogative": 2, "none": 1}
    assert numbers["rejected_sentence_types"] == {"declarative": 2, "none": 1}
    assert numbers["edits"] == {
        "chosen: keep": 1,
        "chosen: revise (next-turn)": 2,
        "rejected: keep": 1,
        "rejected: perturb (future-turn)": 2,
    }


def test_no_pairs_are_zeros_not_an_error():
    """Whether that is an error is for whoever asked to say."""
    assert as_json(statistics([], texts=lambda _: Texts("", "", ""), tokens=len)["all"])["samples"] == 0


def test_each_text_is_counted_once():
    """A tokenizer is slow: a pair goes to its language and to all, its texts only once to the tokenizer."""
    asked = []
    statistics([a_pair()], texts=lambda _: Texts("p", "c", "r"), tokens=lambda text: asked.append(text) or 1)
    assert sorted(asked) == ["c", "p", "r"]

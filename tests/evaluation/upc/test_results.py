"""From evaluated dialogues to Table 1: means over turns and personas, what a failure counts, intervals, comparisons."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evaluation.upc.records import evaluated
from proutt.errors import UserError
from proutt.evaluation.upc.averaging import Groups, difference_of, mean_of
from proutt.evaluation.upc.results import Evaluation, results_of
from proutt.evaluation.upc.tables import tables_of


def results(*dialogues, failed="lowest", **more):
    runs = [Evaluation("run", dialogues), *(Evaluation(name, of) for name, of in more.items())]
    return results_of(runs, failed=failed)


def scores(found, name="relevance", system=0):
    return found["systems"][system]["scores"][name]


def test_scores_are_averaged_over_turns_then_repeats_then_personas():
    """A persona with more repeats weighs no more; the three scores are apart, and beside them their mean."""
    found = results(
        evaluated("a", (5, 3, 1), (3, 3, 1)),
        evaluated("b", (1, 3, 1), (1, 3, 1)),
        evaluated("b", (3, 3, 1), (3, 3, 1), repeat=2),
    )
    assert scores(found)["mean"] == 3  # (4 + (1 + 3) / 2) / 2
    assert [scores(found, name)["mean"] for name in ("value", "interest", "mean")] == [3, 1, pytest.approx(7 / 3)]
    assert scores(found)["clusters"] == 2
    first, second = found["systems"][0]["by_turn"]
    assert (first["turn"], first["scores"]["relevance"]["mean"]) == (2, 3.5)
    assert (second["turn"], second["scores"]["relevance"]["mean"]) == (3, 2.5)


@pytest.mark.parametrize(("failed", "mean"), [("lowest", 3), ("left-out", 5)])
def test_turns_without_an_answer_count_the_lowest_score_or_nothing(failed, mean):
    """And the results say how many dialogues broke off, and why."""
    found = results(evaluated("a", (5, 5, 5)), failed=failed)
    assert scores(found)["mean"] == mean
    assert found["systems"][0]["chatbot_failed"] == {"empty": 1}
    assert found["failed_turns_count"] == failed


def test_a_chatbot_that_never_said_a_word_has_no_scores_where_failures_are_left_out():
    """Nothing is made up for it."""
    assert scores(results(evaluated("a"), failed="left-out")) is None
    assert scores(results(evaluated("a")))["mean"] == 1


def test_the_wider_interval_counts_and_is_named():
    """Personas of one group that are alike are worth less than as many strangers; a group of one persona is itself."""
    alike = [evaluated(f"{group}{at}", *[(score,) * 3] * 2, group=group) for group, score in (("x", 2), ("y", 4), ("z", 5)) for at in range(4)]  # fmt: skip # noqa: E501
    grouped = scores(results(*alike))
    assert (grouped["clustered_by"], grouped["clusters"]) == ("group", 3)
    mixed = [evaluated(f"{group}{at}", *[(2 + at % 3,) * 3] * 2, group=group) for group in "xyz" for at in range(6)]
    assert scores(results(*mixed))["clustered_by"] == "persona"
    alone = [evaluated(f"p{at}", *[(2 + at,) * 3] * 2, group=str(at)) for at in range(3)]
    assert scores(results(*alone))["clustered_by"] == "persona"


MEANS = st.dictionaries(st.sampled_from("abcdefgh"), st.floats(1, 5), min_size=2, max_size=8)


@given(MEANS, st.dictionaries(st.sampled_from("abcdefgh"), st.sampled_from(["x", "y", None]), max_size=8))
def test_groups_never_make_an_interval_narrower(means, of):
    """Nor move the mean; and a system differs from itself by nothing."""
    found, plain = mean_of(means, Groups(of)), mean_of(means, Groups({}))
    assert found is not None
    assert plain is not None
    assert math.isclose(found[0].mean, plain[0].mean)
    assert found[0].high - found[0].low >= plain[0].high - plain[0].low - 1e-9
    difference = difference_of("a", "b", means, means, Groups(of), matters=0.2)
    assert difference is not None
    assert difference[0].effect == 0


def test_systems_are_paired_by_persona_within_a_critic():
    """Personas of one system alone do not count, and no score of one critic stands against another's."""
    ours = [evaluated(f"p{at}", *[(3 + at % 2, 3, 3)] * 2) for at in range(8)]
    theirs = [evaluated(f"p{at}", *[(2 + at % 2, 3, 3)] * 2, system="theirs") for at in range(2, 10)]
    strict = [evaluated(f"p{at}", *[(1, 1, 1)] * 2, critic="d") for at in range(8)]
    found = results(*ours, theirs=theirs, strict=strict)
    assert [(each["system"], each["critic"]) for each in found["systems"]] == [
        ("ours", "c"), ("theirs", "c"), ("ours", "d")]  # fmt: skip
    compared = {each["metric"]: each for each in found["comparisons"]}
    assert len(found["comparisons"]) == 4
    assert (compared["relevance"]["effect"], compared["relevance"]["n"]) == (1, 6)
    assert compared["relevance"]["finding"] == "a is better"
    assert compared["value"]["finding"] == "no difference that matters"
    table = tables_of(found)[0]
    assert table.rows[0][:3] == ("c", "ours", "3.500 [3.053, 3.947]")


def test_runs_of_one_system_are_repeats_of_it():
    """Two runs of the same chatbot under one critic make one row."""
    found = results(evaluated("a", (5,) * 3, (5,) * 3), again=[evaluated("a", (3,) * 3, (3,) * 3)])
    (system,) = found["systems"]
    assert (system["repeats"], system["personas"], system["scores"]["value"]["mean"]) == (2, 1, 4)


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (evaluated("a", (5,) * 3, turns=2), "have 2 turns, those of run 3"),
        (evaluated("a", (5,) * 3, (5,) * 3, background="Flies."), "persona a is another one than in run"),
    ],
)
def test_what_cannot_be_compared_is_refused(other, said):
    """Other lengths, and another person under the same id."""
    with pytest.raises(UserError, match=said):
        results(evaluated("a", (5,) * 3, (5,) * 3), other=[other])


def test_perplexity_is_that_of_all_tokens_together():
    """exp of all negative log likelihood over all tokens: a long response weighs more than a short one."""
    dialogues = [
        evaluated("a", (3,) * 3, (3,) * 3, nll=((10, 10.0), (10, 30.0))),
        evaluated("b", (3,) * 3, nll=((80, 60.0),)),
    ]
    found = results(*dialogues)["systems"][0]["perplexity"]
    assert found["value"] == pytest.approx(math.e)
    assert (found["tokens"], found["responses"], found["personas"], found["models"]) == (100, 3, 2, ["p"])
    assert found["low"] == pytest.approx(math.exp(0.75))
    assert found["high"] == pytest.approx(math.exp(2))
    assert results(evaluated("a", (3,) * 3, (3,) * 3))["systems"][0]["perplexity"] is None

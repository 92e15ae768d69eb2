"""Numbers of SynPT's evaluation: intervals over seeds, repeats as the paper prints them, paired comparisons."""

from __future__ import annotations

from itertools import product

import pytest

from evaluation.synpt.mined import dialogue
from proutt.evaluation.synpt.record import EmotionProbe, OptionScore, ReplyRecord, TurnRecord
from proutt.evaluation.synpt.results import Evaluation, results_of
from proutt.evaluation.synpt.tables import tables_of
from proutt.evaluation.tables import as_markdown


def metrics(*evaluations: Evaluation):
    return results_of(evaluations)["systems"][0]["metrics"]


def test_means_are_over_dialogues_and_errors_over_repeats():
    """Two repeats of four seeds, right in 3 of 4 and 1 of 4: half, ± the standard error of two means."""
    rights = {1: (True, True, True, False), 2: (True, False, False, False)}
    made = [dialogue(f"s{n}", repeat=repeat, right=rights[repeat][n]) for repeat, n in product(rights, range(4))]
    found = metrics(Evaluation("run", made))["summary"]
    assert (found["mean"], found["n"], found["clusters"]) == (0.5, 8, 4)
    assert found["over_repeats"] == {"mean": 0.5, "error": pytest.approx(0.25)}
    assert 0 <= found["low"] < 0.5 < found["high"] <= 1


def test_several_runs_of_one_system_are_its_repeats():
    """Five trained models under one name are what the paper calls five runs."""
    runs = [Evaluation(f"run-{n}", [dialogue("s0", right=n < 4), dialogue("s1")]) for n in range(5)]
    results = results_of(runs)
    assert results["systems"][0]["repeats"] == 5
    assert results["systems"][0]["metrics"]["vagueness"]["over_repeats"]["mean"] == pytest.approx(0.9)
    assert results["comparisons"] == []


def test_what_says_nothing_counts_for_nothing():
    """Turns B are of dialogues right in all three; mining that nobody could judge is no number; vague ones apart."""
    clear = dialogue("s2", told=["a", "b"], mined=True, decided_by=None, turns=1)
    unknown = dialogue("s3", mined=None, decided_by=None)
    found = metrics(Evaluation("run", [dialogue("s0", turns=3), dialogue("s1", right=False, turns=9), clear, unknown]))
    assert found["turns-a"]["mean"] == (3 + 9 + 1 + 2) / 4
    assert (found["turns-b"]["mean"], found["turns-b"]["n"]) == (2, 2)
    assert (found["mining"]["mean"], found["mining"]["n"]) == (pytest.approx(2 / 3), 3)
    assert found["mining-vague"]["n"] == 2
    assert found["options"] is None


@pytest.mark.parametrize(("counted", "mean", "n"), [("wrong", 0.5, 2), ("left-out", 1.0, 1)])
def test_a_failure_counts_as_wrong_or_is_left_out_and_said(counted, mean, n):
    """Either way its reason is in the account; a system that always failed has no numbers once they are left out."""
    wrong = {"end": "failed", "failure": "not-json", "right": False, "decided_by": None}
    made = [dialogue("s0"), dialogue("s1", **wrong), dialogue("s0", "lost", **wrong)]
    results = results_of([Evaluation("run", made)], counted)
    found = results["systems"][0]["metrics"]["mining"]
    assert (found["mean"], found["n"]) == (mean, n)
    assert results["failed"] == {"counted": counted, "by_system": {"mine": {"not-json": 1}, "lost": {"not-json": 1}}}
    assert [each["system"] for each in results["systems"]] == (["mine", "lost"] if counted == "wrong" else ["mine"])
    (account,) = [table for table in tables_of(results) if table.name == "synpt-account"]
    assert [row[-1] for row in account.rows] == ["not-json 1"] * 2
    assert ("count as wrong" in account.note) is (counted == "wrong")


def test_moods_and_options_have_rates_of_their_own():
    """Stopping for the unwilling; going on with the willing, where something is missing; options by dialogue."""
    facts = {"turn": 2, "altered": "x", "answer": "y"}
    probes = [
        EmotionProbe(**facts, missing=True, stopped=True, went_on=False),
        EmotionProbe(**facts, missing=False, stopped=True, went_on=False),
    ]
    scores = [OptionScore(turn=1, score=3), OptionScore(turn=2, score=1), OptionScore(turn=3, score=None)]
    made = [dialogue(f"s{n}", emotion=probe) for n, probe in enumerate(probes)] + [dialogue("s9", options=scores)]
    found = metrics(Evaluation("run", made))
    assert (found["emotion"]["mean"], found["emotion"]["n"]) == (1, 2)
    assert (found["goes-on"]["mean"], found["goes-on"]["n"]) == (0, 1)
    assert found["options"]["mean"] == 2


def test_systems_are_compared_on_the_same_first_words():
    """Pair by pair; a seed whose inquiry differs is no pair; names of systems are text."""
    a = [dialogue(f"s{n}", "a|b") for n in range(12)]
    b = [dialogue(f"s{n}", "<b>", right=False) for n in range(11)]
    other = dialogue("s11", "<b>").model_copy(update={"turns": [TurnRecord(user="else", reply=ReplyRecord(text="?"))]})
    results = results_of([Evaluation("one", a), Evaluation("two", [*b, other])])
    (row,) = [each for each in results["comparisons"] if each["metric"] == "summary"]
    assert (row["n"], row["effect"], row["finding"]) == (11, 1, "a is better")
    text = as_markdown(tables_of(results))
    assert "a\\|b is higher" in text
    assert "\\<b\\>" in text

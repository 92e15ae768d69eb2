"""Whose turn it is: two people a batch, a third where they disagree."""

from __future__ import annotations

import pytest

from proutt.errors import UserError
from proutt.evaluation.cases import bench
from proutt.evaluation.people import adjudicated, item_of, raters_of, valid_items
from proutt.evaluation.record import VerdictRecord
from proutt.web.items import Comparison, Plan, planned
from proutt.web.results import agreement, decided, records, valid, wins
from proutt.web.turns import Answer, batches_of, next_for
from web.suggested import suggested


@pytest.fixture
def plan(tmp_path) -> Plan:
    """Six test cases of three dialogues, in batches of four and two."""
    return planned(bench(suggested(tmp_path, 3)), pointwise=False, seed=0, size=4)


def said(who: str, *winners: str, start: int = 0) -> list[Answer]:
    return [Answer(number, who, 1.0, winner, "a") for number, winner in enumerate(winners, start=start)]


def test_every_case_is_in_one_batch_once(plan):
    """No test case is lost or asked twice, and the order is not that of the file."""
    places = [item.case.place for item in plan.items]
    assert sorted(places) == sorted({f"d{number}/{k}" for number in range(3) for k in (1, 2)})
    assert places != sorted(places)
    assert [len(batch) for batch in plan.batches] == [4, 2]


def test_order_of_lists_is_drawn_anew_for_everyone(plan):
    """Each annotator reads either system first about as often, in an order of their own that stays the same."""
    item = plan.items[0]
    assert isinstance(item, Comparison)
    drawn = [item.first_for(f"annotator {number}", 0) for number in range(1000)]
    assert 430 < drawn.count("a") < 570
    assert drawn == [item.first_for(f"annotator {number}", 0) for number in range(1000)]


def test_two_people_take_a_batch_and_the_next_two_another(plan):
    """The second comes to the batch of the first; a third person begins the next one."""
    answers = said("ann", "a")
    assert next_for(batches_of(plan, answers), "ben") == 0
    answers += said("ben", "a")
    assert next_for(batches_of(plan, answers), "cy") == 4


def test_third_gets_what_the_two_disagree_on_and_nothing_else(plan):
    """Disagreements go to somebody new, once both are done, before any new batch."""
    answers = said("ann", "a", "a", "tie", "b") + said("ben", "a", "b", "tie")
    assert next_for(batches_of(plan, answers), "cy") == 4
    answers += said("ben", "a", start=3)
    batches = batches_of(plan, answers)
    assert next_for(batches, "cy") == 1
    assert next_for(batches_of(plan, answers + said("cy", "a", start=1)), "cy") == 3
    assert next_for(batches, "ann") == 4


def test_nobody_decides_where_they_judged_before(plan):
    """Where only disagreements among oneself and one other are left, there is nothing to do."""
    two = [*said("ann", *"aaaaaa"), *said("ben", *"aaaaab")]
    assert next_for(batches_of(plan, two), "ann") == "third"
    assert next_for(batches_of(plan, two), "cy") == 5
    assert next_for(batches_of(plan, two + said("cy", "b", start=5)), "ann") == "done"


def test_others_at_work_are_waited_for(plan):
    """Where all batches have two people who are at it, a third person waits."""
    two = [*said("ann", *"aaaaa"), *said("ben", *"aaaaa")]
    assert next_for(batches_of(plan, two), "cy") == "wait"


def test_word_of_the_third_is_final_and_unanswered_is_open(plan):
    """Agreed items stand, disputed ones get the third's verdict, even a third kind; the rest is not decided."""
    answers = said("ann", "a", "a", "tie", "b") + said("ben", "a", "b", "tie", "a")
    assert decided(batches_of(plan, answers)[0]) == {0: "a", 2: "tie"}
    answers += said("cy", "tie", start=1)
    assert decided(batches_of(plan, answers)[0]) == {0: "a", 1: "tie", 2: "tie"}


def test_records_tell_the_batch_and_who_adjudicated(plan):
    """Batches count from 1; the third person of a batch adjudicates there, and is an annotator of another."""
    answers = said("ann", "a", "a", "tie", "b") + said("ben", "a", "b", "tie", "b") + said("cy", "tie", start=1)
    answers += said("cy", "a", "a", start=4)
    found = [(each.rater, each.batch, each.adjudicating) for each in records(plan, batches_of(plan, answers))]
    assert found == [*[("ann", 1, False)] * 4, *[("ben", 1, False)] * 4, ("cy", 1, True), *[("cy", 2, False)] * 2]


def test_agreement_counts_what_the_annotation_page_counts(plan, tmp_path):
    """`proutt evaluate agreement` gives each item the verdict that the page's own results give it, the gate too."""
    answers = said("ann", "a", "a", "tie", "b") + said("ben", "a", "b", "tie", "b") + said("cy", "tie", start=1)
    answers += said("ann", "a", "b", start=4) + said("ben", "b", "b", start=4)
    batches = batches_of(plan, answers)
    verdicts = [each for each in records(plan, batches) if isinstance(each, VerdictRecord)]
    people = raters_of(verdicts)
    of_page = {plan.items[number].case.key: winner for batch in batches for number, winner in decided(batch).items()}
    assert {item[:2]: winner for item, winner in adjudicated(people).items()} == of_page
    places = {item_of(each): ("file", each.batch) for each in verdicts}
    kept = {plan.items[number].case.key for batch in batches if valid(batch, 0.75) for number in batch.items}
    assert {item[:2] for item in valid_items(people, places, 0.75)} == kept
    assert len(kept) == 4


def test_gated_and_ungated_are_both_given(plan):
    """A batch below the gate is in "all" and not in "gated"; κ is what it is by hand."""
    # By hand: 4 items, 3 agree; margins a 2/4 and 1/4, tie 1/4 and 1/4, b 1/4 and 2/4: by chance 5/16; κ = 7/11.
    answers = said("ann", "a", "a", "tie", "b") + said("ben", "a", "b", "tie", "b")
    answers += said("ann", "a", "b", start=4) + said("ben", "b", "b", start=4)
    batches = batches_of(plan, answers)
    found = agreement(plan, batches, gate=0.75)
    assert [row["valid"] for row in found["batches"]] == [True, False]
    assert found["gated"]["kappa"] == pytest.approx(7 / 11)
    assert found["all"]["agreement"] == pytest.approx(4 / 6)
    assert found["gated"]["agreement"] == 0.75
    shares = {row["batches"]: (row["cases"], row["win"]["mean"]) for row in wins(plan, batches, gate=0.75)}
    assert shares == {"all": (4, 0.25), "gated": (3, pytest.approx(1 / 3))}


def test_an_answer_may_change_until_it_has_told_who_is_next(plan):
    """Until both are done, one's answers are one's own; then they are settled."""
    answers = said("ann", *"aaaa") + said("ben", *"aaa")
    assert batches_of(plan, answers)[0].may_change("ann", 0)
    assert not batches_of(plan, answers + said("ben", "a", start=3))[0].may_change("ann", 0)


def test_ratings_ask_for_each_text_once(tmp_path):
    """What two systems suggest alike is rated once, and counts for both."""
    plan = planned(bench(suggested(tmp_path, 1, alike=True)), pointwise=True, seed=0, size=100)
    assert sorted(item.said_by for item in plan.items)[0] == (("system-one", 1), ("system-two", 1))
    assert len(plan.items) == 6


def test_one_system_has_no_opponent(tmp_path):
    """A comparison of one file says what is missing."""
    with pytest.raises(UserError, match=r"one system .* --pointwise"):
        planned(bench(suggested(tmp_path, 1)[:1]), pointwise=False, seed=0, size=4)

"""Which side of a pair is edited, where, and with which path: values in, values out."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest

from proutt.intent import Candidate, IntentPath, Perspective, SentenceType, Truth, fold
from proutt.methods.proutt.edits import (
    Edit,
    Edits,
    edits_for,
    future_replacements,
    perturbed_positions,
    revised_position,
)

EXPLOITATION, EXPLORATION = Perspective
TREE = fold([[IntentPath("Travel", "Destination", "Lyon")]])
TRAIN = IntentPath("Travel", "Train")


def truth_of(*paths: IntentPath, perspective: Perspective = EXPLOITATION) -> Truth:
    return Truth("Which train goes there?", SentenceType.INTERROGATIVE, paths or (TRAIN,), perspective)


def candidates_of(*attributes: str) -> tuple[Candidate, ...]:
    """Candidates for Travel, the first half exploitation."""
    return tuple(
        Candidate(EXPLOITATION if at < len(attributes) // 2 else EXPLORATION, "why", IntentPath("Travel", name), "said")
        for at, name in enumerate(attributes)
    )


FOUR = candidates_of("Luggage", "Budget", "Camera", "Shoes")


@pytest.mark.parametrize(
    ("j_max", "chosen", "rejected", "branch"),
    [
        (1.0, Edit.KEEP, Edit.PERTURB, "high"),
        (0.80, Edit.KEEP, Edit.PERTURB, "high"),  # on the upper threshold
        (0.79, Edit.REVISE, Edit.PERTURB, "middle"),
        (0.31, Edit.REVISE, Edit.PERTURB, "middle"),
        (0.30, Edit.REVISE, Edit.KEEP, "low"),  # on the lower threshold
        (0.0, Edit.REVISE, Edit.KEEP, "low"),
    ],
)
def test_thresholds_decide_which_side_is_edited(j_max, chosen, rejected, branch):
    """What the judge likes is kept, what it dislikes is revised, and in between both sides are edited."""
    edits = edits_for(j_max, tau_low=0.3, tau_high=0.8)
    assert edits == Edits(chosen, rejected)
    assert edits.branch == branch


@pytest.mark.parametrize(("perspective", "places"), [(EXPLOITATION, {0, 1}), (EXPLORATION, {2, 3})])
def test_the_true_path_goes_to_a_random_place_of_its_perspective(perspective, places):
    """Every place of the perspective is drawn, about as often, and none of the other."""
    drawn = Counter(revised_position(FOUR, truth_of(perspective=perspective), Random(seed)) for seed in range(200))
    assert set(drawn) == places
    assert min(drawn.values()) > 70


def test_the_true_path_takes_the_place_of_the_candidate_that_has_it_already():
    """Whatever is drawn: the side would otherwise propose one intent twice."""
    candidates = candidates_of("Luggage", "Trains", "Camera", "Shoes")
    assert {revised_position(candidates, truth_of(), Random(seed)) for seed in range(20)} == {1}


@pytest.mark.parametrize(
    ("scores", "attributes", "places"),
    [
        ((0.9, 0.1, 0.9, 0.9), "Luggage Budget Camera Shoes", (0,)),  # the other side is not edited
        ((0.9, 0.31, 0.1, 0.1), "Luggage Budget Camera Shoes", (0, 1)),
        ((0.9, 0.3, 0.1, 0.1), "Luggage Budget Camera Shoes", (0,)),  # on the lower threshold is not near
        ((0.9, 0.1, 0.1, 0.1), "Luggage Train Camera Shoes", (0, 1)),  # near by its path
        ((0.1, 0.2, 0.9, 0.1), "Luggage Budget Camera Shoes", (1,)),  # at least the best of the perspective
        ((0.9, 0.1, 0.1, 0.1), "Luggage Budget Train Shoes", (0, 2)),  # of the other side too: it has the true path
    ],
)
def test_every_candidate_of_the_perspective_that_came_near_the_truth_is_perturbed(scores, attributes, places):
    """Near by score or by path; the other perspective stays, unless it has a path of the truth."""
    candidates = candidates_of(*attributes.split())
    assert perturbed_positions(candidates, scores, truth_of(), tau_low=0.3) == places


def drawn(*futures: IntentPath, seed: int = 0, truth: Truth | None = None, staying=(), tree=TREE):
    numbered = [(path, turn) for turn, path in enumerate(futures, start=3)]
    meant = truth or truth_of()
    return future_replacements(
        numbered, tree=tree, truth=meant, perspective=meant.perspective, staying=staying, rng=Random(seed)
    )


def test_future_paths_come_in_random_order_with_their_turns():
    """Every order is drawn; a path keeps the turn it belongs to."""
    paths = [IntentPath(topic, "Plan") for topic in ("Museum", "Hotel", "Dinner")]
    orders = {tuple(turn for _, turn in drawn(*paths, seed=seed)) for seed in range(60)}
    assert len(orders) == 6
    assert all(paths[turn - 3] == path for path, turn in drawn(*paths))


@pytest.mark.parametrize(
    "left_out",
    [
        TRAIN,  # the truth itself
        IntentPath("travels", "trains", "fast"),  # near it
        IntentPath("Hotel", "Place", "centre"),  # another path of the truth's turn
        IntentPath("Travel", "Luggage"),  # a candidate that stays
        IntentPath("Travel", "Destination", "lyon"),  # known already
    ],
)
def test_a_future_path_that_could_pass_for_right_or_known_is_left_out(left_out):
    """Near a path of turn K+1 or one that stays, or in T^(K): no negative."""
    truth = truth_of(TRAIN, IntentPath("Hotel", "Place", "centre"))
    museum = IntentPath("Museum", "Monday")
    staying = [IntentPath("Travel", "Luggage")]
    for seed in range(4):
        assert drawn(left_out, museum, seed=seed, truth=truth, staying=staying) == [(museum, 4)]


def test_of_two_future_paths_that_are_alike_one_is_kept():
    """Two places of a side do not get the same path."""
    assert len(drawn(IntentPath("Museum", "Monday"), IntentPath("Museums", "Monday", "open"))) == 1


@pytest.mark.parametrize(("perspective", "first"), [(EXPLOITATION, "Travel"), (EXPLORATION, "Museum")])
def test_future_paths_of_the_truths_perspective_come_first(perspective, first):
    """They fit the place they take; the others follow."""
    paths = [IntentPath("Museum", "Monday"), IntentPath("Travel", "Return")]
    for seed in range(6):
        found = drawn(*paths, seed=seed, truth=truth_of(perspective=perspective))
        assert found[0][0].topic == first
        assert len(found) == 2


def test_where_no_tree_is_built_phrases_are_told_apart_too():
    """The ablation "intent-tree": no perspective to sort by, but the truth is still left out."""
    truth = truth_of(IntentPath("which train to take"))
    futures = [IntentPath("which trains to take"), IntentPath("museum on Monday")]
    assert drawn(*futures, truth=truth, tree=None) == [(futures[1], 4)]

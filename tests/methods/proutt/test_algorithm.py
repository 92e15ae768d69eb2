"""Algorithm 1 for one dialogue and one K, every branch, with the steps of strong and of small models."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from methods.script import LYON, PATHS, Script, _paths, annotated, pair_of, record, utterance_of
from proutt.intent import IntentPath, Perspective, SentenceType, fold
from proutt.methods.proutt import Settings, selected_ks
from proutt.methods.proutt.edits import Edit
from proutt.methods.record import PreferencePair

EXPLOITATION, EXPLORATION = Perspective
TRAIN = IntentPath("Travel", "Train")

#: What the judge says of the first candidate of each side, by branch.
BRANCHES = {"high": 0.9, "middle": 0.5, "low": 0.1}

each_branch = pytest.mark.parametrize("branch", BRANCHES)
both_kinds = pytest.mark.parametrize("small_steps", [False, True], ids=["whole", "small"])


def scripted(branch: str, k: int = 1, **answers: Any) -> Script:
    """A judge that finds the prediction near, half near or far, and knows the truth when it hears it."""
    true = PATHS[k][0].attribute.lower()
    return Script(scores={"luggage": BRANCHES[branch], "camera": BRANCHES[branch], true: 0.9}, **answers)


def paths(side) -> list[str]:
    return [str(each.path) for each in side.trajectory.candidates]


def reasonings(side) -> list[str]:
    return [each.reasoning for each in side.trajectory.candidates]


@both_kinds
async def test_a_prediction_near_the_truth_is_chosen_as_it_is(small_steps):
    """The high branch, lines 8 to 11: nothing of the chosen side is edited, and the first path gets a future one."""
    pair = await pair_of(scripted("high"), small_steps=small_steps)
    assert (pair.edits.branch, pair.prediction.j_max) == ("high", 0.9)
    assert pair.chosen.edit is Edit.KEEP
    assert pair.chosen.trajectory.candidates == pair.prediction.candidates
    (replaced,) = pair.rejected.replaced
    assert (replaced.position, str(replaced.path), replaced.turn) == (0, "Travel → Arrival - evening", 3)
    assert paths(pair.rejected) == [str(replaced.path), *paths(pair.chosen)[1:]]


@both_kinds
async def test_a_prediction_far_from_the_truth_is_rejected_as_it_is(small_steps):
    """The low branch, lines 12 to 14: the true path goes into the chosen side; the rejected side keeps its paths."""
    pair = await pair_of(scripted("low"), small_steps=small_steps)
    assert pair.edits.branch == "low"
    assert pair.rejected.edit is Edit.KEEP
    assert pair.rejected.replaced == ()
    predicted = [str(each.path) for each in pair.prediction.candidates]
    assert (paths(pair.rejected), reasonings(pair.rejected)) == (
        predicted,
        [each.reasoning for each in pair.prediction.candidates],
    )
    (replaced,) = pair.chosen.replaced
    assert (replaced.path, replaced.turn, replaced.position in (0, 1)) == (TRAIN, 2, True)
    assert paths(pair.chosen)[replaced.position] == "Travel → Train"


@both_kinds
async def test_in_between_both_sides_are_edited(small_steps):
    """The middle branch, lines 15 to 18."""
    pair = await pair_of(scripted("middle"), small_steps=small_steps)
    assert (pair.edits.branch, pair.chosen.edit, pair.rejected.edit) == ("middle", Edit.REVISE, Edit.PERTURB)
    assert [each.path for each in pair.chosen.replaced] == [TRAIN]
    assert [each.turn for each in pair.rejected.replaced] == [3]


@both_kinds
@each_branch
@pytest.mark.parametrize("k", [1, 2, 3, 4])
async def test_chosen_and_rejected_differ_where_they_should_and_nowhere_else(small_steps, branch, k):
    """The side of the other perspective keeps paths and reasoning, the chosen one its utterances too; what is not
    replaced stays, and no negative path is the truth's."""
    pair = await pair_of(scripted(branch, k), k, small_steps=small_steps)
    for side in (pair.chosen, pair.rejected):
        replaced = {each.position for each in side.replaced}
        assert all(pair.prediction.candidates[at].perspective is pair.truth.perspective for at in replaced)
        for at, (before, after) in enumerate(zip(pair.prediction.candidates, side.trajectory.candidates, strict=True)):
            assert after.perspective is before.perspective
            assert (after.path == before.path and after.reasoning == before.reasoning) is (at not in replaced)
            if side is pair.chosen and at not in replaced:
                assert after == before
            if side is pair.rejected:
                assert after.utterance != before.utterance
                assert after.path not in pair.truth.paths
    assert pair.chosen.trajectory.candidates != pair.rejected.trajectory.candidates


@both_kinds
async def test_each_side_is_said_under_its_own_sentence_type(small_steps):
    """The chosen side under s*, the rejected one under s⁻, each with the reasoning of its type (equations 3 and 4)."""
    pair = await pair_of(scripted("middle"), small_steps=small_steps)
    chosen, rejected = pair.chosen.trajectory, pair.rejected.trajectory
    assert chosen.sentence_type is pair.truth.sentence_type is SentenceType.INTERROGATIVE
    assert rejected.sentence_type is not chosen.sentence_type
    for side in (chosen, rejected):
        assert side.sentence_type_reasoning == pair.prediction.chains[side.sentence_type]
        assert [each.utterance for each in side.candidates] == [
            utterance_of(each.path, side.sentence_type) for each in side.candidates
        ]


async def test_the_rejected_type_is_drawn_uniformly_from_the_other_two():
    """Never s* itself, and each of the others about as often."""
    drawn: Counter[Any] = Counter()
    for seed in range(80):
        pair = await pair_of(Script(), seed=seed, q=1, verify=False)
        drawn[pair.rejected.trajectory.sentence_type] += 1
    assert set(drawn) == {SentenceType.DECLARATIVE, SentenceType.IMPERATIVE}
    assert min(drawn.values()) > 25


async def test_the_revised_place_is_random_but_keyed_by_seed_dialogue_and_k():
    """The same seed gives the same place, at any time and in any order; seeds give both places."""
    places = [(await pair_of(scripted("low"), seed=seed)).chosen.replaced[0].position for seed in range(12)]
    again = [(await pair_of(scripted("low"), seed=seed)).chosen.replaced[0].position for seed in reversed(range(12))]
    assert places == again[::-1]
    assert set(places) == {0, 1}


async def test_revision_takes_the_place_of_the_candidate_that_has_the_true_path():
    """Whatever the seed: a side never proposes one intent twice."""

    def with_train(step: Any) -> Any:
        sides = _paths(step)
        sides["exploitation"][1] |= {"attribute": "Trains", "utterance": "Is there any direct way by rail?"}
        return sides

    for seed in range(6):
        pair = await pair_of(scripted("middle", paths=with_train), seed=seed)
        assert pair.chosen.replaced[0].position == 1
        assert "Travel → Trains" not in paths(pair.rejected)  # near the truth by its path, so perturbed too


async def test_even_in_the_low_branch_no_negative_path_is_the_truth():
    """A candidate has p_{K+1} as its path but its utterance was judged far: the rejected side gets another path."""

    def with_train(step: Any) -> Any:
        sides = _paths(step)
        sides["exploitation"][1] |= {"attribute": "Trains", "utterance": "Is there any direct way by rail?"}
        return sides

    pair = await pair_of(scripted("low", paths=with_train))
    assert pair.edits.branch == "low"
    assert "Travel → Trains" not in paths(pair.rejected)
    assert [each.position for each in pair.rejected.replaced] == [1]


@both_kinds
async def test_the_last_k_has_no_future_and_the_model_writes_the_wrong_path(small_steps):
    """K = N-1: no p_{K+ε} with ε ≥ 2, so a plausible path that is told apart from p_{K+1}."""
    pair = await pair_of(scripted("high", 4), 4, small_steps=small_steps)
    (replaced,) = pair.rejected.replaced
    assert replaced.turn is None
    assert replaced.position == 2  # the restaurant is a new topic: exploration
    assert replaced.path not in {path for turn in PATHS for path in turn}
    written = await record(scripted("high", 4), 4, small_steps=small_steps)
    assert [each.origin for each in written.rejected_edit.replaced] == ["model"]


async def test_future_paths_go_first_and_the_model_writes_only_what_is_missing():
    """Two to perturb and one future path left: one of each, and the model is told to keep clear of the other."""
    script = Script(scores={"camera": 0.9, "language": 0.9})
    pair = await pair_of(script, 3, verify=False)
    assert [each.turn for each in pair.rejected.replaced] == [5, None]
    (asked,) = script.of_step("distinguish")
    assert (asked.n, asked.path) == (1, IntentPath("Museum", "Monday"))
    assert IntentPath("Restaurant", "Cuisine", "local") in asked.avoid


async def test_the_truths_of_every_k_are_those_of_the_next_turn():
    """u_{K+1}, s*_{K+1}, all paths of turn K+1 with the main one first, and the perspective against T^(K)."""
    annotation = await annotated(Settings())
    assert [annotation.truth(k).utterance for k in LYON.ks] == list(LYON.utterances[1:])
    assert [annotation.truth(k).paths for k in LYON.ks] == list(PATHS[1:])
    assert [annotation.truth(k).perspective for k in LYON.ks] == [EXPLOITATION, EXPLOITATION, EXPLORATION, EXPLORATION]
    assert [annotation.tree(k) for k in LYON.ks] == [fold(PATHS[:k]) for k in LYON.ks]
    assert [turn for _, turn in annotation.future_paths(2)] == [4, 5]


@both_kinds
async def test_the_same_answers_give_the_same_record(small_steps):
    """Byte for byte, whatever was done before."""
    one, other = [(await record(scripted("middle", k), k, small_steps=small_steps)).model_dump_json() for k in (2, 2)]
    assert one == other


@both_kinds
@each_branch
async def test_the_record_shows_how_the_pair_came_about_and_survives_json(small_steps, branch):
    """Context, tree, truth, scored candidates, edits with their turns, both trajectories as they were made."""
    pair = await pair_of(scripted(branch, 2), 2, small_steps=small_steps)
    line = (await record(scripted(branch, 2), 2, small_steps=small_steps)).model_dump_json()
    read = PreferencePair.model_validate_json(line)
    assert read.model_dump_json() == line
    assert [each.user for each in read.context.turns] == [turn.user for turn in LYON.turns[:2]]
    assert read.tree["Travel"]["Destination"].model_dump() == {"value": "Lyon", "turn": 1}
    assert read.truth.utterance == LYON.turns[2].user
    assert [each.path() for each in read.truth.paths] == list(PATHS[2])
    assert [each.score for each in read.candidates] == [each.score for each in pair.prediction.scores]
    assert read.branch == pair.edits.branch
    assert read.chosen.trajectory() == pair.chosen.trajectory
    assert read.rejected.trajectory() == pair.rejected.trajectory
    assert [(each.position, each.turn) for each in read.chosen_edit.replaced] == [
        (each.position, each.turn) for each in pair.chosen.replaced
    ]
    assert {each.origin for each in read.chosen_edit.replaced} <= {"next-turn"}
    assert {each.origin for each in read.rejected_edit.replaced} <= {"future-turn"}


@pytest.mark.parametrize("q", [1, 2, 3])
async def test_there_are_2q_candidates_exploitation_first(q):
    """Figure 6's parameter."""
    pair = await pair_of(Script(), q=q)
    assert [each.perspective for each in pair.prediction.candidates] == [EXPLOITATION] * q + [EXPLORATION] * q


def test_which_k_are_taken():
    """All of 1..N-1, the last, or one at random that is keyed by dialogue and seed."""
    assert selected_ks(LYON, Settings()) == (1, 2, 3, 4)
    assert selected_ks(LYON, Settings(turns="last")) == (4,)
    drawn = [selected_ks(LYON, Settings(turns="random", seed=seed)) for seed in range(40)]
    assert {k for (k,) in drawn} == {1, 2, 3, 4}
    assert drawn[7] == selected_ks(LYON, Settings(turns="random", seed=7))


def test_a_dialogue_of_one_turn_has_no_k():
    """Nothing to predict and nothing to draw from."""
    from proutt.dialogue import Dialogue

    short = Dialogue(id="short", turns=LYON.turns[:1])
    assert [selected_ks(short, Settings(turns=turns)) for turns in ("all", "last", "random")] == [(), (), ()]

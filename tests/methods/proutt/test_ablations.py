"""Table III: what is left out is left out of the questions and of the record alike."""

from __future__ import annotations

import pytest

from methods.script import Script, annotated, pair_of, record
from proutt.methods.proutt import Ablation, Settings

both_kinds = pytest.mark.parametrize("small_steps", [False, True], ids=["whole", "small"])
SCORES = {"luggage": 0.5, "camera": 0.5, "train": 0.9}


def sent(script: Script) -> str:
    """Everything that went to the models, without worked examples."""
    return "\n".join(request.messages[-1].content for request in script.model.requests)


@both_kinds
async def test_without_the_intent_tree_no_question_shows_one_and_no_record_holds_a_path(small_steps):
    """Intents are phrases on the way; the record has neither tree nor paths of candidates."""
    with_tree, without = Script(scores=SCORES), Script(scores=SCORES)
    await record(with_tree, small_steps=small_steps)
    made = await record(without, small_steps=small_steps, ablate=(Ablation.INTENT_TREE,))
    heading = "intents so far" if small_steps else "Intent tree"
    assert heading in sent(with_tree)
    assert heading not in sent(without)
    assert made.tree is None
    sides = (made.candidates, made.chosen.candidates, made.rejected.candidates)
    assert {each.path for side in sides for each in side} == {None}
    assert made.settings["ablate"] == ["intent-tree"]


@both_kinds
async def test_without_the_intent_tree_the_annotator_says_whether_a_topic_is_new(small_steps):
    """The perspective cannot be computed from a tree; intents are topics alone."""
    annotation = await annotated(Settings(small_steps=small_steps, ablate=(Ablation.INTENT_TREE,)))
    assert [annotation.truth(k).perspective.value for k in (1, 2, 3, 4)] == [
        "exploitation",
        "exploitation",
        "exploration",
        "exploration",
    ]
    assert all(path.attribute is None for turn in annotation.turns for path in turn.paths)


@both_kinds
async def test_without_the_intent_tree_the_low_and_high_branches_work_too(small_steps):
    """Revision puts the true phrase in, perturbation another."""
    for score, branch in ((0.1, "low"), (0.9, "high")):
        script = Script(scores={"luggage": score, "train": 0.9})
        pair = await pair_of(script, small_steps=small_steps, ablate=(Ablation.INTENT_TREE,))
        assert pair.edits.branch == branch
        assert pair.tree is None
        replaced = pair.chosen.replaced or pair.rejected.replaced
        assert all(each.path.attribute is None for each in replaced)
        assert (replaced[0].path == pair.truth.path) is (branch == "low")


@both_kinds
async def test_without_sentence_types_nobody_is_asked_for_them_and_no_form_is_named(small_steps):
    """No chains, no s* in any question, none in the record; only perturbed candidates are worded anew."""
    script = Script(scores=SCORES)
    made = await record(script, small_steps=small_steps, ablate=(Ablation.SENTENCE_TYPE,))
    assert script.of_step("sentence-types") == []
    for name in ("paths", "write", "revise", "reword"):
        assert {step.sentence_type for step in script.of_step(name)} <= {None}
    assert all(kind not in sent(script) for kind in ("interrogative", "declarative", "imperative", "a question"))
    for side in (made.chosen, made.rejected):
        assert (side.sentence_type, side.sentence_type_reasoning) == (None, None)
    assert made.truth.sentence_type is None
    perturbed = {each.position for each in made.rejected_edit.replaced}
    kept = [at for at in range(4) if at not in perturbed]
    assert [made.rejected.candidates[at].utterance for at in kept] == [made.candidates[at].utterance for at in kept]


async def test_without_sentence_types_the_rejected_side_of_the_low_branch_is_the_prediction():
    """Only the chosen side is edited, and nothing is asked for the other."""
    script = Script(scores={"train": 0.9})
    pair = await pair_of(script, ablate=(Ablation.SENTENCE_TYPE,))
    assert pair.rejected.trajectory.candidates == pair.prediction.candidates
    assert script.of_step("reword") == []


async def test_without_sentence_types_the_annotator_is_not_asked_for_them():
    """Nor where rules name them."""
    for settings in (Settings(ablate=(Ablation.SENTENCE_TYPE,)), Settings(sentence_types="rules")):
        script = Script()
        await annotated(settings, script=script)
        assert "sentence_type" not in sent(script)
    script = Script()
    await annotated(Settings(), script=script)
    assert "sentence_type" in sent(script)


@both_kinds
async def test_without_future_paths_every_negative_is_written_by_a_model(small_steps):
    """Turn 3 has a path that would serve; it is not taken, nor told to the model."""
    plain, ablated = Script(scores=SCORES), Script(scores=SCORES)
    with_future = await record(plain, small_steps=small_steps)
    made = await record(ablated, small_steps=small_steps, ablate=(Ablation.FUTURE_PATH_NEGATIVES,))
    assert [each.origin for each in with_future.rejected_edit.replaced] == ["future-turn"]
    assert [(each.origin, each.turn) for each in made.rejected_edit.replaced] == [("model", None)]
    assert "Arrival" in sent(plain)
    assert "Arrival" not in sent(ablated)


def test_the_thresholds_must_leave_a_middle():
    """tau_low below tau_high, or the branches overlap."""
    with pytest.raises(ValueError, match="must be below"):
        Settings(tau_low=0.8, tau_high=0.8)

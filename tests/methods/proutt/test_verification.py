"""What was edited is judged again: bounded tries, the best kept, a pair that does not pass marked."""

from __future__ import annotations

from typing import Any

import pytest

from methods.script import Script, _revise, pair_of, record

both_kinds = pytest.mark.parametrize("small_steps", [False, True], ids=["whole", "small"])


def revised_as(*words: str) -> Any:
    """Answers to "revise" with these words in turn."""
    left = list(words)

    def answer(step: Any) -> Any:
        return _revise(step) | {"utterance": f"Is the train {left.pop(0)}?"}

    return answer


@both_kinds
async def test_a_pair_that_passes_at_once_is_judged_twice(small_steps):
    """Once as predicted, once what was edited, both sides in one call; only what is new is judged."""
    script = Script(scores={"luggage": 0.5, "train": 0.9})
    made = await record(script, small_steps=small_steps)
    assert (made.verified, made.verification.problems, made.verification.tries) == (True, [], 1)
    predicted, edited = script.of_step("judge")
    assert len(predicted.utterances) == 4
    assert len(edited.utterances) == 1 + 4  # the revised one, and all of the rejected side under s⁻


async def test_the_chosen_side_is_revised_again_until_it_is_near_the_truth():
    """From tau_high on it passes, and the other side, which passed before, is left alone."""
    script = Script(scores={"quick": 0.79, "direct": 0.8}, revise=revised_as("quick enough", "direct enough"))
    made = await record(script)
    assert made.verified
    assert made.verification.tries == 2
    assert "Is the train direct enough?" in [each.utterance for each in made.chosen.candidates]
    assert len(script.of_step("reword")) == 1


async def test_of_tries_that_all_miss_the_nearest_is_kept_and_the_pair_is_marked():
    """Kept and marked, not dropped."""
    words = revised_as("cold inside", "quick enough", "late today")
    script = Script(scores={"cold": 0.2, "quick": 0.7, "late": 0.4}, revise=words)
    made = await record(script)
    assert not made.verified
    assert made.verification.problems == ["chosen-below-tau-high"]
    assert max(made.verification.chosen_scores) == 0.7
    assert "Is the train quick enough?" in [each.utterance for each in made.chosen.candidates]


@both_kinds
async def test_the_rejected_side_is_perturbed_again_with_another_path(small_steps):
    """The first future path came near the truth after all: the next try takes another, which is kept."""
    script = Script(scores={"luggage": 0.9, "arrival": 0.6})
    made = await record(script, small_steps=small_steps)
    assert made.verified
    assert max(made.verification.rejected_scores) <= 0.3
    (replaced,) = made.rejected_edit.replaced
    assert (replaced.path.attribute != "Arrival", replaced.turn in (3, 4, 5)) == (True, True)


async def test_a_rejected_side_that_stays_near_the_truth_is_marked():
    """Everything that is said scores too high; after the last try the pair is kept and marked."""
    script = Script(scores={"or": 0.9})
    made = await record(script)
    assert made.branch == "high"
    assert (made.verified, made.verification.problems) == (False, ["rejected-above-tau-low"])


@pytest.mark.parametrize("tries", [1, 2, 4])
async def test_the_tries_are_bounded(tries):
    """At most `verify_tries` edits of a side."""
    script = Script()
    made = await record(script, verify_tries=tries)
    assert len(script.of_step("revise")) == tries
    assert made.verification.problems == ["chosen-below-tau-high"]


async def test_every_try_asks_in_a_place_of_its_own():
    """Chance is keyed by the place: a second try is another draw."""
    script = Script()
    await pair_of(script)
    places = [place for step, place in script.steps if step.name == "revise"]
    assert len(places) == len(set(places)) == 3


async def test_a_further_try_that_cannot_be_written_leaves_the_earlier_one():
    """An editor that fails at the second try costs that try, not the turn; the pair is marked as it stands."""
    answers = [lambda step: _revise(step) | {"utterance": "Is the train quick enough?"}, lambda step: "I cannot."]

    def revise(step: Any) -> Any:
        return answers.pop(0)(step) if len(answers) > 1 else answers[0](step)

    script = Script(scores={"quick": 0.7}, revise=revise)
    made = await record(script)
    assert (made.verified, made.verification.problems) == (False, ["chosen-below-tau-high"])
    assert max(made.verification.chosen_scores) == 0.7
    assert made.verification.tries == 1
    assert len({place for step, place in script.steps if step.name == "revise"}) == 3


@both_kinds
async def test_verification_can_be_switched_off(small_steps):
    """No further judging, one edit a side, and a record that says that nothing was verified."""
    script = Script(scores={"luggage": 0.5})
    made = await record(script, verify=False, small_steps=small_steps)
    assert len(script.of_step("judge")) == 1
    assert len(script.of_step("revise")) == 1
    assert (made.verification, made.verified) == (None, None)


@both_kinds
@pytest.mark.parametrize("word", ["luggage", "arrival", "museum", "or"])
async def test_what_the_record_says_of_the_scores_is_what_the_judge_said_of_its_utterances(small_steps, word):
    """Whatever was tried, kept or taken back."""
    script = Script(scores={"luggage": 0.5, word: 0.7, "train": 0.9})
    made = await record(script, small_steps=small_steps)
    for scores, side in (
        (made.verification.chosen_scores, made.chosen),
        (made.verification.rejected_scores, made.rejected),
    ):
        said = [each.utterance.lower() for each in side.candidates]
        assert scores == [max([value for key, value in script.scores.items() if key in one] or [0.1]) for one in said]
    by_position = {each.position: each.path for each in made.rejected_edit.replaced}
    for at, candidate in enumerate(made.rejected.candidates):
        assert candidate.path == by_position.get(at, made.candidates[at].path)

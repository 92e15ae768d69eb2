"""The leak barrier on the wire: what came after the context is in no request but those that annotate and judge."""

from __future__ import annotations

from dataclasses import replace

import pytest

from methods.script import LYON, PATHS, Script, annotated, steps_of
from proutt.dialogue import Dialogue, Turn
from proutt.judge import LLMJudge
from proutt.methods.proutt import Ablation, Settings, synthesize_turn

#: Steps that see the truth.
SEEING = {"annotate", "judge"}
SCORES = {"high": 0.9, "middle": 0.5, "low": 0.1}


def canary(who: str, turn: int) -> str:
    return f"zq{who}{turn}canary"


def marked() -> Dialogue:
    """The dialogue to Lyon, with a word of its own in everything that somebody says."""
    turns = tuple(
        Turn(f"{turn.user} {canary('u', number)}", f"{turn.assistant} {canary('a', number)}")
        for number, turn in enumerate(LYON.turns, start=1)
    )
    last = f"{LYON.last_utterance} {canary('u', len(turns) + 1)}"
    return replace(LYON, turns=turns, last_utterance=last, system="zqsystemcanary", source="zqsourcecanary")


def later(k: int) -> set[str]:
    """The canaries of u_{K+1}, a_{K+1} and all that follows."""
    return {canary(who, turn) for who in "ua" for turn in range(k + 1, len(LYON.utterances) + 1)}


@pytest.mark.parametrize("small_steps", [False, True], ids=["whole", "small"])
@pytest.mark.parametrize("ablate", [(), *((each,) for each in Ablation), tuple(Ablation)], ids=str)
@pytest.mark.parametrize("branch", SCORES)
async def test_nothing_that_comes_after_the_context_is_in_any_request_that_predicts(small_steps, ablate, branch):
    """Every K, with every answer unusable at first, so that the corrections are on the wire too."""
    settings = Settings(small_steps=small_steps, ablate=ablate)
    annotation = await annotated(settings, marked())
    for k in marked().ks:
        true = PATHS[k][0].attribute.lower()
        script = Script(scores={"luggage": SCORES[branch], "camera": SCORES[branch], true: 0.5}, flaky=True)
        await synthesize_turn(
            annotation, k, settings=settings, steps=steps_of(script, settings), judge=LLMJudge(script, 4000)
        )
        sent = [(each.step, " ".join(message.content for message in each.messages)) for each in script.model.requests]
        for step, text in sent:
            assert "zqsystem" not in text
            assert "zqsource" not in text
            if step not in SEEING:
                assert not [each for each in later(k) if each in text], (k, step)
        held = [repr(step) for step, _ in script.steps if step.name not in SEEING]  # not even for a check
        assert not [each for each in later(k) for text in held if each in text]
        judged = [text for step, text in sent if step == "judge"]
        assert all(canary("u", k + 1) in text for text in judged)
        assert not [each for each in later(k) - {canary("u", k + 1)} for text in judged if each in text]


@pytest.mark.parametrize("small_steps", [False, True], ids=["whole", "small"])
async def test_the_last_thing_that_the_user_said_does_reach_the_models(small_steps):
    """Or the test above would pass for requests that hold nothing."""
    settings = Settings(small_steps=small_steps)
    annotation = await annotated(settings, marked())
    for k in marked().ks:
        script = Script()
        await synthesize_turn(
            annotation, k, settings=settings, steps=steps_of(script, settings), judge=LLMJudge(script, 4000)
        )
        assert canary("u", k) in script.model.of_step("sentence-types")[0].messages[-1].content


async def test_the_later_rounds_of_a_dialogue_do_not_colour_the_annotation_of_the_earlier_ones():
    """A piece is annotated with the dialogue up to its last round, and the tree of the rounds before it."""
    script = Script()
    await annotated(Settings(rounds_per_annotation=2), marked(), script)
    assert [(step.first, step.last) for step in script.of_step("annotate")] == [(1, 2), (3, 4), (5, 5)]
    for step, request in zip(script.of_step("annotate"), script.model.requests, strict=True):
        text = request.messages[-1].content
        assert not [each for each in later(step.last) if each in text]
        assert all(leaf.turn < step.first for leaves in step.tree.topics.values() for leaf in leaves.values())

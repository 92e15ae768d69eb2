"""What is skipped and what fails: with its reason, its step and the model's last text; and what stops a run."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from methods.script import LYON, Script, annotated, pair_of, steps_of
from proutt.dialogue import Dialogue, Turn
from proutt.errors import AnswerError, ItemFailed, ModelError
from proutt.intent import IntentPath, SentenceType
from proutt.judge import LLMJudge
from proutt.llm import Reply, Usage
from proutt.methods.proutt import Annotation, Settings, Skipped, synthesize_turn
from proutt.methods.proutt.annotation import TurnAnnotation
from proutt.methods.together import together

WHOLE = ["sentence-types", "paths", "judge", "revise", "reword", "distinguish"]
SMALL = ["sentence-types", "brainstorm", "write", "judge", "revise", "reword"]


def annotation_of(*paths: list[IntentPath]) -> Annotation:
    """Two turns with these paths."""
    dialogue = Dialogue(
        id="two", language="en", turns=(Turn("Hello there.", "Hi."), Turn("Thank you so much.", "Bye."))
    )
    return Annotation(dialogue, tuple(TurnAnnotation(SentenceType.DECLARATIVE, tuple(each)) for each in paths))


@pytest.mark.parametrize(
    ("paths", "reason"),
    [
        (([IntentPath("Hotel", "Price")], []), "no-new-path"),
        (([], [IntentPath("Hotel", "Price")]), "empty-tree"),
    ],
)
async def test_a_turn_that_the_method_makes_no_pair_of_is_skipped_with_its_reason(paths, reason):
    """No new path to predict, or no topic yet to exploit: nothing is asked of any model."""
    script, settings = Script(), Settings()
    with pytest.raises(Skipped) as skipped:
        await synthesize_turn(
            annotation_of(*paths), 1, settings=settings, steps=steps_of(script, settings), judge=LLMJudge(script, 500)
        )
    assert skipped.value.reason == reason
    assert script.steps == []


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("Let me think about it.", "not-json"),
        ('{"surprise": 1}', "wrong-schema"),
        ("", "empty"),
        ("<think>hm", "empty"),
        ("I'm sorry, but I can't help with that.", "refused"),
        (Reply('{"interrogative": "The us', "length", Usage(), 0.0), "cut-off"),
    ],
)
async def test_an_answer_that_is_none_fails_the_turn_with_its_kind(text, reason):
    """After the bounded number of further draws; the model's last text is kept as it came."""
    script = Script(sentence_types=lambda step: text)
    with pytest.raises(ItemFailed) as failed:
        await pair_of(script)
    assert (failed.value.reason, failed.value.stage) == (reason, "sentence-types")
    assert failed.value.raw == (text.text if isinstance(text, Reply) else text)
    assert len(script.model.of_step("sentence-types")) == 3


@pytest.mark.parametrize(
    ("small_steps", "step"), [*((False, step) for step in WHOLE), *((True, step) for step in SMALL)]
)
async def test_a_step_that_cannot_be_done_fails_the_turn_and_is_named(small_steps, step):
    """Every step of both kinds; at K = 4 in the middle branch each of them is asked."""
    script = Script(scores={"camera": 0.5, "cuisine": 0.9}, **{step.replace("-", "_"): lambda step: "No."})
    with pytest.raises(ItemFailed) as failed:
        await pair_of(script, 4, small_steps=small_steps)
    assert (failed.value.stage, failed.value.raw) == (step, "No.")


async def test_an_unreadable_verdict_fails_the_turn_and_is_never_a_zero():
    """A score of 0 would mean "revise": no edit is asked for."""
    script = Script(judge=lambda step: {"verdicts": [{"reason": "alike", "score": "high"}] * 4})
    with pytest.raises(ItemFailed) as failed:
        await pair_of(script)
    assert (failed.value.stage, failed.value.reason) == ("judge", "wrong-schema")
    assert not script.of_step("revise")
    assert not script.of_step("reword")


async def test_an_answer_with_a_name_that_names_nothing_is_asked_again():
    """A topic without a letter is the model's mistake, not a crash."""

    def nameless(step: Any) -> Any:
        one = {"reasoning": "The user may want something that has no name at all, as it seems.", "topic": "?!"}
        one |= {"attribute": "Choice", "value": "", "utterance": "Is there any choice?"}
        return {"exploitation": [one | {"topic": "Travel"}] * 2, "exploration": [one] * 2}

    with pytest.raises(ItemFailed) as failed:
        await pair_of(Script(paths=nameless))
    assert (failed.value.reason, failed.value.stage) == ("wrong-schema", "paths")


@pytest.mark.parametrize(("kind", "retryable"), [("timeout", True), ("http-500", True), ("context-too-long", False)])
async def test_an_endpoint_that_fails_one_call_fails_the_turn(kind, retryable):
    """The run goes on with the next turn; its own retries were before this."""
    error = ModelError("the endpoint failed", kind=kind, retryable=retryable)
    with pytest.raises(ItemFailed) as failed:
        await pair_of(Script(paths=lambda step: error))
    assert (failed.value.reason, failed.value.stage, failed.value.raw) == (kind, "paths", "")


async def test_an_endpoint_that_no_call_can_reach_stops_the_run():
    """A bad key is not one turn's failure: it comes through as it is."""
    error = ModelError("the key is refused", kind="http-401", fatal=True, status=401)
    with pytest.raises(ModelError) as stopped:
        await pair_of(Script(revise=lambda step: error))
    assert stopped.value is error


async def test_an_annotation_that_cannot_be_had_is_an_error_of_the_whole_dialogue():
    """It comes as it is: whoever runs the method decides that all of its K failed."""
    with pytest.raises(AnswerError) as failed:
        await annotated(Settings(), script=Script(annotate=lambda step: {"rounds": []}))
    assert (failed.value.step, failed.value.kind) == ("annotate", "wrong-schema")


async def test_a_step_beside_one_that_failed_is_cancelled():
    """Sentence types and paths are asked side by side; where one fails, nobody waits or pays for the other."""
    script, settings = Script(), Settings()
    cancelled = []

    async def ask(step: Any, place: str) -> Any:
        if step.name == "paths":
            raise AnswerError("no", step="paths", kind="refused", raw="No.")
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(step.name)
            raise

    with pytest.raises(ItemFailed) as failed:
        await synthesize_turn(
            await annotated(settings), 1, settings=settings, steps=steps_of(ask, settings), judge=LLMJudge(script, 500)
        )
    assert (failed.value.stage, failed.value.reason, failed.value.raw) == ("paths", "refused", "No.")
    assert cancelled == ["sentence-types"]


async def test_who_is_cancelled_cancels_what_it_awaits_side_by_side():
    """A run that stops leaves no call behind."""
    cancelled = []

    async def stuck(name: str) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.append(name)

    task = asyncio.ensure_future(together(stuck("a"), stuck("b")))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert sorted(cancelled) == ["a", "b"]


def test_the_dialogue_of_these_tests_has_a_last_utterance():
    """K = 4 has a truth, though no answer followed it."""
    assert LYON.next_utterance(4) == LYON.last_utterance

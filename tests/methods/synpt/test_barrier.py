"""What the user wants reaches the assistant agent by the user's words alone, and the user's words by what was asked."""

from __future__ import annotations

import asyncio
import dataclasses

import pytest

from methods.synpt.script import CANARIES, SEED, TASK, Script, dialogue_of
from proutt.intent.intention_state import IntentionState
from proutt.prompts.synpt import Answering, DualAnswering, Feel, Reflect, Think, ThinkOver

VARIANTS = [
    {},
    {"reflection": True},
    {"ablate": ("memory-stack",)},
    {"method": "dual-agent"},
]


def of_canaries(scripted: Script, **settings):
    """The dialogue of the canaries: the script works its answers out from what the steps hold."""
    return asyncio.run(dialogue_of(scripted, CANARIES, **settings))


def spoken_by(requests, values):
    return [value for value in values if any(value in message.content for message in requests.messages)]


@pytest.mark.parametrize("run_seed", range(4))
@pytest.mark.parametrize("settings", VARIANTS, ids=str)
def test_no_request_of_the_assistant_agent_holds_a_value_that_the_user_has_not_told(settings, run_seed):
    """In every variant, also where a question is asked again."""
    scripted = Script(flaky=True)
    found = of_canaries(scripted, seed=run_seed, **settings)
    utterances = [turn.user.utterance for turn in found.turns]
    assert found.turns[-1].assistant.summary == dict(CANARIES.values)
    said: list[str] = []
    for request in scripted.model.requests:
        if request.role == "user-agent":
            said = utterances[: len(said) + (request.sample == 1)]
            continue
        for value in spoken_by(request, CANARIES.values.values()):
            assert any(value in each for each in said)


@pytest.mark.parametrize("run_seed", range(4))
def test_a_request_of_the_user_agent_holds_the_value_that_is_asked_for_and_what_was_told(run_seed):
    """So it cannot tell what nobody asked."""
    scripted = Script(flaky=True)
    found = of_canaries(scripted, seed=run_seed)
    asked = [found.inquiry, *([turn.assistant.ask] for turn in found.turns[:-1])]
    requests = [each for each in scripted.model.requests if each.role == "user-agent" and each.sample == 0]
    told: set[str] = set()
    for request, keys in zip(requests, asked, strict=True):
        told |= {CANARIES.values[key] for key in keys}
        assert set(spoken_by(request, CANARIES.values.values())) <= told


@pytest.mark.parametrize(
    "step",
    [
        Think(task=TASK, utterance="Hello."),
        ThinkOver(task=TASK, utterance="Hello.", past=()),
        Reflect(task=TASK, utterance="Hello.", past=(), state=IntentionState(TASK), ask="city"),
        Feel(task=TASK, utterance="Hello."),
        Answering(task=TASK, utterance="Hello.", state=IntentionState(TASK), ask="city", feeling="Calm."),
        DualAnswering(task=TASK, utterance="Hello.", past=()),
    ],
    ids=lambda step: step.name,
)
def test_a_step_of_the_assistant_agent_cannot_be_given_a_seed(step):
    """In no field, nor within one: it does not construct."""
    for field in dataclasses.fields(step):
        for leak in (SEED, (SEED,), [SEED]):
            with pytest.raises(TypeError, match="may only see what was said"):
                dataclasses.replace(step, **{field.name: leak})

"""A dialogue of a chatbot under test: how it is asked, what it does not get to see, what becomes of its failures."""

from __future__ import annotations

from typing import Any

import pytest

from methods.upc.script import PERSONA, PERSONA_ZH, REPLIES, Script, verdict
from proutt.errors import AnswerError, ModelError
from proutt.evaluation.upc.agents import agents_of
from proutt.evaluation.upc.config import UPCEvaluateConfig
from proutt.evaluation.upc.evaluating import chatbot_of
from proutt.evaluation.upc.talking import Talk, talk
from proutt.prompts.template import template
from proutt.prompts.upc_evaluation import target_of

CONFIG = UPCEvaluateConfig(inputs=["x"], model="m", base_url="http://x/v1", user_model="u", turns=4)
SCORES = {name: each for name, each in verdict((3, 4, 5)).items() if name != "advice"}


async def held(script: Script, of: Any = PERSONA, **settings: Any) -> Talk:
    config = CONFIG.model_copy(update=settings)
    chatbot = chatbot_of(config, script, of, 32768)
    return await talk("bee/1", of, config.settings(), chatbot, agents_of(config.settings(), script))


def script(**answers: Any) -> Script:
    return Script(**{"score": lambda _: SCORES, **answers})


async def test_each_response_is_said_and_scored_once():
    """Scores below what the corpus asks for change nothing: nobody is asked for another response, or for advice."""
    asked = script()
    found = await held(asked)
    assert found.failure is None
    assert [turn.response for turn in found.simulated.turns] == list(REPLIES[:3])
    assert [turn.scores.numbers for turn in found.simulated.turns if turn.scores] == [(3, 4, 5)] * 3
    assert asked.names.count("respond") == asked.names.count("score") == 3
    assert not {"regenerate", "criticise", "advise"} & set(asked.names)


async def test_what_the_rules_of_a_corpus_reject_stands():
    """Apologies, the user's name, a question again: a test takes a chatbot as it is."""
    odd = "Quillon, I am sorry. Which season keeps you busiest?"
    found = await held(script(respond=lambda _: odd))
    assert [turn.response for turn in found.simulated.turns] == [odd] * 3


async def test_the_critic_is_asked_by_the_words_of_the_corpus():
    """But for the advice, which it is not asked for."""
    asked = script()
    await held(asked)
    prompt = asked.prompts("critic")[0]
    assert template("upc/system_critic", "en").partition("{")[0] in prompt
    assert "Be sparing with 4" in prompt
    assert "advice" not in prompt


@pytest.mark.parametrize("baseline", ["plain", "procot", "target-oriented"])
async def test_no_word_of_the_background_reaches_a_chatbot(baseline):
    """However it is asked; and what a planning chatbot thinks is not said."""
    planned = {"state": "Tired of people.", "plan": "Ask of mornings.", "reply": "Do mornings help?"}
    asked = script(plan=lambda _: planned, lead=lambda _: "Maps show that, too.")
    found = await held(asked, baseline=baseline)
    sent = "\n".join(asked.prompts("assistant-agent"))
    assert not [word for word in ("Zabriskie", "harpsichord", "falconry", "Ljubljana") if word in sent]
    said = "\n".join(turn.response for turn in found.simulated.turns)
    assert "Tired of people" not in said + sent
    expected = {"plain": REPLIES[0], "procot": "Do mornings help?", "target-oriented": "Maps show that, too."}
    assert found.simulated.turns[0].response == expected[baseline]


async def test_a_target_is_the_same_for_a_persona_and_another_for_others():
    """Drawn by seed and persona id; it stands in each prompt, in the dialogue's language."""
    targets = {target_of(f"0/{number}", "en") for number in range(40)}
    assert len(targets) > 8
    asked = script(
        greet=lambda _: "你好，你是谁？",
        introduce=lambda _: {"utterance": "我叫欧阳。"},
        lead=lambda _: "地图也会说话。",
        reply=lambda _: {"utterance": "是这样。"},
        score=lambda _: {name: {"reason": "还行。", "score": 3} for name in SCORES},
    )
    await held(asked, PERSONA_ZH, baseline="target-oriented")
    prompts = [each for each in asked.prompts("assistant-agent") if "心里有一个" in each]
    target = target_of(f"0/{PERSONA_ZH.id}", "zh")
    assert len(prompts) == 3
    assert all(target in each for each in prompts)


@pytest.mark.parametrize(
    ("failing", "reason"),
    [("", "empty"), ("<think>long", "empty"), (ModelError("too long", kind="context-too-long"), "context-too-long")],
)
async def test_a_chatbot_without_an_answer_ends_the_dialogue_there(failing, reason):
    """What was said before stands with its scores; the user and the critic are asked nothing more."""
    left = ["A first response, granted.", failing]
    asked = script(respond=lambda _: left.pop(0))
    found = await held(asked)
    assert found.failure is not None
    assert (found.failure.turn, found.failure.reason) == (3, reason)
    assert [turn.response for turn in found.simulated.turns] == ["A first response, granted."]
    assert asked.names.count("respond") == 2  # it is asked once
    assert asked.names.count("score") == asked.names.count("reply") == 1


async def test_a_chatbot_that_does_not_greet_has_no_turn():
    """Nobody introduces themself to silence."""
    asked = script(greet=lambda _: "")
    found = await held(asked)
    assert found.failure is not None
    assert (found.failure.turn, found.simulated.turns, asked.names) == (1, (), ["greet"])


async def test_faults_of_others_are_not_the_chatbots():
    """A server that is down, a user or a critic that answers no JSON: the dialogue is to be made again."""
    down = ModelError("down", kind="http-500")
    with pytest.raises(ModelError):
        await held(script(respond=lambda _: down))
    for step in ("reply", "introduce", "score"):
        with pytest.raises(AnswerError):
            await held(script(**{step: lambda _: "well"}))


async def test_a_small_critic_gives_no_advice_either():
    """One score a call, and that is all."""
    asked = script(criticise=lambda _: {"reason": "It says little about my bees.", "score": 2})
    found = await held(asked, small_steps=True)
    assert [turn.scores.numbers for turn in found.simulated.turns if turn.scores] == [(2, 2, 2)] * 3
    assert "advise" not in asked.names

"""That a small real model gets through: the engine renders its own template, and a method makes a prediction of it."""

from __future__ import annotations

import pytest

from prediction.contexts import CONTEXT, chance
from proutt.llm import ModelSpec, open_model
from proutt.prediction.asking import ModelAsking
from proutt.prediction.methods import METHODS
from proutt.prediction.prediction import Setting
from proutt.prediction.run import continued


@pytest.mark.slow
async def test_the_embedded_model_goes_on_as_the_user():
    """From the header of the user's turn alone it says something, and no mark of the template is in it."""
    spec = ModelSpec(model="local:tiny", context_tokens=1024)
    model = open_model(spec)
    try:
        ask = ModelAsking(lambda _: continued(model, spec), seed=0)
        predictor = METHODS["user-header"](Setting(q=1, context_tokens=1024))
        prediction = await predictor(CONTEXT, ask, chance)
    finally:
        await model.close()
    assert len(prediction.suggestions) == 2
    assert ask.usage.completion_tokens > 2
    assert not any("<|" in each.text for each in prediction.suggestions)


@pytest.mark.slow
async def test_the_embedded_model_plays_the_user():
    """With its roles swapped, through the chat template."""
    model = open_model(ModelSpec(model="local:tiny", context_tokens=1024))
    try:
        ask = ModelAsking(lambda _: model, seed=0)
        prediction = await METHODS["socratic"](Setting(q=1, context_tokens=1024))(CONTEXT, ask, chance)
    finally:
        await model.close()
    assert len(prediction.suggestions) == 2

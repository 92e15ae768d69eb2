"""The scripted model keeps to its script."""

import pytest

from proutt.errors import ModelError
from proutt.llm import Message, Request, Sampling, ScriptedModel


def question(step):
    return Request((Message("user", "?"),), Sampling(max_tokens=5), step=step)


async def test_answers_by_step_in_order_and_by_callable():
    """Lists are used up, callables see the request, and every request is kept."""
    model = ScriptedModel({"a": ["1", "2"], "b": lambda request: request.step * 2})
    texts = [(await model.reply(question(step))).text for step in "abab"]
    assert texts == ["1", "bb", "2", "bb"]
    assert [request.step for request in model.requests] == list("abab")
    assert model.left == {}


@pytest.mark.parametrize("step", ["a", "unknown"])
async def test_an_unexpected_call_is_fatal(step):
    """A call too many, or of a step nobody scripted, ends the test that made it."""
    model = ScriptedModel({"a": []})
    with pytest.raises(ModelError, match="unexpected call 1 of step") as caught:
        await model.reply(question(step))
    assert caught.value.fatal


async def test_errors_are_raised_and_leftovers_are_told():
    """A script can fail, and says what nobody asked for."""
    model = ScriptedModel({"a": [ModelError("down", kind="timeout"), "left"]})
    with pytest.raises(ModelError, match="down"):
        await model.reply(question("a"))
    assert model.left == {"a": 1}

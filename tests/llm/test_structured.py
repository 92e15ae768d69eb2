"""Asking for an answer of a given shape."""

import pytest
from pydantic import BaseModel

from proutt.errors import AnswerError, ModelError
from proutt.llm import Message, Reply, Sampling, ScriptedModel, Usage, ask


class Verdict(BaseModel):
    reason: str
    score: float


GOOD = '{"reason": "same", "score": 1}'
MESSAGES = (Message("system", "Judge."), Message("user", "Same?"))


def ask_model(model, **options):
    settings = {
        "messages": MESSAGES,
        "answer": Verdict,
        "check": lambda answer: [] if answer.score <= 1 else ["The score is above 1.", "Be fair."],
        "sampling": Sampling(max_tokens=50, seed=10),
        "step": "judge",
        "role": "judge",
        "correction": lambda problem: f"Wrong: {problem}",
    }
    return ask(model, **(settings | options))


async def test_a_good_answer_costs_one_call():
    """The request carries schema, step, role and the caller's seed."""
    model = ScriptedModel({"judge": [GOOD]})
    assert await ask_model(model) == Verdict(reason="same", score=1)
    (request,) = model.requests
    assert (request.messages, request.sample, request.sampling.seed) == (MESSAGES, 0, 10)
    assert (request.step, request.role) == ("judge", "judge")
    assert request.schema["required"] == ["reason", "score"]


async def test_a_problem_is_told_after_the_question_and_drawn_anew():
    """The shared prefix stays, the useless answer is not shown, and each try has its own sample and seed."""
    model = ScriptedModel({"judge": ["gibberish", '{"reason": "x", "score": 7}', GOOD]})
    await ask_model(model)
    texts = [request.messages[-1].content for request in model.requests]
    assert texts == [
        "Same?",
        "Same?\n\nWrong: The answer was not one complete JSON object.",
        "Same?\n\nWrong: The score is above 1. Be fair.",
    ]
    assert [(request.sample, request.sampling.seed) for request in model.requests] == [(0, 10), (1, 11), (2, 12)]


async def test_tries_are_bounded_and_the_last_error_is_raised():
    """After the last try the caller learns what was wrong with that one."""
    model = ScriptedModel({"judge": ["gibberish", '{"reason": "x", "score": 7}']})
    with pytest.raises(AnswerError) as caught:
        await ask_model(model, tries=2)
    assert (caught.value.kind, caught.value.step) == ("unusable", "judge")


async def test_an_answer_that_was_cut_off_gets_more_room():
    """A reasoning model thinks for as long as it has room: four times as much, at most half of its context."""
    thinking = Reply("<think>Let me see", "length", Usage(3, 50), 0.1)
    model = ScriptedModel({"judge": [thinking, thinking, GOOD]}, context_tokens=1000)
    assert await ask_model(model) == Verdict(reason="same", score=1)
    assert [request.sampling.max_tokens for request in model.requests] == [50, 200, 500]
    assert "no room left" in model.requests[1].messages[-1].content


async def test_every_reply_is_counted():
    """Useless answers cost too."""
    replies = [Reply("no", "stop", Usage(3, 1), 0.1), Reply(GOOD, "stop", Usage(5, 2), 0.1)]
    seen = []
    await ask_model(ScriptedModel({"judge": replies}), on_call=seen.append)
    assert seen == replies


async def test_no_answer_at_all_is_not_asked_again_here():
    """Failures of the endpoint have an owner already."""
    model = ScriptedModel({"judge": [ModelError("down", kind="timeout", retryable=True), GOOD]})
    with pytest.raises(ModelError):
        await ask_model(model)
    assert len(model.requests) == 1


async def test_a_seed_left_to_the_endpoint_stays_so():
    """No seed is made up for further tries."""
    model = ScriptedModel({"judge": ["", GOOD]})
    await ask_model(model, sampling=Sampling(max_tokens=5))
    assert [request.sampling.seed for request in model.requests] == [None, None]


class Spoken(BaseModel):
    text: str


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        ("Hello there.", "Hello there."),
        ("<think>Greet.</think>\nHello there.", "Hello there."),
        ("Sorry to hear that.", "Sorry to hear that."),  # people say so, too
        ('{"text": "no"}', '{"text": "no"}'),
    ],
)
async def test_a_plain_answer_is_all_that_is_said(reply, said):
    """No schema is sent, and nothing is read as JSON."""
    model = ScriptedModel({"judge": [reply]})
    answer = await ask_model(model, answer=Spoken, check=lambda _: [], plain=True)
    assert answer.text == said
    assert model.requests[0].schema is None


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        (Reply("", "stop", Usage(), 0.0), "empty"),
        (Reply("Hello th", "length", Usage(), 0.0), "cut-off"),
        (Reply("Hello", "content_filter", Usage(), 0.0), "refused"),
        (Reply("<think>On and on", "stop", Usage(), 0.0), "empty"),
    ],
)
async def test_a_plain_answer_that_is_none_is_asked_again(reply, kind):
    """With its kind at last; half a text is none."""
    with pytest.raises(AnswerError) as failed:
        await ask_model(ScriptedModel({"judge": [reply] * 3}), answer=Spoken, check=lambda _: [], plain=True)
    assert failed.value.kind == kind

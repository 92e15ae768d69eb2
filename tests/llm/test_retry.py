"""Trying again: how often, how long, and never what can't get better."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proutt.errors import ModelError
from proutt.llm import Message, Request, Sampling, ScriptedModel
from proutt.llm.retry import FIRST_WAIT_S, LONGEST_WAIT_S, Retrying, wait_before

QUESTION = Request((Message("user", "?"),), Sampling(max_tokens=5), step="paths")


def busy(retry_after_s=None):
    return ModelError("busy", kind="rate-limit", retryable=True, status=429, retry_after_s=retry_after_s)


class Clock:
    """Remembers how long was slept, sleeping not at all."""

    def __init__(self):
        self.waits = []

    async def sleep(self, seconds):
        self.waits.append(seconds)


def retrying(*answers, **options):
    clock = Clock()
    return Retrying(ScriptedModel({"paths": answers}), sleep=clock.sleep, chance=lambda: 0.5, **options), clock


async def test_a_failure_that_passes_is_not_seen():
    """The caller gets the answer; whoever steers concurrency is told of each failure and wait."""
    told = []
    model, clock = retrying(busy(), busy(), "ok", on_retry=lambda error, wait_s: told.append((error.kind, wait_s)))
    assert (await model.reply(QUESTION)).text == "ok"
    assert clock.waits == [0.75, 1.5]
    assert told == [("rate-limit", 0.75), ("rate-limit", 1.5)]


async def test_tries_are_bounded():
    """After the last try the error says how many there were."""
    model, clock = retrying(*[busy()] * 3, tries=3)
    with pytest.raises(ModelError, match="tried 3 times") as caught:
        await model.reply(QUESTION)
    assert len(clock.waits) == 2
    assert caught.value.status == 429


@pytest.mark.parametrize("fatal", [True, False])
async def test_what_cannot_get_better_is_not_tried_again(fatal):
    """A fatal or final error passes through at once, unchanged."""
    error = ModelError("no", kind="no-access", fatal=fatal)
    model, clock = retrying(error)
    with pytest.raises(ModelError) as caught:
        await model.reply(QUESTION)
    assert caught.value is error
    assert clock.waits == []


async def test_a_server_that_asks_for_too_long_a_wait_ends_the_call():
    """An hour is not waited for; the error says so."""
    model, clock = retrying(busy(3600))
    with pytest.raises(ModelError, match="asked to wait 3600 s"):
        await model.reply(QUESTION)
    assert clock.waits == []


@given(st.integers(1, 60), st.floats(0, 1e4), st.floats(0, 1))
def test_never_earlier_than_told(attempt, asked_s, chance):
    """A Retry-After is a floor."""
    assert wait_before(attempt, asked_s=asked_s, chance=chance) >= asked_s


@given(st.integers(1, 60), st.floats(0, 1))
def test_backoff_has_a_floor_and_a_ceiling(attempt, chance):
    """Jitter never makes a wait vanish, and no wait grows without end."""
    assert FIRST_WAIT_S / 2 <= wait_before(attempt, asked_s=None, chance=chance) <= LONGEST_WAIT_S

"""What one endpoint bears: a limit that is found, and a breaker for an endpoint that is gone."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proutt.llm.limit import FIRST_PAUSE_S, GONE_AFTER, LONGEST_PAUSE_S, Breaker, Limit


def test_the_limit_doubles_each_round_until_the_ceiling():
    """Each answer lets one more call in: as many answers as calls make a round."""
    limit, rounds = Limit(200, start=25), []
    while limit.current < 200:
        for _ in range(limit.current):
            limit.answered()
        rounds.append(limit.current)
    assert rounds == [50, 100, 200]


def test_a_refusal_cuts_once_and_growth_is_slow_afterwards():
    """Calls sent before the cut tell of the old limit; from then on one more a round."""
    limit = Limit(100, start=50)
    sent_at = limit.episode
    for second in range(10):
        limit.throttled(sent_at, 50, second)
    assert limit.current == 35
    for _ in range(36):
        limit.answered()
    assert limit.current == 36
    limit.throttled(limit.episode, 20, 10.0)
    assert limit.current == 14  # of what was really in flight, not of what was allowed


def test_an_endpoint_that_refuses_at_random_is_not_left_with_one_call_at_a_time():
    """One cut in five seconds, however many refusals there are, and none below four calls."""
    limit = Limit(64, start=64)
    for tenth in range(49):
        limit.throttled(limit.episode, 64, tenth / 10)
    assert limit.current == 44
    for minute in range(1, 60):
        limit.throttled(limit.episode, 64, 60.0 * minute)
    assert limit.current == 4


def test_trouble_that_is_no_refusal_cuts_nothing():
    """A 500 says nothing of the rate; the quick start ends."""
    limit = Limit(100, start=20)
    limit.troubled()
    for _ in range(21):
        limit.answered()
    assert limit.current == 21


@given(st.integers(1, 500), st.lists(st.sampled_from(["ok", "throttled", "trouble"]), max_size=300))
def test_the_limit_stays_between_four_and_its_ceiling(ceiling, told):
    """Whatever comes."""
    limit = Limit(ceiling)
    for number, each in enumerate(told):
        if each == "ok":
            limit.answered()
        elif each == "trouble":
            limit.troubled()
        else:
            limit.throttled(limit.episode, limit.current, 10.0 * number)
        assert min(4, ceiling) <= limit.current <= ceiling


def test_a_limit_needs_room_for_a_call():
    """None at all would wait for ever."""
    with pytest.raises(ValueError, match="ceiling=0"):
        Limit(0)


def fails(breaker: Breaker, now: float, call: int, **more: bool) -> None:
    """A call that is sent and fails at once."""
    breaker.failed(breaker.sent(), now, call, **more)


def gone(now: float = 0.0) -> Breaker:
    breaker = Breaker()
    for call in range(GONE_AFTER):
        fails(breaker, now, call)
    return breaker


def test_five_failures_in_a_row_open_the_breaker():
    """An answer between them, even a refusal, is a sign of life."""
    breaker = Breaker()
    for call in range(GONE_AFTER - 1):
        fails(breaker, 0.0, call)
    breaker.answered(breaker.sent())
    assert (breaker.is_open, breaker.admits(0.0), breaker.down_since) == (False, True, None)
    assert gone().is_open


def test_one_call_that_always_fails_does_not_open_it():
    """It may be its own undoing; unless nobody listens there, which is no call's doing."""
    breaker = Breaker()
    for _ in range(50):
        fails(breaker, 0.0, 1)
    assert not breaker.is_open
    fails(breaker, 0.0, 1, nobody=True)
    assert breaker.is_open


def test_an_open_breaker_lets_one_call_try_after_a_pause():
    """One, not all that wait; if it fails, the next pause is twice as long, up to half a minute."""
    breaker, now, pauses = gone(), 0.0, []
    for _ in range(8):
        pauses.append(breaker.wait_s(now))
        assert not breaker.admits(now)
        now += breaker.wait_s(now)
        assert breaker.admits(now)
        probe = breaker.sent()
        assert not breaker.admits(now)
        breaker.failed(probe, now, 1)
    assert pauses[:3] == [FIRST_PAUSE_S, 2.0, 4.0]
    assert pauses[-1] == LONGEST_PAUSE_S
    assert breaker.down_since == 0.0


def test_calls_that_were_on_their_way_do_not_lengthen_the_pause():
    """Sixty-four calls that fail with the endpoint are one failure of it."""
    breaker = Breaker()
    sent = [breaker.sent() for _ in range(64)]
    for call, epoch in enumerate(sent):
        breaker.failed(epoch, 0.0 if call < GONE_AFTER else 0.5, call)
    assert breaker.wait_s(0.5) == FIRST_PAUSE_S - 0.5


@pytest.mark.parametrize("told", ["answered", "failed", "given up"])
def test_while_a_probe_is_under_way_no_older_call_decides(told):
    """Neither its answer nor its failure nor its end closes the breaker, moves the pause, or lets a second probe go."""
    breaker = Breaker()
    older = breaker.sent()
    for call in range(GONE_AFTER):
        fails(breaker, 0.0, call)
    probe = breaker.sent()
    tell = {
        "answered": lambda: breaker.answered(older),
        "failed": lambda: breaker.failed(older, 2.0, 99),
        "given up": lambda: breaker.given_up(older),
    }
    tell[told]()
    assert (breaker.is_open, breaker.admits(100.0), breaker.wait_s(2.0)) == (True, False, 0.0)
    breaker.failed(probe, 3.0, 1)
    assert breaker.wait_s(3.0) == 2 * FIRST_PAUSE_S


def test_an_outage_that_is_over_is_not_opened_again_by_its_own_calls():
    """They were sent before it and time out after it: they tell of then."""
    breaker = Breaker()
    hung = [breaker.sent() for _ in range(64)]
    for call in range(GONE_AFTER):
        fails(breaker, 0.0, call)
    breaker.answered(breaker.sent())
    for call, epoch in enumerate(hung):
        breaker.failed(epoch, 300.0, call, nobody=True)
    assert (breaker.is_open, breaker.down_since) == (False, None)


def test_the_call_that_tries_closes_it_with_its_answer_or_frees_its_place():
    """Cancelled, it told nothing: another may try."""
    breaker = gone()
    breaker.given_up(breaker.sent())
    assert breaker.admits(FIRST_PAUSE_S)
    breaker.answered(breaker.sent())
    assert (breaker.is_open, breaker.wait_s(0.0)) == (False, 0.0)


@given(st.lists(st.tuples(st.integers(0, 9), st.sampled_from(["send", "answered", "failed", "given up"]))))
def test_of_an_open_breaker_there_is_never_more_than_one_probe(told):
    """Whatever order calls are sent and end in."""
    breaker, now, under_way = Breaker(), 0.0, {}
    for call, what in told:
        now += 7.0
        if what == "send":
            if call not in under_way and breaker.admits(now):
                under_way[call] = (breaker.sent(), breaker.is_open)
        elif call in under_way:
            sent, _ = under_way.pop(call)
            if what == "answered":
                breaker.answered(sent)
            elif what == "failed":
                breaker.failed(sent, now, call, nobody=True)
            else:
                breaker.given_up(sent)
        probes = [probe for _, probe in under_way.values() if probe]
        assert len(probes) <= (1 if breaker.is_open else 9)

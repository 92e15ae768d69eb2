"""How long to wait before a call is made again."""

from hypothesis import given
from hypothesis import strategies as st

from proutt.llm.retry import FIRST_WAIT_S, LONGEST_WAIT_S, wait_before


@given(st.integers(1, 60), st.floats(0, 1e4), st.floats(0, 1))
def test_never_earlier_than_told(attempt, asked_s, chance):
    """A Retry-After is a floor."""
    assert wait_before(attempt, asked_s=asked_s, chance=chance) >= asked_s


@given(st.integers(1, 60), st.floats(0, 1))
def test_backoff_has_a_floor_and_a_ceiling(attempt, chance):
    """Jitter never makes a wait vanish, and no wait grows without end."""
    assert FIRST_WAIT_S / 2 <= wait_before(attempt, asked_s=None, chance=chance) <= LONGEST_WAIT_S

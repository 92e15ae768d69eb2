"""What one endpoint bears: how many calls at once, and whether it answers at all. Pure state, no clock of its own.

The limit is found, not configured: it starts low, doubles each round while all goes well, is cut when the endpoint says
that it is too much, and creeps up again (additive increase, multiplicative decrease).
"""

from __future__ import annotations

from dataclasses import dataclass, field

#: What is left of the limit after the endpoint has refused a call for its rate, and how long it then is not cut again.
DECREASE = 0.7
CALM_S = 5.0
#: No refusal brings the limit below: an endpoint that refuses calls at random must not be left with one at a time.
LEAST = 4
#: An endpoint counts as gone after so many failures in a row, of so many calls: one call alone may be its own undoing.
GONE_AFTER = 5
GONE_FOR = 3
FIRST_PAUSE_S = 1.0
LONGEST_PAUSE_S = 30.0


class Limit:
    """How many calls may be in flight.

    ceiling  most ever; start  at first, by default half of the ceiling and at least 16
    current  now, from LEAST (or the ceiling, if that is lower) to the ceiling
    """

    def __init__(self, ceiling: int, *, start: int | None = None) -> None:
        if ceiling < 1:
            raise ValueError(f"ceiling={ceiling} is below 1")
        self.ceiling = ceiling
        self._room = float(min(ceiling, start or max(16, ceiling // 2)))
        self._least = float(min(LEAST, ceiling))
        self._calm_until = 0.0
        self._starting = True
        self._episode = 0

    @property
    def current(self) -> int:
        return int(self._room)

    @property
    def episode(self) -> int:
        """Counts the cuts. A call notes it when it is sent."""
        return self._episode

    def answered(self) -> None:
        """A call went well: one more while starting (so the limit doubles each round), later one more a round."""
        step = 1.0 if self._starting else 1.0 / self._room
        self._room = min(float(self.ceiling), self._room + step)

    def throttled(self, episode: int, in_flight: int, now: float) -> None:
        """The endpoint refused a call for its rate; `in_flight` counts the calls at it, that one included.

        Calls that were sent before the last cut do not cut again: they tell of the old limit. `now` is in seconds.
        """
        self._starting = False
        if episode == self._episode and now >= self._calm_until:
            self._episode += 1
            self._calm_until = now + CALM_S
            self._room = max(self._least, min(self._room, float(in_flight)) * DECREASE)

    def troubled(self) -> None:
        """A call failed for another reason than its rate: nothing is cut, but the quick start is over."""
        self._starting = False


@dataclass
class Breaker:
    """Whether an endpoint answers. After failures in a row it is left alone, then tried with one call at a time.

    down_since  when it began to fail, in the caller's seconds; None while it answers
    """

    down_since: float | None = None
    _failures: int = 0
    _nobody: bool = False
    _calls: set[int] = field(default_factory=set)
    _pause_s: float = FIRST_PAUSE_S
    _closed_until: float = 0.0
    _probing: bool = False

    @property
    def is_open(self) -> bool:
        """Whether calls are kept from it; one may go as a probe when `wait_s` is over."""
        return self._failures >= GONE_AFTER and (self._nobody or len(self._calls) >= GONE_FOR)

    def wait_s(self, now: float) -> float:
        """Seconds until a call may go; 0 where it may go now."""
        return max(0.0, self._closed_until - now) if self.is_open else 0.0

    def admits(self, now: float) -> bool:
        return not self.is_open or (not self._probing and now >= self._closed_until)

    def sent(self) -> None:
        """A call goes: the one probe, if the breaker is open."""
        self._probing = self.is_open

    def answered(self) -> None:
        """An answer, or a refusal: a sign of life."""
        self.down_since, self._failures, self._pause_s, self._probing = None, 0, FIRST_PAUSE_S, False
        self._nobody, self._calls = False, set()

    def failed(self, now: float, call: int, *, nobody: bool = False) -> None:
        """No answer to that call. Enough of them in a row open the breaker; a probe that fails doubles the pause.

        nobody  nobody listens there, which is no call's doing
        """
        self._failures += 1
        self._nobody = self._nobody or nobody
        if not self.is_open:
            self._calls.add(call)
        if self.down_since is None:
            self.down_since = now
        if not self.is_open or (now < self._closed_until and not self._probing):
            return  # not gone yet, or a call that was on its way when the breaker opened
        self._closed_until = now + self._pause_s
        self._pause_s = min(LONGEST_PAUSE_S, self._pause_s * 2)
        self._probing = False

    def given_up(self) -> None:
        """The call ended without telling anything: it was cancelled."""
        self._probing = False

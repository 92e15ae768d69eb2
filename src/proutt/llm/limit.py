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

    What a call tells counts only while the breaker is as it was when the call was sent. So once it is open its probe
    alone decides, whatever becomes of the calls that were on their way; and when it has closed again, their failures
    do not open it once more.

    is_open     calls are kept from it; one may go as a probe when `wait_s` is over
    down_since  when it began to fail, in the caller's seconds; None while it answers
    """

    is_open: bool = False
    down_since: float | None = None
    _epoch: int = 0
    _failures: int = 0
    _nobody: bool = False
    _calls: set[int] = field(default_factory=set)
    _pause_s: float = FIRST_PAUSE_S
    _closed_until: float = 0.0
    _probing: bool = False

    def wait_s(self, now: float) -> float:
        """Seconds until a call may go; 0 where it may go now, or when a probe that is under way has ended."""
        return max(0.0, self._closed_until - now) if self.is_open else 0.0

    def admits(self, now: float) -> bool:
        return not self.is_open or (not self._probing and now >= self._closed_until)

    def sent(self) -> int:
        """A call goes: the one probe, if the breaker is open. To be given back with its outcome."""
        self._probing = self.is_open
        return self._epoch

    def answered(self, sent: int) -> None:
        """An answer, or a refusal: a sign of life."""
        if sent != self._epoch:
            return
        if self.is_open:
            self._epoch += 1
        self.is_open, self._probing, self._pause_s = False, False, FIRST_PAUSE_S
        self.down_since, self._failures, self._nobody = None, 0, False
        self._calls.clear()

    def failed(self, sent: int, now: float, call: int, *, nobody: bool = False) -> None:
        """No answer to that call. Enough of them in a row open the breaker; a probe that fails doubles the pause.

        nobody  nobody listens there, which is no call's doing
        """
        if sent != self._epoch:
            return
        if not self.is_open:
            self._failures += 1
            self._nobody = self._nobody or nobody
            self._calls.add(call)
            self.down_since = now if self.down_since is None else self.down_since
            if self._failures < GONE_AFTER or not (self._nobody or len(self._calls) >= GONE_FOR):
                return
            self._epoch += 1
            self.is_open = True
        self._closed_until = now + self._pause_s
        self._pause_s = min(LONGEST_PAUSE_S, self._pause_s * 2)
        self._probing = False

    def given_up(self, sent: int) -> None:
        """The call ended without telling anything: it was cancelled."""
        if sent == self._epoch:
            self._probing = False

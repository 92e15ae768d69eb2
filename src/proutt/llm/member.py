"""One endpoint of a pool: how many calls are at it, and what the end of each tells of it. Pure state, no clock."""

from __future__ import annotations

from dataclasses import dataclass, field

from proutt.errors import ModelError
from proutt.llm.chat import ChatModel, Request
from proutt.llm.limit import Breaker, Limit

_NO_ANSWER = {"connect", "reset", "timeout", "truncated", "bad-body"}
#: Of those without an answer, what one call's failures in a row are enough for.
_NOBODY_THERE = {"connect", "reset", "http-502", "http-504"}


@dataclass(frozen=True, slots=True)
class Place:
    """A call's place at an endpoint, from when it is given until the call ends.

    episode, epoch  of the endpoint's limit and breaker when it was given: the call tells of that time only
    """

    member: Member
    episode: int
    epoch: int


@dataclass
class Member:
    """One endpoint of a pool.

    lost  why it gets no call any more, or None; told  whether the user knows
    """

    model: ChatModel
    limit: Limit
    breaker: Breaker = field(default_factory=Breaker)
    in_flight: int = 0
    lost: ModelError | None = None
    told: bool = False

    @property
    def name(self) -> str:
        return self.model.identity

    @property
    def load(self) -> float:
        return self.in_flight / self.limit.current

    def admits(self, now: float) -> bool:
        return self.lost is None and self.in_flight < self.limit.current and self.breaker.admits(now)

    def take(self) -> Place:
        """Give a call its place; whoever gets it owes its end."""
        self.in_flight += 1
        return Place(self, self.limit.episode, self.breaker.sent())

    def ended(self, place: Place, error: BaseException | None, request: Request | None, now: float) -> None:
        """Note that a call has left its place, and what its end tells: an answer, a ModelError, or nothing at all."""
        if error is None:
            self.breaker.answered(place.epoch)
            self.limit.answered()
        elif isinstance(error, ModelError):
            self._failed(place, error, id(request), now)
        else:
            self.breaker.given_up(place.epoch)
        self.in_flight -= 1

    def _failed(self, place: Place, error: ModelError, call: int, now: float) -> None:
        if error.fatal:
            self.lost = self.lost or error
            self.breaker.given_up(place.epoch)
            return
        if of_rate(error):
            self.limit.throttled(place.episode, self.in_flight, now)
        elif error.status == 500:  # an answer, too: this call could not be done, others may go well
            self.limit.troubled()
        elif error.kind in _NO_ANSWER or (error.status or 0) > 500:
            self.limit.troubled()
            self.breaker.failed(place.epoch, now, call, nobody=error.kind in _NOBODY_THERE)
            return
        self.breaker.answered(place.epoch)


def of_rate(error: ModelError) -> bool:
    """Whether a refusal tells of the rate, not of the call; a 503 does where it says when to come back."""
    return error.status == 429 or (error.status in {503, 529} and error.retry_after_s is not None)

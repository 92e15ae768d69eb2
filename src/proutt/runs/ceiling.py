"""What a run may spend, and what it has spent: tokens, and money where prices are known."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from proutt.llm import Usage

#: The price of a usage at the model of that identity, or None where it is not known.
Cost = Callable[[Usage, str], float | None]


@dataclass
class Ceiling:
    """A run's spending over all its sessions, and the most that it may be.

    max_tokens  prompt and answer tokens together; max_cost  in the currency of the prices; None: no ceiling
    before      model → usage of earlier sessions

    A ceiling that is reached lets no new call begin; those in flight end and are counted, so that spending may pass it
    by no more than they cost.
    """

    max_tokens: int | None = None
    max_cost: float | None = None
    cost: Cost = lambda _usage, _model: None
    before: Mapping[str, Usage] = field(default_factory=dict)
    _tokens: int = field(init=False, default=0)
    _spent_now: float | None = field(init=False, default=0.0)

    def __post_init__(self) -> None:
        self._tokens = sum(each.prompt_tokens + each.completion_tokens for each in self.before.values())

    def add(self, usage: Usage, model: str) -> None:
        self._tokens += usage.prompt_tokens + usage.completion_tokens
        cost = self.cost(usage, model)
        self._spent_now = None if cost is None or self._spent_now is None else self._spent_now + cost

    @property
    def tokens(self) -> int:
        """Over all sessions."""
        return self._tokens

    @property
    def spent_now(self) -> float | None:
        """In this session; None where a price is not known."""
        return self._spent_now

    @property
    def spent(self) -> float | None:
        """Over all sessions; None where a price is not known."""
        costs = [self._spent_now, *(self.cost(usage, model) for model, usage in self.before.items())]
        known = [each for each in costs if each is not None]
        return sum(known) if len(known) == len(costs) else None

    @property
    def reached(self) -> str | None:
        """What was reached, as it is said to the user, or None."""
        if self.max_tokens is not None and self.tokens >= self.max_tokens:
            return f"--max-tokens {self.max_tokens} is reached ({self.tokens} tokens)"
        spent = None if self.max_cost is None else self.spent
        if self.max_cost is not None and spent is not None and spent >= self.max_cost:
            return f"--max-cost {self.max_cost:g} is reached ({spent:.4g})"
        return None

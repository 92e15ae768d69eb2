"""S_i of SynPT's memory stack: what a user has given of a task so far, and what is still missing (III-D)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from proutt.intent.task import Task


@dataclass(frozen=True, slots=True)
class IntentionState:
    """The explicit intentions, in the order in which they were given; the implicit ones are what is left of the task.

    given  (key, value as the user put it); no key twice
    """

    task: Task
    given: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        keys = [key for key, _ in self.given]
        if len(set(keys)) < len(keys) or not set(keys) <= set(self.task.keys):
            raise ValueError(f"{keys} are no intentions of {self.task.name}, or one twice")

    @property
    def values(self) -> dict[str, str]:
        return dict(self.given)

    @property
    def missing(self) -> tuple[str, ...]:
        """Keys of the intention types that the user has not given, in the task's order."""
        known = {key for key, _ in self.given}
        return tuple(key for key in self.task.keys if key not in known)

    @property
    def complete(self) -> bool:
        return not self.missing

    def updated(self, news: Mapping[str, str]) -> IntentionState:
        """With what the last exchange brought: a new value takes the place of an earlier one, others are added."""
        kept = tuple((key, news.get(key, value)) for key, value in self.given)
        known = {key for key, _ in kept}
        return replace(self, given=kept + tuple((key, value) for key, value in news.items() if key not in known))

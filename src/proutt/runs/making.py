"""What the `Making` of nearly every run is alike in: its configuration and its terms."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Generic, Protocol, TypeVar

from proutt.dialogue import ReadingReport
from proutt.llm import ModelSpec
from proutt.prompts import Role, prompt_version
from proutt.runs.session import Session, Terms
from proutt.runs.standing import Words


class Decided(Protocol):
    """What is wanted of a resolved configuration: the keys that every run has."""

    @property
    def seed(self) -> int: ...

    @property
    def concurrency(self) -> int | None: ...

    @property
    def max_tokens(self) -> int | None: ...

    @property
    def max_cost(self) -> float | None: ...

    def model_dump(self, *, mode: str) -> dict[str, Any]: ...


DecidedT = TypeVar("DecidedT", bound=Decided)


@dataclass(frozen=True)
class MakingOf(ABC, Generic[DecidedT]):
    """A `Making`, but for the work and the files it ends in.

    decided  a resolved configuration
    words    what the run's items are called
    prompts  the set of prompts whose version `run.yaml` names
    """

    words: ClassVar[Words]
    prompts: ClassVar[str]

    decided: DecidedT
    report: ReadingReport = field(default_factory=ReadingReport)

    @property
    @abstractmethod
    def specs(self) -> Mapping[Role, ModelSpec]:
        """The roles that are asked, each with its model."""

    @property
    def config(self) -> dict[str, Any]:
        return {**self.decided.model_dump(mode="json"), "prompt_version": self.prompt_version}

    @property
    def prompt_version(self) -> str:
        """A short hash of all that words the questions."""
        return prompt_version(self.prompts)

    @property
    def terms(self) -> Terms:
        decided = self.decided
        return Terms(
            self.specs,
            concurrency=decided.concurrency or 1,
            seed=decided.seed,
            max_tokens=decided.max_tokens,
            max_cost=decided.max_cost,
        )

    def count(self) -> int | None:
        return None

    def session(self, session: Session) -> Session:
        return session

"""What is written down of batches at a service, so that the next session finds those of a killed one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Job:
    """One batch as the ledger has it.

    name      of this job and no other, in any run: it goes along as metadata
    keys      of the requests whose answers may be had of it
    file_id, batch_id  what the service calls its file and the batch, once they are there
    """

    name: str
    keys: tuple[str, ...]
    file_id: str | None = None
    batch_id: str | None = None


class Ledger(Protocol):
    """What outlives a killed session. Each method's change is on disk when it returns."""

    def begin(self, name: str, model: str, keys: Sequence[str]) -> None:
        """A job is about to be uploaded."""
        ...

    def uploaded(self, name: str, file_id: str) -> None:
        """Its file is at the service; nothing is paid yet."""
        ...

    def sent(self, name: str, batch_id: str) -> None:
        """Its batch is made, and is being paid."""
        ...

    def answered(self, name: str, keys: Sequence[str]) -> None:
        """It has ended; these of its requests have an answer, which can be read again."""
        ...

    def forget(self, name: str) -> None:
        """It never came to be."""
        ...

    def open_jobs(self, model: str) -> list[Job]:
        """A model's jobs that have, or may yet have, answers that are not safe elsewhere; oldest first."""
        ...

    def settle(self) -> None:
        """Cross off the jobs whose answers are all safe elsewhere."""
        ...

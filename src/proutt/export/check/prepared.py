"""What a trainer makes of one row: what it reads, what it learns from, what it cuts off or leaves out. Values only."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from proutt.export.check.template import ChatTemplate
from proutt.export.check.vocabulary import Vocabulary
from proutt.export.reading.textpair import Message


class LeftOut(Exception):
    """The trainer leaves the row out, or stops at it; the message says why."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """What a trainer reads out of a row: a prompt, and one completion to learn, or chosen and rejected.

    A completion is the messages after the prompt, the last one an answer.
    """

    prompt: tuple[Message, ...]
    completions: tuple[tuple[Message, ...], ...]

    @property
    def messages(self) -> tuple[Message, ...]:
        """All of them."""
        return (*self.prompt, *(message for completion in self.completions for message in completion))


@dataclass(frozen=True, slots=True)
class Setting:
    """What a row is prepared with. max_length in tokens: `max_length`, `cutoff_len` or `sequence_len`."""

    template: ChatTemplate
    vocabulary: Vocabulary
    max_length: int


@dataclass(frozen=True, slots=True)
class Learned:
    """One completion as it is learned.

    before  the text before it, as it is trained on
    text    its text before anything is cut off
    kept    the numbers of its tokens that are left
    length  tokens of prompt and completion before anything is cut off
    cut     something was cut off, of the completion or of its prompt
    """

    before: str
    text: str
    kept: tuple[int, ...]
    length: int
    cut: bool


@dataclass(frozen=True, slots=True)
class Prepared:
    """One row, ready to train on.

    learned  one for each completion
    as_template  what is trained on is what the chat template writes, and the prompt stands at its beginning
    dropped  why the trainer leaves the row out, or None
    """

    learned: tuple[Learned, ...]
    as_template: bool
    dropped: str | None = None


#: A row → what the trainer reads. Raises LeftOut.
Read = Callable[[Mapping[str, Any]], Conversation]
#: What the trainer read → what it learns. Raises LeftOut and TemplateRefused.
Prepare = Callable[[Conversation], Prepared]


@dataclass(frozen=True, slots=True)
class Trainer:
    """One consumer of a format.

    library, method  "TRL", "DPO"
    version  of the library, as tested
    length   what it calls the maximum length
    prepare  given a setting, how it prepares rows. Raises TemplateRefused where it can't work with the template at all
    """

    library: str
    method: str
    version: str
    length: str
    read: Read
    prepare: Callable[[Setting], Prepare]

    @property
    def name(self) -> str:
        """For people."""
        return f"{self.library} {self.method}"


def shared(one: Sequence[Any], *others: Sequence[Any]) -> int:
    """How many elements all of them begin with. By halves: comparing slices is much faster than elements one by one."""
    low, high = 0, min(len(one), *(len(other) for other in others))
    while low < high:
        middle = (low + high + 1) // 2
        if all(other[low:middle] == one[low:middle] for other in others):
            low = middle
        else:
            high = middle - 1
    return low

"""A row of preference or SFT data as texts: all that is known where no record tells how a pair came about."""

from __future__ import annotations

from dataclasses import dataclass

from proutt.export.prompt import Instruction
from proutt.export.text import TrainingText, training_text
from proutt.methods.record import PreferencePair


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a prompt. role: "user", "assistant", "system" or "tool", whatever the file calls them."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class TextPair:
    """One row of somebody's training data.

    id           the row's own id; `dialogue:K` where a side file tells; else the file's stem and the row's place
    where        file and line, or file and position
    messages     the prompt, in order; its last message is the one that is answered
    chosen       the completion to learn, whole
    rejected     None in SFT data
    part         "train", "validation" or "test" where the file's name or its manifest says so
    dialogue_id  rows of one dialogue share it; None where the file does not say
    k            turns in the context, from 1; None where the file does not say
    language     ISO 639-1 code as the file says it; None where it does not
    """

    id: str
    where: str
    messages: tuple[Message, ...]
    chosen: str
    rejected: str | None = None
    part: str | None = None
    dialogue_id: str | None = None
    k: int | None = None
    language: str | None = None

    @property
    def prompt(self) -> str:
        """The prompt's messages as one text, an empty line between two of them; who spoke is not in it."""
        return "\n\n".join(message.content for message in self.messages)


@dataclass(frozen=True, slots=True)
class Texts:
    """What a trainer sees of a row."""

    prompt: str
    chosen: str
    rejected: str | None


def texts_of(pair: PreferencePair | TextPair, instruction: Instruction = "structured") -> Texts | TrainingText:
    """The texts of a pair: a row's own; of a record, those that `proutt export` writes with this instruction."""
    if isinstance(pair, PreferencePair):
        return training_text(pair, instruction)
    return Texts(pair.prompt, pair.chosen, pair.rejected)

"""What an audit looks at: a pair as a trainer will see it, with as much structure as its file had.

A run's pair brings its whole record; a row of somebody else's preference file brings its texts, and what could be read
out of them. Each check says which of these it needs (`Check.needs`), and is counted as not applicable without.
"""

from __future__ import annotations

from dataclasses import dataclass

from proutt.dialogue import Context
from proutt.intent import SentenceType
from proutt.methods.record import PreferencePair
from proutt.methods.synpt.record import SynPTDialogue
from proutt.methods.upc.record import UPCDialogue


@dataclass(frozen=True, slots=True)
class Side:
    """One completion of a row: the chosen or the rejected one.

    text           the completion as it is trained on, whole
    reasoning      R, what stands between `<think>` and `</think>`; None where the text has no such part
    utterances     what it predicts, in order: its `<predict>` lines; without any, none
    sentence_type  the type that its reasoning ends with; None where none is said
    """

    text: str
    reasoning: str | None = None
    utterances: tuple[str, ...] = ()
    sentence_type: SentenceType | None = None


@dataclass(frozen=True, slots=True)
class Subject:
    """One row under audit.

    id        what a person calls it: `dialogue:K`, or the row's number in its file
    where     file and line, or file and position
    prompt    the prompt's messages as one text
    rejected  None in SFT data
    part      which part of a split it is in ("train", "test", ...); None where the data is not split
    dialogue_id  None where the file does not say; rows of one dialogue share it
    language  ISO 639-1 code, or None where it can't be told
    context   D^(K), from the record or read out of the prompt; None where neither holds it
    record    the whole pair, where the row came from a run or from a released raw file
    dialogue  the whole dialogue of SynPT, where the row is one
    upc       the same of UPC
    """

    id: str
    where: str
    prompt: str
    chosen: Side
    rejected: Side | None = None
    part: str | None = None
    dialogue_id: str | None = None
    language: str | None = None
    context: Context | None = None
    record: PreferencePair | None = None
    dialogue: SynPTDialogue | None = None
    upc: UPCDialogue | None = None

"""What every format makes its rows of: a prompt of messages and one or two completions, whatever they came from.

A pair of a run becomes a prompt of one user message. A row of somebody else's data keeps its messages; control strings
in them are broken, but for the tags of our own layout, which such a row has on purpose.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from proutt.dialogue.control_text import FOREIGN_CONTROL
from proutt.export.neutral import without_surrogates
from proutt.export.prompt import Instruction
from proutt.export.reading.textpair import Message, TextPair
from proutt.export.text import training_text
from proutt.methods.record import PreferencePair


@dataclass(frozen=True, slots=True)
class Example:
    """One example to train on.

    texts      its prompt, chosen and rejected, safe to train on; rejected is None in SFT data
    record     how it came about, where it is a run's pair or a released raw one
    last_only  the prompt's answers are there to be read, and not to be learnt
    """

    texts: TextPair
    record: PreferencePair | None = None
    last_only: bool = False

    @property
    def system(self) -> str:
        """The system message that the prompt begins with; empty without one."""
        first = self.texts.messages[:1]
        return first[0].content if first and first[0].role == "system" else ""

    @property
    def spoken(self) -> tuple[Message, ...]:
        """The prompt's messages without the system message that it begins with."""
        return (
            self.texts.messages[1:]
            if self.texts.messages[:1] and self.texts.messages[0].role == "system"
            else (self.texts.messages)
        )


def example_of(pair: PreferencePair | TextPair, instruction: Instruction = "structured") -> Example:
    """A pair as an example; `instruction` says how much the prompt of a record explains."""
    if isinstance(pair, TextPair):
        return Example(_neutral(pair))
    text = training_text(pair, instruction)
    texts = TextPair(
        id=f"{pair.dialogue_id}:{pair.k}",
        where=pair.source,
        messages=tuple(Message(role, said) for role, said in text.messages),
        chosen=text.chosen,
        rejected=text.rejected,
        dialogue_id=pair.dialogue_id,
        k=pair.k,
        language=pair.language,
    )
    return Example(texts, pair)


def _neutral(pair: TextPair) -> TextPair:
    return replace(
        pair,
        messages=tuple(Message(each.role, _broken(each.content)) for each in pair.messages),
        chosen=_broken(pair.chosen),
        rejected=None if pair.rejected is None else _broken(pair.rejected),
    )


def _broken(text: str) -> str:
    return FOREIGN_CONTROL.sub(lambda match: match[0] + " ", without_surrogates(text))


def not_ending_with_user(example: Example) -> str | None:
    """Why a trainer of message lists can't take the prompt, or None where it can."""
    messages = example.texts.messages
    if any(each.role not in {"system", "user", "assistant"} for each in messages):
        return "prompt has messages of a tool"
    return None if messages and messages[-1].role == "user" else "prompt does not end with the user"


def not_alternating(example: Example) -> str | None:
    """The same for those that want user and assistant in turn, from a user message on, after one system message."""
    roles = [each.role for each in example.spoken]
    if roles != ["user", "assistant"] * (len(roles) // 2) + ["user"]:
        return not_ending_with_user(example) or "prompt does not go from user to assistant in turn"
    return None

"""What can be lost between a row of a file and what a model learns from it. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from enum import StrEnum

from proutt.export.check.prepared import Conversation, Learned, Prepared
from proutt.export.reading.textpair import Message

#: A completion → one part of it.
_Part = Callable[[str], str]

_OPEN = "<think>"
_REASONING = re.compile(r"<think>(.*?)</think>", re.DOTALL)


class Loss(StrEnum):
    """One kind of loss. A row may have several; of a row that is dropped no more is said."""

    REFUSED = "refused"
    DROPPED = "dropped"
    TRUNCATED = "truncated"
    EQUAL = "equal"
    PREFIX = "prefix"
    REASONING = "reasoning"
    ANSWER = "answer"
    DOUBLED = "doubled"
    FORGED = "forged"


#: What each is called where there is room.
MEANING = {
    Loss.REFUSED: "the chat template refuses the row, and training stops",
    Loss.DROPPED: "left out by the trainer",
    Loss.TRUNCATED: "cut off at the maximum length",
    Loss.EQUAL: "chosen and rejected equal after truncation",
    Loss.PREFIX: "prefix mismatch: prompt and answer are trained on otherwise than the template writes them",
    Loss.REASONING: "reasoning lost: the template drops it",
    Loss.ANSWER: "answer lost or incomplete before anything is cut off",
    Loss.DOUBLED: "a second <think> before the reasoning",
    Loss.FORGED: "a text has a control token of the model, which forges a turn",
}


def losses_of(conversation: Conversation, prepared: Prepared, marks: re.Pattern[str]) -> frozenset[Loss]:
    """What one row loses. marks: the strings that the tokenizer takes for its own."""
    if prepared.dropped is not None:
        return frozenset({Loss.DROPPED})
    return frozenset(
        loss
        for loss, lost in {
            Loss.TRUNCATED: any(each.cut for each in prepared.learned),
            Loss.EQUAL: _equal(prepared.learned),
            Loss.PREFIX: not prepared.as_template,
            Loss.REASONING: _lacks(conversation, prepared, _reasoning),
            Loss.ANSWER: _lacks(conversation, prepared, _answer),
            Loss.DOUBLED: any(
                _doubled(conversation.prompt, completion[-1].content, learned)
                for completion, learned in zip(conversation.completions, prepared.learned, strict=True)
            ),
            Loss.FORGED: any(marks.search(message.content) for message in conversation.messages),
        }.items()
        if lost
    )


def _equal(learned: Sequence[Learned]) -> bool:
    return len(learned) == 2 and learned[0].kept == learned[1].kept


def _lacks(conversation: Conversation, prepared: Prepared, part: _Part) -> bool:
    """Whether a part of a completion is not in what is learned of it. Templates may trim it."""
    return any(
        part(completion[-1].content).strip() not in learned.text
        for completion, learned in zip(conversation.completions, prepared.learned, strict=True)
    )


def _reasoning(content: str) -> str:
    found = _REASONING.search(content)
    return found[1] if found else ""


def _answer(content: str) -> str:
    return _REASONING.sub("", content, count=1)


def _doubled(prompt: Sequence[Message], content: str, learned: Learned) -> bool:
    """Whether more than the completion's own `<think>` stands after what was said in the prompt."""
    own = content.count(_OPEN)
    last = prompt[-1].content.strip() if prompt else ""
    begins = learned.before[learned.before.rfind(last) + len(last) :]
    return own > 0 and (begins + learned.text).count(_OPEN) > own

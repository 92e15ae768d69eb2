"""Proposed utterances made fit to show and to score: what is taken off, what is left out, and the word for it. Pure.

Nothing is repaired silently: every repair has a slug, which goes into the record and is counted over the run.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from proutt.intent import near, normal
from proutt.prompts.proutt.wording import repeats

#: slug → what it means; the table of docs/predict.md is checked against it
PROBLEMS = {
    "too-few": "fewer suggestions than asked for, after all tries",
    "too-many": "more suggestions than asked for; the first ones were kept",
    "double": "a suggestion that says nearly the same as one before it was left out",
    "blank": "a suggestion without a letter or digit was left out",
    "loop": "a suggestion that repeats itself without end was left out",
    "artefact": "tags, labels or control strings were taken off a suggestion",
    "forged-turn": "a suggestion that went on with an answer of the assistant was cut there",
    "cut-off": "the answer reached its most tokens",
    "no-reasoning": "the answer has no reasoning, or the server keeps it to itself",
    "unclosed-reasoning": "the reasoning is not closed with </think>",
    "second-reasoning": "there is more than one part of reasoning",
    "predictions-in-reasoning": "the predictions stand within the reasoning, none after it",
    "unclosed-prediction": "a <predict> is not closed; its line was taken",
    "list-for-tags": "a list stands where <predict> lines were asked for",
    "asked-again": "an earlier answer had too few suggestions",
    "context-cut": "the oldest of the context was left out, to fit",
    "empty-tree": "no topic was found in the context, so no intent tree was used",
}

_TAG = re.compile(r"<\s*/?\s*(?:predict(?:ion)?|think(?:ing)?|utterance)\b[^<>\n]{0,40}>?", re.I)
#: Where a chat template would end the turn: what follows is another turn.
_TURN_MARK = re.compile(r"<[|｜]\s*/?\w|</?(?:start|end)_of_turn>|\[/?INST\]|</s>", re.I)
_LABEL = re.compile(
    r"^[\s*_#]*(?:(?:(?:the )?(?:next|predicted|possible|likely|user(?:'s)?) )*"
    r"(?:user|human|utterance|prediction|suggestion|option|candidate|question)(?: ?#?\d+)?"
    r"|用户|预测|建议|选项|问题)(?:\s*\d+)?[\s*_]*[:：][\s*_]*",
    re.I,
)
_ASSISTANT_TURN = re.compile(r"\n\s*(?:\*\*)?(?:assistant|ai|bot|user|human|system|助手|用户)(?:\*\*)?\s*[:：]", re.I)
_QUOTES = {'"': '"', "“": "”", "「": "」", "'": "'", "‘": "’"}


@dataclass(frozen=True, slots=True)
class Kept:
    """What is left of the utterances proposed.

    texts  (index among those proposed, text), in order
    """

    texts: tuple[tuple[int, str], ...]
    problems: tuple[str, ...]


def kept(proposed: Sequence[str], count: int) -> Kept:
    """The first `count` of the proposed utterances that say something new, with what was done to get them."""
    found: list[tuple[int, str]] = []
    problems: list[str] = []
    for index, text in enumerate(proposed):
        clean, done = cleaned(text)
        problems += done
        if not normal(clean):
            problems.append("blank")
        elif repeats(clean):
            problems.append("loop")
        elif any(near(clean, other) for _, other in found):
            problems.append("double")
        elif len(found) == count:
            problems.append("too-many")
        else:
            found.append((index, clean))
    if len(found) < count:
        problems.append("too-few")
    return Kept(tuple(found), each_once(problems))


def cleaned(text: str) -> tuple[str, list[str]]:
    """One utterance without what does not belong to it, and what that was."""
    problems = []
    bare = _TURN_MARK.split(_TAG.sub("", text), maxsplit=1)[0].strip()
    unlabelled = _LABEL.sub("", bare, count=1)
    if unlabelled != text.strip():
        problems.append("artefact")
    forged = _ASSISTANT_TURN.search(unlabelled)
    if forged is not None:
        problems.append("forged-turn")
        unlabelled = unlabelled[: forged.start()]
    return unlabelled.strip(), problems


def unquoted(text: str) -> str:
    """The text without the one pair of quotation marks that is around all of it."""
    bare = text.strip()
    if len(bare) > 2 and _QUOTES.get(bare[0]) == bare[-1] and bare[0] not in bare[1:-1] and bare[-1] not in bare[1:-1]:
        return bare[1:-1].strip()
    return bare


def each_once(slugs: Sequence[str]) -> tuple[str, ...]:
    """The slugs in the order in which they first came."""
    return tuple(dict.fromkeys(slugs))

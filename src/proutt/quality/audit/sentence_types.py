"""The contract of sentence types (ProUtt III-C): the sides differ, the chosen one has the truth's.

Rules name the type of an utterance (`intent/sentence_type.py`). They find what asks or requests reliably, but take a
request that they don't know for a statement; and between a request and a question for an act ("could you ...?") readers
differ. So an utterance is flagged only where its form contradicts the type, whoever reads it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from proutt.intent import SentenceType
from proutt.intent.sentence_type import sentence_type_of
from proutt.quality.audit.check import Check, Finding, Need, Severity, each_row
from proutt.quality.audit.pieces import sides
from proutt.quality.audit.subject import Subject

_D, _M, _Q = SentenceType.DECLARATIVE, SentenceType.IMPERATIVE, SentenceType.INTERROGATIVE

#: Whatever these ask, the user doesn't.
_QUOTED = re.compile(r"```.*?(?:```|\Z)|`[^`\n]*`|\"[^\"\n]*\"|“[^”]*”|「[^」]*」", re.DOTALL)
_ASKED = re.compile(r"[?？؟]")
_ENDS_ASKING = re.compile(r"[?？؟][\s\"”’'」）)~!！]*$")
_ENDS_STATING = re.compile(r"[^:：][\s\"”’'」）)]*$")
_ZH_ASKS = re.compile(r"[吗呢][\s。.~]*$")
#: Asks to be told, which some call a request and some a question.
_TELL = re.compile(
    r"\b(?:tell|explain|describe|show|clarify|know|wonder|wondering|curious|teach|walk me through)\b|"
    r"告诉|解释|说明|介绍|讲讲|说说|讲一下|说一下|想知道|想了解|请问|想问|问下|问一下|请教",
    re.IGNORECASE,
)
#: A question for an act: "could you ...?"
_ACT_ASKED = re.compile(
    r"\b(?:can|could|would|will|can't|couldn't|won't|may) (?:you|u|we|i|someone|somebody)\b|\bwould (?:you|it)\b|"
    r"\b(?:how|what) about\b|\bwhy (?:not|don't)\b|\bshall we\b|\bany (?:chance|way)\b|\b(?:please|pls)\b|"
    r"能|可以|可否|方便|麻烦|请(?!问)|帮|推荐|好吗|行吗|好不好|行不行",
    re.IGNORECASE,
)
#: A wish, which is a request to some and a statement to others, and what requests are made with.
_WISHED = re.compile(
    r"\b(?:can|could|would|will|should|must|need|needs|want|wants|wanted|like|love|hope|wish|prefer|let'?s|let me|"
    r"please|pls|mind|how about|what about|why not|you|your|make sure|feel free|don't|do not|never|instead)\b|"
    r"能|可以|可否|请|麻烦|希望|想|要|需|应该|最好|不如|帮|让|给|吧|把|别|换|改|再|继续|选|定|你|您|用|就",
    re.IGNORECASE,
)
#: What a wish is made with where somebody else than the user or the assistant is spoken of.
_WISHED_OF_OTHERS = re.compile(
    r"\b(?:you|your|please|pls|let'?s|let me|should|must|could|can|would|will|needs? to|make sure|feel free)\b|"
    r"请|麻烦|希望|帮|让|给我|吧|最好|应该|不如|能|可以|想|需要|要求|你|您",
    re.IGNORECASE,
)
_OF_OTHERS = re.compile(
    r"(?:(?:it|that|there|he|she|they)(?:'(?:ve|s|re|d|ll))?|(?:my|our|his|her|their|the) [a-z]+)\b|"
    r"(?:我|我们|咱们?)(?!要|想|需|希望|得)|[他她它]|(?:这|那)(?!么|就|样)",
    re.IGNORECASE,
)
#: Begins as only a statement does; in Chinese, also what has happened or is so.
_STATES = re.compile(
    r"(?:i|we|my|our|he|she|they|it|this|that|these|those|there|the|its|his|her|their|not|sounds|(?:i|we|it|that|there|"
    r"he|she|they|this)'(?:m|ve|s|re|d|ll))\b|我|我们|咱|这|那|他|她|它|其实|原来|谢谢|感谢|好的|.*(?:了|过|是|有|没|已经)",
    re.IGNORECASE | re.DOTALL,
)
_LEADS_IN = re.compile(
    r"(?:(?:ok(?:ay)?|well|so|and|but|oh|hm+|lol|yes|no|thanks|thank you|sure|great|perfect|actually|wait|sorry)\b"
    r"[\s,.!]*)+",
    re.IGNORECASE,
)


def contradiction(utterance: str, declared: SentenceType) -> str | None:
    """Why an utterance can't be of the declared type; None where it may be."""
    found = sentence_type_of(utterance)
    if found is declared:
        return None
    text = _QUOTED.sub("…", utterance).strip()
    if declared is _D:
        return _not_declarative(text, found)
    return _not_interrogative(text, found) if declared is _Q else _not_imperative(text, found)


def _not_declarative(text: str, found: SentenceType) -> str | None:
    if _ENDS_ASKING.search(text):
        return "it ends as a question"
    if found is _Q:
        return "it asks" if _ZH_ASKS.search(text) or not _TELL.search(text) else None
    return None if _STATES.match(_bare(text)) else "it requests something"  # "I want you to" states a wish


def _not_interrogative(text: str, found: SentenceType) -> str | None:
    if _ASKED.search(text) or _TELL.search(text) or not _ENDS_STATING.search(text):
        return None
    return "it requests something and asks nothing" if found is _M else "it asks nothing"


def _not_imperative(text: str, found: SentenceType) -> str | None:
    if _TELL.search(text):
        return None
    if found is _Q:
        return None if _ACT_ASKED.search(text) else "it asks, and requests nothing"
    bare = _bare(text)
    wished = (_WISHED_OF_OTHERS if _OF_OTHERS.match(bare) else _WISHED).search(text)
    return "it states, and requests nothing" if _STATES.match(bare) and not wished else None


def _bare(text: str) -> str:
    """The text without what leads into it."""
    lead_in = _LEADS_IN.match(text)
    return (text[lead_in.end() :] if lead_in else text) or text


def sentence_type_contract(subject: Subject) -> Iterator[Finding]:
    """The rejected type differs from the chosen one, and the chosen one is the truth's."""
    chosen = subject.chosen.sentence_type
    if subject.rejected is not None:
        rejected = subject.rejected.sentence_type
        if chosen is not None and chosen is rejected:
            yield Finding("row", "both sides reason for the same sentence type", chosen.value)
        elif (chosen is None) is not (rejected is None):
            yield Finding("row", "only one side names a sentence type", str((chosen or rejected or _D).value))
    true = None if subject.record is None else subject.record.truth.sentence_type
    if chosen is not None and true is not None and chosen is not true:
        reason = "it reasons for another sentence type than the truth's"
        yield Finding("chosen reasoning", reason, f"{chosen.value}, not {true.value}")


def sentence_type_fit(subject: Subject) -> Iterator[Finding]:
    """Predictions whose form contradicts the sentence type that their side's reasoning ends with."""
    for name, side in sides(subject):
        if side.sentence_type is None:
            continue
        for number, utterance in enumerate(side.utterances, start=1):
            why = contradiction(utterance, side.sentence_type)
            if why is not None:
                reason = f"it is to be {side.sentence_type.value}, but {why}"
                yield Finding(f"{name} prediction {number}", reason, utterance)


SENTENCE_TYPES = (
    Check(
        name="sentence-type-contract",
        title="sides of one sentence type, or a chosen one that is not the truth's",
        severity=Severity.ERROR,
        limit=0.0,
        source="ProUtt III-C, equation 4; broken in the released ProUtt data",
        start=each_row(sentence_type_contract),
        needs=(Need.TYPES,),
    ),
    Check(
        name="sentence-type-fit",
        title="predictions that contradict their sentence type",
        severity=Severity.ERROR,
        limit=0.05,
        source="ProUtt III-C: each prediction is verbalised under its side's type",
        start=each_row(sentence_type_fit),
        needs=(Need.TYPES, Need.UTTERANCES),
        unit="utterances",
    ),
)

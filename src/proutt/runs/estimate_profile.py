"""What cannot be known of a run before it: how long answers are, what the judge will say, how often a step asks again.

A `Profile` holds it as it was measured in a run. Two ship with the package, of the embedded model
(`estimate_measured.py`) and of a large one (`estimate_large.py`); `profile_of` (`estimate_fit.py`) takes one from the
journal of a run of the user's own.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from proutt.prompts.context import estimated_tokens

#: Share of a budget's tokens (`estimated_tokens` counts too many on purpose) that a tokenizer makes: of ASCII text, of
#: other text. Fitted to the Qwen2.5 vocabulary: prompts on English and Chinese chats and on the prompt texts, answers
#: on those of the embedded model. docs/cost.md has what is left of an error. Other tokenizers were not measured.
QWEN_PROMPTS = (0.72, 0.86)
QWEN_ANSWERS = (0.675, 0.73)

Lengths = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Share:
    """How often something happened: `count` times in `of` chances. With no chance at all nothing is known."""

    count: float
    of: int

    @property
    def mean(self) -> float:
        return self.count / self.of if self.of else 0.0

    @property
    def bounds(self) -> tuple[float, float]:
        """A 95 % interval (Wilson's); 0..1 where nothing is known."""
        if not self.of:
            return 0.0, 1.0
        z, share = 1.96, min(self.mean, 1.0)
        middle = (share + z * z / (2 * self.of)) / (1 + z * z / self.of)
        half = z * math.sqrt(share * (1 - share) / self.of + z * z / (4 * self.of**2)) / (1 + z * z / self.of)
        return max(middle - half, 0.0), min(middle + half, 1.0)

    @property
    def most(self) -> float:
        """As `mean`, of what may happen more than once a chance: about the upper end of 95 % (Poisson's)."""
        return (self.count + 2 * math.sqrt(self.count) + 3) / self.of if self.of else 1.0


@dataclass(frozen=True)
class Profile:
    """What was measured in a run.

    basis      what it was measured on, as a sentence for the reader of an estimate
    lengths    (field of an answer, "en" or "zh") → `estimated_tokens`: lower quartile, mean, upper quartile
    paths      how many new paths the turns had that had one
    empty      turns without a new path
    new_topic  of the main paths, those of a topic that the tree did not know
    valued     of the paths, those with a value
    further    step → further tries that its questions took
    predicted  the judge's scores of the predicted utterances of each turn
    chosen     its scores of what one try of the revision worded
    rejected   its scores of the utterances that one try on the rejected side worded, together
    thinking   tokens an answer that were not its text; None: not measured
    prompts, answers  tokens by kind of text, as in `QWEN_PROMPTS`
    foreign    the run to come has another model, of which nothing was measured: low and high allow for more
    """

    basis: str
    lengths: Mapping[tuple[str, str], Lengths]
    paths: tuple[int, ...]
    empty: Share
    new_topic: Share
    valued: Share
    further: Mapping[str, Share]
    predicted: tuple[tuple[float, ...], ...]
    chosen: tuple[float, ...]
    rejected: tuple[tuple[float, ...], ...]
    thinking: float | None = None
    prompts: tuple[float, float] = QWEN_PROMPTS
    answers: tuple[float, float] = QWEN_ANSWERS
    foreign: bool = False

    def prompt_tokens(self, text: str) -> float:
        """About how many tokens a piece of a prompt has."""
        return counted(text, self.prompts)

    def answer_tokens(self, text: str) -> float:
        """About how many tokens an answer has."""
        return counted(text, self.answers)


def counted(text: str, rates: tuple[float, float]) -> float:
    """Tokens of a text at rates as those of `QWEN_PROMPTS`."""
    most = estimated_tokens(text)
    latin = most if text.isascii() else estimated_tokens(text.encode("ascii", "ignore").decode())
    return latin * rates[0] + (most - latin) * rates[1]


def length_of(text: str) -> float:
    """As `estimated_tokens`, not rounded: labels are short."""
    latin = len(text.encode("ascii", "ignore"))
    return latin / 3 + len(text) - latin

"""What an evaluation of UPC stores: a line of `evaluated.jsonl` is a dialogue with one test persona in one repeat.

Everything that the tables say is computed from these lines again.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from proutt.methods.record import Record
from proutt.methods.upc.record import UPCDialogue
from proutt.prompts.upc.heard import ASPECTS

VERSION = 1

#: How the chatbot under test is asked: by the prompt of the corpus, or by that of a baseline (5.1).
Baseline = Literal["plain", "procot", "target-oriented"]
#: What the turns count as that a chatbot failed to answer: the lowest score, or nothing.
Failed = Literal["lowest", "left-out"]
LOWEST = 1


class ChatbotFailure(Record):
    """The chatbot under test had no answer; the dialogue ended there.

    turn    from 1, the greeting's
    reason  slug: "empty", "cut-off", "refused", "context-too-long", of a baseline in JSON also "not-json", ...
    """

    turn: int = Field(ge=1)
    reason: str
    message: str


class Likelihood(Record):
    """Of one response, given all that was said before, under the model that measures perplexity.

    nll  negative log likelihood of its tokens together, in nats
    """

    tokens: int = Field(ge=1)
    nll: float = Field(ge=0)


class UPCEvaluated(Record):
    """A dialogue of the chatbot under test.

    turns       T: turns that the dialogue was to have, the greeting's counted
    dialogue    each turn has one attempt, with its scores; fewer turns than T - 1 where the chatbot failed
    target      the topic that it was told to lead to; null but for the target-oriented baseline
    perplexity  of each response, in order; null of one that is too long for the model, or where it was not measured
    """

    version: int = VERSION
    system: str
    baseline: Baseline
    repeat: int = Field(ge=1)
    turns: int = Field(ge=2)
    dialogue: UPCDialogue
    failure: ChatbotFailure | None = None
    target: str | None = None
    perplexity: list[Likelihood | None] | None = None
    perplexity_model: str | None = None

    @property
    def critic(self) -> str:
        """The critic's model."""
        return self.dialogue.models["critic"]

    def scores_by_turn(self, failed: Failed) -> dict[int, dict[str, int]]:
        """Turn, from 2 → relevance, value and interest of its response, 1..5."""
        found = {
            number: turn.scores.by_aspect()
            for number, turn in enumerate(self.dialogue.turns, start=2)
            if turn.scores is not None
        }
        if failed == "lowest":
            lowest = dict.fromkeys(ASPECTS, LOWEST)
            found |= {number: lowest for number in range(2, self.turns + 1) if number not in found}
        return found

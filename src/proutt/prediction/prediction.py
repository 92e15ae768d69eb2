"""What predicting is: from a context, through questions to a model, to suggestions in rank order.

A `Predictor` sees a `Context` and nothing else of the dialogue. It knows no files, networks or clocks: it is given
someone to ask (`Asking`) and its chance.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import Literal, Protocol

from proutt.dialogue import Context
from proutt.export.prompt import Instruction, Outline
from proutt.intent import IntentPath, IntentTree, Perspective, SentenceType
from proutt.llm import Message, Reply
from proutt.prompts import Step
from proutt.prompts.step import AnswerT

#: Parts of a completion that some training data lacks: two ablations (Table III), and what no baseline knows. Data
#: without perspectives has neither of the others.
Ablated = Literal["intent-tree", "sentence-type", "perspectives"]

#: Chance by the name of what it decides, the same in every session: `chance("type-order")`.
Chance = Callable[[str], Random]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One proposed utterance. What a method does not say is None."""

    text: str
    perspective: Perspective | None = None
    sentence_type: SentenceType | None = None
    path: IntentPath | None = None


@dataclass(frozen=True)
class Prediction:
    """What a method proposes for one context.

    suggestions  in rank order, never empty
    reasoning    how the method, or the model, came to them
    problems     slugs of what was repaired or is missing (docs/predict.md), each once
    raw          the model's text as it came, where one inference made the prediction
    """

    suggestions: tuple[Suggestion, ...]
    reasoning: str | None = None
    tree: IntentTree | None = None
    problems: tuple[str, ...] = ()
    raw: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """One call whose answer is free text.

    place   names the question within a run: chance is keyed by it
    sample  0 for the first draw, 1, 2, ... for further ones
    """

    messages: tuple[Message, ...]
    step: str
    place: str
    max_tokens: int
    temperature: float
    sample: int = 0


class Asking(Protocol):
    """Who puts questions to the model. Both ways raise ModelError where no answer could be had.

    rounds  how often the case was taken up again after it failed: the earlier draws are known then, and cost nothing
    """

    rounds: int

    async def __call__(self, step: Step[AnswerT], place: str) -> AnswerT:
        """The usable answer to a step, asked again within its bound. Raises AnswerError."""
        ...

    async def text(self, question: Question) -> Reply:
        """The reply to a question, whatever it says."""
        ...


@dataclass(frozen=True, slots=True)
class Setting:
    """What every method can be told.

    q               suggestions per perspective; 2Q are asked for in all
    context_tokens  most tokens of prompt and answer
    budget          most tokens of the dialogue in a prompt of the method's steps (`proutt-pipeline`)
    tries           most draws of an inference whose suggestions are too few
    small_steps     one small question a call (`proutt-pipeline`)
    rounds          most rounds of the context that one annotating call covers (`proutt-pipeline`)
    instruction     which training instruction (`proutt`)
    ablate          what that instruction has no word of, as the data has not that the model was trained on (`proutt`)
    """

    q: int = 2
    context_tokens: int = 32768
    budget: int = 12000
    tries: int = 3
    small_steps: bool = False
    rounds: int = 12
    instruction: Instruction = "structured"
    ablate: tuple[Ablated, ...] = ()

    @property
    def outline(self) -> Outline:
        """What a completion is asked to hold."""
        if "perspectives" in self.ablate:
            return Outline(tree=False, sentence_type=False, exploitation=0, exploration=0, plain=self.count)
        tree, sentence_type = "intent-tree" not in self.ablate, "sentence-type" not in self.ablate
        return Outline(tree=tree, sentence_type=sentence_type, exploitation=self.q, exploration=self.q)

    @property
    def count(self) -> int:
        """2Q."""
        return 2 * self.q


class Predictor(Protocol):
    """A method of predicting.

    Raises AnswerError where the model says nothing that can be suggested, ModelError where it does not answer.
    """

    async def __call__(self, context: Context, ask: Asking, chance: Chance) -> Prediction: ...

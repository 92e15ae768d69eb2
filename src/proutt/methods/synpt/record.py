"""One line of `dialogues.jsonl` of `proutt simulate synpt`: a dialogue, what its agents thought, and how it came about.

SynPT's own method and the methods that it is compared with write the same record; what a method does not think is null.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from proutt.methods.record import Record, UsageRecord
from proutt.methods.synpt.settings import Method

#: How a dialogue ended. "most-turns": it was cut off before the assistant could sum up, and is incomplete.
End = Literal["nothing-missing", "reluctant", "most-turns"]


class StateRecord(Record):
    """S_i: keys are the task's; `missing` is what is left of it."""

    given: dict[str, str] = Field(description="intention → value as the user put it, in the order of being given")
    missing: list[str]


class ReflectionRecord(Record):
    """A second look at the intention thinking (VI-F)."""

    reasoning: str
    changed: bool = Field(description="whether the state was put right")


class EmotionRecord(Record):
    """E of equation (16)."""

    reasoning: str
    willing: bool = Field(description="whether the user is willing to go on")


class OptionsRecord(Record):
    """V of equation (17): what the user most likely wants of the intention that is asked for."""

    reasoning: str
    options: list[str] = Field(description="three, no two the same")


class AssistantRecord(Record):
    """One answer of the assistant: it asks for one intention, or sums up what the user wants.

    summary  intention → value, of the answer that ends the dialogue; null of one that asks
    reply    what the user reads; of a summary, its rendering
    """

    state: StateRecord | None = None
    ask: str | None = Field(None, description="T_i: the intention asked for; null of a summary")
    reflection: ReflectionRecord | None = None
    emotion: EmotionRecord | None = None
    options: OptionsRecord | None = None
    reply: str
    summary: dict[str, str] | None = None


class UserRecord(Record):
    """One utterance of the user.

    told       intentions that the user agent was given to tell; null where it had all in sight
    unwilling  whether it says that it wants no more questions: what the user agent meant, not what was read from text
    """

    utterance: str
    told: list[str] | None = None
    reasoning: str | None = Field(None, description="the user agent's emotion thinking (equation 15)")
    unwilling: bool = False


class SimulatedTurn(Record):
    user: UserRecord
    assistant: AssistantRecord


class SynPTDialogue(Record):
    """A dialogue that was made of a seed.

    values    the seed: what the user wants; the truth that the summary is held to
    inquiry   intentions chosen for the initial inquiry (equation 10); null without probability control
    flags     what the checks found, by name; empty: a valid dialogue
    attempts  how many dialogues were made of the seed, this one counted
    """

    version: int = 1
    method: Method
    seed_id: str
    task: str
    language: str
    source: str
    names: dict[str, str] = Field(description="intention → what people call it, in the task's order")
    any_value: str
    values: dict[str, str]
    reluctant: bool = Field(description="whether the user is one who grows tired of questions")
    inquiry: list[str] | None
    turns: list[SimulatedTurn]
    end: End
    flags: list[str] = Field([])
    attempts: int = 1
    models: dict[str, str] = Field(description="role → the model's identity")
    prompt_version: str
    seed: int
    settings: dict[str, object]
    usage: UsageRecord
    usage_by_module: dict[str, UsageRecord] = Field(description="of it, by what was asked (the papers' modules)")

    @property
    def complete(self) -> bool:
        """Whether it ended with a summary."""
        return self.end != "most-turns"

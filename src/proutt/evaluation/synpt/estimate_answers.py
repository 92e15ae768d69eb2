"""What stands in for the model under test, its user's model and the judge when an evaluation is rehearsed.

The model under test asks for one missing intention after the other, and the user tells it. In the cheap courses it sums
up as soon as it may, in the dear one when the task's turns are used up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from proutt.llm import Reply, Request, Usage
from proutt.methods.synpt.summary import summary_text
from proutt.prompts import Role
from proutt.prompts.synpt_evaluation.asked import Asked
from proutt.prompts.synpt_evaluation.option_scores import OptionScores
from proutt.prompts.synpt_evaluation.unwilling import Unwilling
from proutt.simulation.synpt.estimate_answers import Makers, RehearsedAgents


@dataclass
class RehearsedEvaluation(RehearsedAgents):
    """`Ask` of one rehearsed dialogue of the model under test. offered: what was asked for so far, in order."""

    offered: list[str] = field(default_factory=list)

    @property
    def makers(self) -> Makers:
        return {**super().makers, Asked: _asked, OptionScores: _scores, Unwilling: _unwilling}


def _asked(agents: RehearsedEvaluation, step: Asked) -> dict[str, Any]:
    return {"asked": [[key] for key in agents.offered[: len(step.replies)]]}


def _scores(agents: RehearsedEvaluation, step: OptionScores) -> dict[str, Any]:
    return {"scores": [{"reason": agents.text("reason"), "score": 2} for _ in step.offers]}


def _unwilling(agents: RehearsedEvaluation, step: Unwilling) -> dict[str, Any]:  # noqa: ARG001
    agents.last = dict(agents.told)  # who is asked about an earlier turn hears all of it, and sums up
    return {"utterance": agents.text("utterance")}


@dataclass
class RehearsedModel:
    """`ChatModel` of a rehearsed dialogue: the model under test, as it is simply talked to.

    thinks  whether it writes its thinking before each reply, as SynPT's training rows have it
    """

    agents: RehearsedEvaluation
    context_tokens: int
    thinks: bool
    identity: str = "rehearsed"

    async def reply(self, request: Request) -> Reply:
        said = self._said(sum(message.role == "user" for message in request.messages))
        stand_in, language = self.agents.stand_in, self.agents.seed.task.language
        tokens = stand_in.profile.answer_tokens(said) + 1
        if stand_in.course == "high":
            tokens = max(tokens, request.sampling.max_tokens)
        stand_in.count((Role.ASSISTANT_AGENT.value, request.step), request.messages, tokens, language=language)
        return Reply(said, "stop", Usage(), 0.0)

    async def close(self) -> None:
        """Nothing is open."""

    def _said(self, turn: int) -> str:
        agents = self.agents
        task, seed = agents.seed.task, agents.seed
        missing = [key for key in task.keys if key not in agents.told]
        course = agents.stand_in.course
        ends = {"high": turn >= task.turns, "expected": not missing}.get(course, True)
        if ends:
            return self._thought(missing) + summary_text(task, dict(seed.values))
        agents.asked = missing[0] if missing else agents.asked or task.keys[0]
        agents.offered.append(agents.asked)
        options = [agents.text("value") for _ in range(3)]
        return self._thought(missing) + " ".join([agents.text("utterance"), *options])

    def _thought(self, missing: Sequence[str]) -> str:
        if not self.thinks or self.agents.stand_in.course in {"kept", "revised"}:
            return ""
        known = [*self.agents.told.values(), *missing]
        return f"<think>{' '.join([*known, self.agents.text('reasoning'), self.agents.text('reasoning')])}</think>"

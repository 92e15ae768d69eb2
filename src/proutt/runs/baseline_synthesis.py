"""Runs a baseline over dialogues, by the same machinery as ProUtt: journal, resuming, limits, failures, batches."""

from __future__ import annotations

from dataclasses import dataclass

from proutt.dialogue import Dialogue
from proutt.methods.baselines import BASELINES, record_of, synthesize_turn
from proutt.methods.proutt import Annotation
from proutt.methods.record import PreferencePair
from proutt.prompts import Role
from proutt.runs.calls import ItemAsk
from proutt.runs.synthesis import Synthesis

#: What the record says of who judged, where nobody was asked.
NO_JUDGE = "none"


@dataclass(frozen=True, kw_only=True)
class BaselineSynthesis(Synthesis):
    """A baseline over a stream of dialogues.

    method  a key of BASELINES
    """

    method: str

    async def _annotated(self, number: int, dialogue: Dialogue) -> Annotation:  # noqa: ARG002
        """No baseline annotates."""
        return Annotation(dialogue, ())

    async def _record(self, annotation: Annotation, k: int, ask: ItemAsk) -> PreferencePair:
        judge, baseline = self._judge(ask), BASELINES[self.method]
        turn, outcome = await synthesize_turn(
            baseline, annotation.dialogue, k, settings=self.settings, ask=ask, judge=judge, budget=self.budget
        )
        return record_of(
            self.method,
            turn,
            outcome,
            models=self._identities,
            judge=judge.name if Role.JUDGE in baseline.roles else NO_JUDGE,
            source=annotation.dialogue.source,
            usage=ask.usage,
        )

    @property
    def _context_tokens(self) -> int:
        """Of the models asked; where none is, there is no prompt to fit into."""
        return min((model.context_tokens for model in self._roles().values()), default=0)

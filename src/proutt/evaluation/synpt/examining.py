"""What a dialogue of the model under test is worth: the criteria, and what was asked of a judge for them (IV-C, V)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from proutt.evaluation.synpt.cases import Case
from proutt.evaluation.synpt.config import EvaluateConfig
from proutt.evaluation.synpt.judging import Mining, emotion, mining, option_scores
from proutt.evaluation.synpt.loop import Talk
from proutt.evaluation.synpt.metrics import mined, summary_right, vagueness_right
from proutt.evaluation.synpt.record import EmotionProbe, OptionScore
from proutt.evaluation.synpt.subjects import Subject
from proutt.prompts import Ask, Role


@dataclass(frozen=True, slots=True)
class Examined:
    """What was found of one dialogue; fields as in `EvaluatedDialogue`.

    mining  what its replies ask for
    """

    mining: Mining
    vagueness_right: bool
    mined: bool | None
    summary_right: bool
    emotion: EmotionProbe | None = None
    options: list[OptionScore] | None = None


@dataclass(frozen=True)
class Examining:
    """Who is asked about dialogues.

    subject  the model under test, for the answer to an unwilling user
    ask      the simulated user's model and the judge's
    budget   role → most tokens of what was said before in a prompt
    """

    config: EvaluateConfig
    subject: Subject
    ask: Ask
    budget: Callable[[Role], int]

    async def examined(self, place: str, case: Case, held: Talk) -> Examined:
        """What a dialogue is worth. One in which the model under test failed is right about nothing, and nobody is
        asked about it. Raises AnswerError and ModelError of user and judge."""
        if held.failure is not None:
            return Examined(Mining(None, None), vagueness_right=False, mined=False, summary_right=False)
        judge = self.ask if self.config.judges else None
        found = await mining(place, case, held, judge, self.budget(Role.JUDGE))
        right = mined(case, found.asked)
        summed = summary_right(case, held.turns[-1].answer.summary)
        return Examined(
            found,
            vagueness_right=vagueness_right(case, held.turns),
            mined=right,
            summary_right=summed,
            emotion=await self._emotion(place, case, held, found),
            options=await self._options(place, case, held, found, judge) if right and summed else None,
        )

    async def _emotion(self, place: str, case: Case, held: Talk, found: Mining) -> EmotionProbe | None:
        if not self.config.emotions:
            return None
        return await emotion(
            place, case, held, found.asked, self.subject, self.ask,
            budget=self.budget(Role.USER_AGENT), seed=self.config.seed,
        )  # fmt: skip

    async def _options(
        self, place: str, case: Case, held: Talk, found: Mining, judge: Ask | None
    ) -> list[OptionScore] | None:
        """Scores of the options of a dialogue that meets the paper's three criteria (V-C)."""
        if not self.config.options or judge is None or found.asked is None or not case.vague or len(held.turns) < 2:
            return None
        return await option_scores(place, case, held, found.asked, judge, self.budget(Role.JUDGE))

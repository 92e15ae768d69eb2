"""A simulated user over the model under test, to a summary or the task's most turns (IV-D)."""

from __future__ import annotations

from dataclasses import dataclass

from proutt.evaluation.synpt.cases import Case
from proutt.evaluation.synpt.record import End
from proutt.evaluation.synpt.subjects import Subject, Turn
from proutt.methods.synpt.steps import UserSteps


@dataclass(frozen=True, slots=True)
class Talk:
    """A dialogue of the model under test, at least one turn long, and how it ended."""

    turns: tuple[Turn, ...]
    end: End

    @property
    def failure(self) -> str | None:
        """Why the model under test gave no answer that can be used; None where it did."""
        return self.turns[-1].answer.failure


async def talk(place: str, case: Case, inquiry: str, subject: Subject, user: UserSteps) -> Talk:
    """Let the simulated user and the model under test talk.

    The user has all of its seed in sight, tells what is asked and no more, and never tires. A reply with a readable
    summary ends the dialogue; any other is taken for a question. A model that says nothing ends it too, and one that
    fails (`UnderTest`).

    place: names the dialogue within a run. Raises ModelError and AnswerError where user or model can't be asked.
    """
    task = case.seed.task
    turns: list[Turn] = []
    utterance = inquiry
    while True:
        number = len(turns) + 1
        answer = await subject(f"{place}/{number}", task, tuple(turns), utterance)
        turns.append(Turn(utterance, answer))
        if answer.failure is not None:
            return Talk(tuple(turns), "failed")
        if answer.summary is not None:
            return Talk(tuple(turns), "summary")
        if not answer.text:
            return Talk(tuple(turns), "silent")
        if number == task.turns:
            return Talk(tuple(turns), "most-turns")
        past = [turn.exchange for turn in turns]
        said = await user.reply(f"{place}/{number + 1}/user", case.seed, past, None, reluctant=False)
        utterance = said.utterance

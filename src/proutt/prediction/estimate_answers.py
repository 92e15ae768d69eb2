"""What stands in for a model's answers when a method of predicting is rehearsed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from proutt.dialogue import Context
from proutt.export.text import completion_text
from proutt.intent import Candidate, IntentPath, IntentTree, Perspective, SentenceType, Trajectory, fold
from proutt.llm import Reply, Usage
from proutt.prediction.prediction import Question
from proutt.prompts import Role, Step
from proutt.prompts.prediction import LikelyType
from proutt.prompts.step import AnswerT
from proutt.runs.estimate_answers import Answers, Maker
from proutt.runs.estimate_rehearsal import StandIn

#: Steps that are asked for the layout of training, for 2Q lines of it, for a list, and for one text.
_COMPLETION, _LINES, _LIST, _PROFILE = "proutt", "prompt", "follow-up", "usp-profile"


@dataclass
class RehearsedAsking:
    """`Asking` of one rehearsed test case: what is asked is counted by the stand-in."""

    stand_in: StandIn
    context: Context
    q: int
    rounds: int = 0

    async def __call__(self, step: Step[AnswerT], place: str) -> AnswerT:
        answer: AnswerT = await self.stand_in(step, place)
        return answer

    async def text(self, question: Question) -> Reply:
        """In high one suggestion, always the same: it takes all draws, and each all of its room."""
        high = self.stand_in.course == "high"
        said = _text(self.stand_in.answers, question, self.context, self.q)
        tokens = min(self.stand_in.profile.answer_tokens(said) + 1, question.max_tokens)
        self.stand_in.count(
            (Role.REASONER.value, question.step),
            question.messages,
            question.max_tokens if high else tokens,
            language=self.context.language,
        )
        short = high and question.step != _PROFILE
        return Reply("<predict>1 what next?</predict>" if short else said, "stop", Usage(), 0.0)


def _text(answers: Answers, question: Question, context: Context, q: int) -> str:
    """An answer to a question as its prompt asks for it."""
    language = context.language
    if question.step == _COMPLETION:
        return completion_text(_tree(answers, context), _trajectory(answers, language, q), language)
    if question.step == _PROFILE:
        return answers.text("profile", language)
    if question.step in (_LINES, _LIST):
        texts = [answers.text("utterance", language) for _ in range(2 * q)]
        if question.step == _LIST:
            return json.dumps({"follow_ups": texts}, ensure_ascii=False)
        return "\n".join(f"<predict>{text}</predict>" for text in texts)
    return answers.text("utterance", language)


def _tree(answers: Answers, context: Context) -> IntentTree:
    """A tree such as a model writes for so many turns."""
    turns: list[list[IntentPath]] = []
    topics: tuple[str, ...] = ()
    for _ in context.turns:
        paths = answers.paths(context.language, topics)
        topics = tuple(dict.fromkeys((*topics, *(each["topic"] for each in paths))))
        turns.append([_path(each) for each in paths])
    return fold(turns)


def _path(path: dict[str, str]) -> IntentPath:
    return IntentPath(path["topic"], path["attribute"], path["value"] or None)


def _trajectory(answers: Answers, language: str, q: int) -> Trajectory:
    candidates = tuple(
        Candidate(
            perspective,
            answers.text("reasoning", language),
            _path(answers.path(language)),
            answers.text("utterance", language),
        )
        for perspective in Perspective
        for _ in range(q)
    )
    return Trajectory(SentenceType.INTERROGATIVE, answers.text("chain", language), candidates)


def _likely_type(answers: Answers, step: LikelyType, _: str) -> tuple[Any, Any]:
    said = {"reasoning": answers.text("reasoning", step.language), "sentence_type": step.order[0].value}
    return SimpleNamespace(reasoning=said["reasoning"], sentence_type=step.order[0]), said


MAKERS: tuple[Maker, ...] = ((LikelyType, _likely_type),)

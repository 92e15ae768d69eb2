"""A baseline rehearsed, as ProUtt is (`estimate_rehearsal.py`): its own code and prompts, answers of the usual length.

Nothing was measured of a baseline's own answers. They are made of the same reasoning and utterances as ProUtt's, so
those are taken for as long; the profile of a user is taken for half of what its schema allows.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from proutt.dialogue import Dialogue
from proutt.errors import ItemFailed
from proutt.judge import Judge, LLMJudge
from proutt.methods.baselines import BASELINES, synthesize_turn
from proutt.methods.proutt import Skipped, selected_ks
from proutt.prompts import Step
from proutt.prompts.baselines import Foresee, ForeseeOne, Profile, Refine, RefineOne, WriteKnowing, WriteOneKnowing
from proutt.prompts.baselines.small import OnePrediction
from proutt.prompts.baselines.steps import ForeseenAnswer, ForeseenAnswers, ProfileAnswer
from proutt.runs.estimate_answers import Answers, Maker
from proutt.runs.estimate_rehearsal import RehearsedJudge, StandIn


async def rehearse_baseline(method: str, dialogue: Dialogue, ask: StandIn) -> None:
    """Have the stand-in asked all that one dialogue takes; its counts grow."""
    setting = ask.setting
    judge: Judge = LLMJudge(ask, setting.budget) if setting.judge_calls else RehearsedJudge(ask.answers)
    for k in selected_ks(dialogue, setting.settings):
        try:
            await synthesize_turn(
                BASELINES[method],
                dialogue,
                k,
                settings=setting.settings,
                ask=ask,
                judge=judge,
                budget=setting.budget,
            )
        except (Skipped, ItemFailed):
            continue


def _foreseen(answers: Answers, step: Foresee | WriteKnowing | Refine, _: str) -> tuple[Any, Any]:
    count = len(step.predictions) if isinstance(step, Refine) else step.count
    said = [{name: answers.text(name, step.language) for name in ("reasoning", "utterance")} for _ in range(count)]
    predictions = [ForeseenAnswer.model_construct(None, **dict[str, Any](each)) for each in said]
    return ForeseenAnswers.model_construct(None, predictions=predictions), {"predictions": said}


def _one(answers: Answers, step: ForeseeOne | WriteOneKnowing | RefineOne, _: str) -> tuple[Any, Any]:
    said = {name: answers.text(name, step.language) for name in ("reasoning", "utterance")}
    return OnePrediction.model_construct(None, **dict[str, Any](said)), said


def _profile(answers: Answers, step: Step[Any], _: str) -> tuple[Any, Any]:
    said = answers.text("profile", step.language)
    return ProfileAnswer.model_construct(None, profile=said), {"profile": said}


MAKERS: tuple[Maker, ...] = (
    ((Foresee, WriteKnowing, Refine), _foreseen),
    ((ForeseeOne, WriteOneKnowing, RefineOne), _one),
    (Profile, _profile),
)

#: Low and high of a method, as a sentence for the reader of an estimate.
_EVERY = "Low and high differ in answers and further tries alone: the method asks the same of every turn."
_COURSES = {
    "usp": f"A profile is taken for half as long as it may be. {_EVERY}",
    "spar": (
        "Low: a prediction meets every truth, so that nothing is refined, or the first refinement does. High: "
        "refinements are made as often as they may be, and none meets it."
    ),
}


def courses_of(method: str) -> Iterator[str]:
    """What is special of a baseline's estimate, in sentences."""
    yield (
        f"Nothing was measured of {method}: answers are taken for as long as ProUtt's, of which they have the parts; "
        "expected may be far off in answer tokens (docs/cost.md)."
    )
    yield _COURSES.get(method, _EVERY) + " Neither is a bound."

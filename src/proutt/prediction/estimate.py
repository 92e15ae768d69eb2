"""What a run of predictions will take, before anything is spent; as `runs/estimate.py` says it of pairs.

The method itself is rehearsed over the test cases, with a stand-in for the model. Nothing was measured of what models
answer to these methods: expected answers are laid out as asked for, of texts as long as those measured of ProUtt's
steps. High is what the requests allow: as many draws as there may be, each as long as it has room.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from proutt.dialogue import Dialogue
from proutt.errors import AnswerError
from proutt.methods.proutt import Settings
from proutt.prediction.cases import case_of, selected
from proutt.prediction.config import PredictConfig
from proutt.prediction.estimate_answers import MAKERS, RehearsedAsking
from proutt.prediction.methods import METHODS
from proutt.prediction.run import roles_of
from proutt.prediction.scheduling import chance_of
from proutt.runs.estimate import Estimate, context_tokens_of, estimate_of
from proutt.runs.estimate_answers import Course, Draws
from proutt.runs.estimate_basis import THINKING, of_tokens, sampled_of
from proutt.runs.estimate_large import LARGE
from proutt.runs.estimate_measured import MEASURED
from proutt.runs.estimate_money import models_of, named
from proutt.runs.estimate_profile import Profile
from proutt.runs.estimate_rehearsal import Setting, StandIn, stand_in
from proutt.runs.estimate_sample import EXACT, Sample, rehearsed, sample_of
from proutt.runs.prices import Price, shipped_prices


def estimate(
    config: PredictConfig,
    dialogues: Iterable[Dialogue],
    *,
    prices: Mapping[str, Price] | None = None,
    exact: int = EXACT,
) -> Estimate:
    """What the run will take. Calls no network and writes nothing; memory does not grow with the input.

    prices   the table (`read_prices`); without one, the shipped prices
    exact    most dialogues that are all rehearsed; of more, a sample of so many

    Not to be called while an event loop runs.
    """
    decided = config.resolved()
    spec, roles = decided.spec, [role.value for role in roles_of(decided)]
    profile = replace(MEASURED if spec.embedded else LARGE, foreign=True)
    setting = Setting(
        settings=Settings(q=decided.q, seed=decided.seed),
        context_tokens=context_tokens_of(spec),
        judge_calls=False,
        model_of=dict.fromkeys(roles, named(spec)),
        thinking_tokens=dict.fromkeys(roles, 0 if spec.embedded else spec.thinking_tokens),
    )
    predictor = METHODS[decided.method](decided.setting(setting.context_tokens))

    def start(course: Course, draws: Draws) -> StandIn:
        return stand_in(setting, profile, course, draws, MAKERS)

    async def rehearse(dialogue: Dialogue, ask: StandIn) -> None:
        for k in selected(dialogue, decided.turns, decided.seed):
            case = case_of(dialogue, k)
            try:
                await predictor(
                    case.context, RehearsedAsking(ask, case.context, decided.q), chance_of(case, decided.seed)
                )
            except AnswerError:
                continue

    sample = sample_of(dialogues, lambda each: len(selected(each, decided.turns, decided.seed)), decided.seed, exact)
    tables = asyncio.run(rehearsed(sample, decided.seed, start, rehearse))
    models = models_of(lambda _role: spec, tables, shipped_prices() if prices is None else prices, None)
    return estimate_of(sample, tables, models, pilot=None, rests_on=tuple(_rests_on(decided, profile, sample)))


def _rests_on(config: PredictConfig, profile: Profile, sample: Sample) -> Iterator[str]:
    """What the numbers rest on, a sentence or two for each thing."""
    yield "Prompts are the real ones of these test cases; what they quote of a model's answers is made up."
    yield from sampled_of(sample)
    yield (
        f"Nothing was measured of {config.method} as a method of predicting. Expected: the first draw is enough, and "
        f"its texts are as long as those measured on {profile.basis}; it may be far off in answer tokens."
    )
    yield (
        "Low: the first draw is enough, texts are a third as long. High: as many draws as --tries allows, each as long "
        "as its request has room; steps ask again for every second question."
    )
    if config.thinking_tokens:
        yield THINKING
    yield from of_tokens(measured=False)

"""What a run of predictions will take, before anything is spent; as `runs/estimate.py` says it of pairs.

The method itself is rehearsed over the test cases, with a stand-in for the model. Nothing was measured of what models
answer to these methods: expected answers are laid out as asked for, of texts as long as those measured of ProUtt's
steps. High is what the requests allow: as many draws as there may be, each as long as it has room.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from proutt.dialogue import Context, Dialogue
from proutt.errors import AnswerError
from proutt.methods.proutt import Settings
from proutt.prediction.cases import selected
from proutt.prediction.config import PredictConfig
from proutt.prediction.estimate_answers import MAKERS, RehearsedAsking
from proutt.prediction.estimate_like import Measures, measures_in
from proutt.prediction.methods import METHODS
from proutt.prediction.run import roles_of
from proutt.prediction.scheduling import chance_of
from proutt.runs.estimate import Estimate, context_tokens_of, estimate_of
from proutt.runs.estimate_amounts import Table
from proutt.runs.estimate_answers import Course, Draws
from proutt.runs.estimate_basis import THINKING, of_tokens, sampled_of
from proutt.runs.estimate_large import LARGE
from proutt.runs.estimate_measured import MEASURED
from proutt.runs.estimate_money import models_of, named
from proutt.runs.estimate_profile import Profile
from proutt.runs.estimate_rehearsal import Setting, StandIn, stand_in
from proutt.runs.estimate_sample import EXACT, Sample, rehearsed, sample_of
from proutt.runs.journal import Journal
from proutt.runs.prices import Price, shipped_prices


def estimate(
    config: PredictConfig,
    dialogues: Iterable[Dialogue],
    *,
    prices: Mapping[str, Price] | None = None,
    like: Journal | None = None,
    exact: int = EXACT,
) -> Estimate:
    """What the run will take. Calls no network and writes nothing; memory does not grow with the input.

    prices   the table (`read_prices`); without one, the shipped prices
    like     the journal of a run of the same model and settings, whose measures the estimate takes
    exact    most dialogues that are all rehearsed; of more, a sample of so many

    Not to be called while an event loop runs. Raises UserError where `like` can't tell of this run.
    """
    decided = config.resolved()
    spec = decided.spec
    rehearsal = _Rehearsal(decided, replace(MEASURED if spec.embedded else LARGE, foreign=True))
    measures = None if like is None else measures_in(like, decided, rehearsal.of)
    sample = sample_of(dialogues, lambda each: len(rehearsal.ks(each)), decided.seed, exact)
    tables = asyncio.run(rehearsed(sample, decided.seed, rehearsal.stand_in, rehearsal.dialogue))
    if measures is not None:
        tables = measures.applied(tables["expected"])
    models = models_of(lambda _role: spec, tables, shipped_prices() if prices is None else prices, None)
    rests_on = tuple(_rests_on(decided, rehearsal.profile, sample, measures))
    found = estimate_of(sample, tables, models, pilot=None, rests_on=rests_on)
    pace = None if measures is None else measures.seconds_per_call
    return found if pace is None else replace(found, seconds=found.total.calls.times(pace))


@dataclass(frozen=True)
class _Rehearsal:
    """One method of predicting, rehearsed. config: a resolved one."""

    config: PredictConfig
    profile: Profile

    @property
    def setting(self) -> Setting:
        spec, roles = self.config.spec, [role.value for role in roles_of(self.config)]
        return Setting(
            settings=Settings(q=self.config.q, seed=self.config.seed),
            context_tokens=context_tokens_of(spec),
            judge_calls=False,
            model_of=dict.fromkeys(roles, named(spec)),
            thinking_tokens=dict.fromkeys(roles, 0 if spec.embedded else spec.thinking_tokens),
        )

    def stand_in(self, course: Course, draws: Draws) -> StandIn:
        return stand_in(self.setting, self.profile, course, draws, MAKERS)

    def ks(self, dialogue: Dialogue) -> tuple[int, ...]:
        return selected(dialogue, self.config.turns, self.config.seed)

    async def dialogue(self, dialogue: Dialogue, ask: StandIn) -> None:
        """Have the stand-in asked all that one dialogue takes; its counts grow."""
        for k in self.ks(dialogue):
            await self._case(dialogue.context(k), ask)

    async def _case(self, context: Context, ask: StandIn) -> None:
        config = self.config
        predictor = METHODS[config.method](config.setting(ask.setting.context_tokens))
        with suppress(AnswerError):
            await predictor(context, RehearsedAsking(ask, context, config.q), chance_of(context, config.seed))

    def of(self, contexts: Sequence[Context]) -> Table:
        """What these contexts take, as expected."""
        ask = self.stand_in("expected", Draws(f"{self.config.seed}/estimate/like"))

        async def all_of() -> None:
            for context in contexts:
                await self._case(context, ask)

        asyncio.run(all_of())
        return ask.counts


def _rests_on(
    config: PredictConfig, profile: Profile, sample: Sample[Dialogue], measures: Measures | None
) -> Iterator[str]:
    """What the numbers rest on, a sentence or two for each thing."""
    yield "Prompts are the real ones of these test cases; what they quote of a model's answers is made up."
    yield from sampled_of(sample)
    if measures is not None:
        yield from _of_measures(measures)
    else:
        yield (
            f"Nothing was measured of {config.method} as a method of predicting. Expected: the first draw is enough, "
            f"and its texts are as long as those measured on {profile.basis}; it may be far off in answer tokens. A "
            "run measures it: --limit 20 --out PILOT, then --dry-run --like PILOT, then --reuse PILOT."
        )
        yield (
            "Low: the first draw is enough, texts are a third as long. High: as many draws as --tries allows, each as "
            "long as its request has room; steps ask again for every second question."
        )
        if config.thinking_tokens:
            yield THINKING
    yield from of_tokens(measured=measures is not None)


def _of_measures(measures: Measures) -> Iterator[str]:
    failed = f", in which {measures.failed} cases failed" if measures.failed else ""
    yield (
        f"Expected: calls, answers and how tokens count as in a run of {measures.cases} cases with "
        f"{measures.model}{failed}."
    )
    yield "Low: first draws alone, answers at the lower quartile. High: the upper one, further draws at 95 %."
    if measures.seconds_per_call is not None:
        yield f"Time: at that run's pace, with up to {measures.concurrency} calls in flight."

"""What a run of predictions will take, before anything is spent; as `runs/estimate.py` says it of pairs.

The method itself is rehearsed over the test cases, with a stand-in for the model. Nothing was measured of what models
answer to these methods: expected answers are laid out as asked for, of texts as long as those measured of ProUtt's
steps. High is what the requests allow: as many draws as there may be, each as long as it has room.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress

from proutt.dialogue import Context, Dialogue, Turn
from proutt.errors import AnswerError
from proutt.llm import ModelSpec
from proutt.methods.proutt import Settings
from proutt.prediction.cases import selected
from proutt.prediction.config import PredictConfig
from proutt.prediction.estimate_answers import MAKERS, RehearsedAsking
from proutt.prediction.estimate_like import Measures, measures_of, refuse_other
from proutt.prediction.methods import METHODS
from proutt.prediction.record import PredictionRecord
from proutt.prediction.rehearsal import Rehearsal, estimated, profile_of
from proutt.prediction.run import roles_of
from proutt.prediction.scheduling import chance_of
from proutt.prompts import Role
from proutt.runs.estimate import Estimate
from proutt.runs.estimate_rehearsal import StandIn
from proutt.runs.estimate_sample import EXACT
from proutt.runs.journal import Journal
from proutt.runs.prices import Price

#: What must be the same for a run to tell of another.
_SAME = ("method", "q", "instruction", "small_steps")


def estimate(
    config: PredictConfig,
    dialogues: Iterable[Dialogue],
    *,
    prices: Mapping[str, Price] | None = None,
    like: Journal | None = None,
    exact: int = EXACT,
) -> Estimate:
    """What the run will take: `estimated`, over the test cases of these dialogues. Raises UserError as that does."""
    decided = config.resolved()
    rehearsal = _Rehearsal(decided, profile_of(small=decided.spec.embedded))
    return estimated(rehearsal, dialogues, prices=prices, like=like, exact=exact)


class _Rehearsal(Rehearsal[PredictConfig, Dialogue, Context]):
    """One method of predicting, rehearsed over its test cases."""

    about = "Prompts are the real ones of these test cases; what they quote of a model's answers is made up."
    nouns = ("dialogues", "turns", "cases")
    makers = MAKERS

    @property
    def specs(self) -> dict[Role, ModelSpec]:
        return dict.fromkeys(roles_of(self.config), self.config.spec)

    @property
    def settings(self) -> Settings:
        return Settings(q=self.config.q, seed=self.config.seed)

    def cases(self, given: Dialogue) -> list[Context]:
        return [given.context(k) for k in selected(given, self.config.turns, self.config.seed)]

    async def case(self, case: Context, ask: StandIn) -> None:
        config = self.config
        predictor = METHODS[config.method](config.setting(ask.setting.context_tokens))
        with suppress(AnswerError):
            await predictor(case, RehearsedAsking(ask, case, config.q), chance_of(case, config.seed))

    def measures(self, like: Journal) -> Measures:
        records = [PredictionRecord.model_validate_json(item.record) for item, _ in like.items("predicted")]
        refuse_other(like, self.config, _SAME, made=len(records), verb="predict", what="prediction")
        rehearsed = self.of(_context(each) for each in records)
        return measures_of(like, rehearsed, cases=len(records), model=records[0].model)

    def unmeasured(self) -> Iterator[str]:
        yield (
            f"Nothing was measured of {self.config.method} as a method of predicting. Expected: the first draw is "
            f"enough, and its texts are as long as those measured on {self.profile.basis}; it may be far off in answer "
            "tokens. A run measures it: --limit 20 --out PILOT, then --dry-run --like PILOT, then --reuse PILOT."
        )
        yield (
            "Low: the first draw is enough, texts are a third as long. High: as many draws as --tries allows, each as "
            "long as its request has room; steps ask again for every second question."
        )


def _context(record: PredictionRecord) -> Context:
    turns = tuple(Turn(each.user, each.assistant) for each in record.context.turns)
    return Context(record.dialogue_id, record.language, turns, record.context.opening)

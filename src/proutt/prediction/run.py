"""The run that makes predictions."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

from proutt.dialogue import ReadingReport
from proutt.export.prompt import instruction_version
from proutt.llm import ChatModel, ModelSpec
from proutt.prediction.cases import selected
from proutt.prediction.config import PredictConfig, predict_config_of
from proutt.prediction.methods import METHODS
from proutt.prediction.scheduling import Predictions
from proutt.prompts import Role, prompt_version
from proutt.runs.calls import Calls
from proutt.runs.directory import RunDirectory
from proutt.runs.making import MakingOf
from proutt.runs.reading import standard_input
from proutt.runs.run import Made, Making, countable, make
from proutt.runs.session import Ended, Observer, Session
from proutt.runs.sharded import Workers
from proutt.runs.standing import Words
from proutt.runs.stream import Stream
from proutt.runs.summary import taken

PREDICTIONS = "predictions.jsonl"
WORDS = Words("predictions", "problems", verb="predict")
#: Methods that need a model that goes on as the user.
CONTINUED = frozenset({"user-header"})
#: Methods that annotate the context: the same model has a second role then.
ANNOTATING = frozenset({"proutt-pipeline"})


def predict(
    config: PredictConfig,
    out: Path,
    observer: Observer,
    *,
    reuse: Sequence[Path] = (),
    retry_failed: str | None = None,
    workers: Workers | None = None,
) -> Made:
    """`make` for predictions. Raises UserError where there is something to mend."""
    return make(_Predictions(config.resolved()), out, observer, reuse=reuse, retry_failed=retry_failed, workers=workers)


def making_of(values: Mapping[str, Any]) -> Making:
    """What a run does whose run.yaml holds these values."""
    return _Predictions(predict_config_of(values).resolved())


def roles_of(config: PredictConfig) -> tuple[Role, ...]:
    """The roles in which the method asks the model."""
    return (Role.REASONER, *((Role.ANNOTATOR,) if config.method in ANNOTATING else ()))


@dataclass(frozen=True)
class _Predictions(MakingOf[PredictConfig]):
    """`Making` of predictions."""

    words = WORDS

    @property
    def specs(self) -> dict[Role, ModelSpec]:
        return dict.fromkeys(roles_of(self.decided), self.decided.spec)

    @property
    def prompt_version(self) -> str:
        return f"{prompt_version('prediction')}-{prompt_version('proutt')}-{instruction_version()}"

    def count(self) -> int | None:
        if not countable(self.decided.inputs):
            return None
        dialogues = self.decided.dialogues(ReadingReport(), language="en")
        return sum(len(selected(dialogue, self.decided.turns, self.decided.seed)) for dialogue in dialogues)

    def session(self, session: Session) -> Session:
        """With models that go on as the user, where the method needs those."""
        if self.decided.method not in CONTINUED:
            return session
        models = {Role.REASONER: continued(session.calls.models[Role.REASONER], self.decided.spec)}
        terms, given = session.terms, session.calls
        return replace(session, calls=Calls(models, given.journal, terms.limit, terms.seed, ceiling=given.ceiling))

    async def work(self, session: Session, stream: Stream) -> bool:
        model = session.calls.models[Role.REASONER]
        predictor = METHODS[self.decided.method](self.decided.setting(model.context_tokens))
        predictions = Predictions(stream, self.decided, predictor, model.identity)
        return await predictions.run(self.decided.dialogues(self.report, stdin=standard_input()))

    def derive(self, directory: RunDirectory, ended: Ended) -> dict[str, Any]:
        summary = _summary(directory, self.decided, self.report, ended)
        directory.derive(PREDICTIONS, directory.records("predicted"), summary)
        return summary


def continued(model: ChatModel, spec: ModelSpec) -> ChatModel:
    """An opened model as one that goes on with a chat as its user, tried again as it is."""
    from proutt.llm.pool import Pool
    from proutt.llm.raw_api import Server
    from proutt.prediction.continuing import Continuing

    pool = cast("Pool", model)
    members = [Continuing(cast("Server", member.model), spec.model) for member in pool.members]
    return Pool(members, ceiling=pool.ceiling)


def _summary(directory: RunDirectory, config: PredictConfig, report: ReadingReport, ended: Ended) -> dict[str, Any]:
    """The content of `summary.json`: test cases in = predicted + failed + undecided."""
    journal = directory.journal
    ((dialogues, cases),) = journal.rows("SELECT COUNT(*), COALESCE(SUM(items), 0) FROM dialogues")
    ((without,),) = journal.rows("SELECT COUNT(*) FROM dialogues WHERE items = 0")
    problems: Counter[str] = Counter()
    suggestions: Counter[int] = Counter()
    truths = 0
    for item, _ in journal.items("predicted"):
        record = json.loads(item.record)
        problems.update(record["problems"])
        suggestions[len(record["suggestions"])] += 1
        truths += record["truth"] is not None
    failed = journal.failed_by_reason()
    predicted = suggestions.total()
    return {
        "complete": ended.complete,
        "system": config.system,
        "method": config.method,
        "dialogues": dialogues,
        "dialogues_without_a_case": without,
        "skipped_records": dict(report.skipped),
        "cases": {
            "in": cases,
            "predicted": predicted,
            "failed": sum(failed.values()),
            "undecided": cases - predicted - sum(failed.values()),
            "with_truth": truths,
        },
        "failed": failed,
        "suggestions": {str(count): suggestions[count] for count in sorted(suggestions, reverse=True)},
        "problems": dict(problems.most_common()),
        **taken(journal, ended),
    }

"""Test cases for which a model answered and suggested nothing: a line without suggestions, which counts 0.

`proutt predict` calls such a case failed and writes no prediction. Left out, it would be left out for every arm, and a
model that seldom keeps to the layout would be measured on its best cases. What an endpoint failed at is no answer, and
stays left out.
"""

from __future__ import annotations

import json
from pathlib import Path

from proutt.dialogue import ReadingReport
from proutt.methods.record import UsageRecord
from proutt.prediction.cases import case_of
from proutt.prediction.config import PredictConfig
from proutt.prediction.prediction import Prediction
from proutt.prediction.run import PREDICTIONS
from proutt.prediction.scheduling import record_of
from proutt.runs.directory import FAILURES, SUMMARY
from proutt.training.watching import write_whole

#: Reasons of a failure that are the model's own answers.
SILENT = frozenset({"empty", "refused", "cut-off", "unclosed-reasoning", "no-suggestions"})


def with_silent_cases(run: Path, config: PredictConfig, out: Path) -> Path:
    """Write the predictions of a run, and a line without suggestions for each case where its model gave none."""
    failed = [json.loads(line) for line in (run / FAILURES).read_text(encoding="utf-8").splitlines()]
    silent = {(each["dialogue_id"], each["k"]): each["reason"] for each in failed if each["reason"] in SILENT}
    models = json.loads((run / SUMMARY).read_text(encoding="utf-8"))["models"]
    identity = next(iter(models.values()), config.model)
    lines = []
    for dialogue in config.dialogues(ReadingReport()) if silent else ():
        for k in (k for name, k in silent if name == dialogue.id):
            nothing = Prediction((), problems=(silent[dialogue.id, k],))
            usage = UsageRecord(calls=0, prompt_tokens=0, completion_tokens=0)
            lines.append(record_of(nothing, case_of(dialogue, k), config, identity, usage).model_dump_json() + "\n")
    write_whole(out, (run / PREDICTIONS).read_text(encoding="utf-8") + "".join(lines))
    return out

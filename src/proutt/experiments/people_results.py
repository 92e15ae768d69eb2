"""What people said of an experiment's dialogues: rows "(H)" of SynPT's Table III, from folders of `proutt annotate`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from proutt.errors import UserError
from proutt.evaluation.cases import digest_of
from proutt.evaluation.stored import RESULTS, read_lines
from proutt.evaluation.synpt.record import EvaluatedDialogue
from proutt.evaluation.synpt.results import Evaluation
from proutt.evaluation.synpt.stored import dialogue_file, evaluation_in
from proutt.experiments.reading import Experiment
from proutt.web.claims import MINING, SUMMARY, ClaimKey, ClaimRecord, decided_claims
from proutt.web.files import CLAIMS


@dataclass(frozen=True)
class Judged:
    """What people decided of some files of dialogues. digests: of these files."""

    digests: frozenset[str]
    verdicts: Mapping[ClaimKey, bool]


def judged_by_people(experiment: Experiment) -> list[Judged]:
    """What the folders of `people:` hold. Raises UserError where a name is no data set, or a folder is another's."""
    known = experiment.said.data
    unfound = [name for name in experiment.said.people if name not in known]
    if unfound:
        experiment.data(unfound[0], needed_by="people")
    return [judged_in(Path(file)) for name in experiment.said.people for file in known[name].files or ()]


def judged_in(folder: Path) -> Judged:
    """What one folder holds. Raises UserError where people judged no dialogues of `proutt evaluate synpt` there."""
    try:
        results = json.loads((folder / RESULTS).read_text(encoding="utf-8"))
        digests = frozenset(results["dialogues"])
    except (OSError, ValueError, KeyError, TypeError):
        remedy = "Name the --out of proutt annotate over proutt evaluate synpt; --results writes its files again."
        raise UserError("holds nothing that people said of dialogues.", where=str(folder), remedy=remedy) from None
    return Judged(digests, decided_claims(read_lines(folder / CLAIMS, ClaimRecord)))


def evaluations_by_people(runs: Iterable[Path], judged: Sequence[Judged], criterion: str) -> list[Evaluation]:
    """The dialogues of these runs that people decided, with their verdict in the place of the computed one.

    criterion: of `web.claims`. Of dialogues in which nothing was missing nobody is asked about mining: they count as
    right, as in the paper, where people decided about their summary.
    """
    found = []
    for run in runs if judged else ():
        (digest,) = digest_of([dialogue_file(run)])
        verdicts = {key: right for each in judged if digest in each.digests for key, right in each.verdicts.items()}
        if verdicts:
            dialogues = evaluation_in(run).dialogues
            decided = [_decided(each, verdicts, criterion) for each in dialogues]
            found.append(Evaluation(str(run), [each for each in decided if each is not None]))
    return [each for each in found if each.dialogues]


def _decided(record: EvaluatedDialogue, verdicts: Mapping[ClaimKey, bool], criterion: str) -> EvaluatedDialogue | None:
    """The dialogue as people see it; None where they have not decided."""
    place = (record.system, record.seed_id, record.repeat)
    summary = verdicts.get((*place, SUMMARY))
    if criterion == SUMMARY:
        return None if summary is None else record.model_copy(update={"summary_right": summary, "failure": None})
    mined = verdicts.get((*place, MINING)) if record.vague else None if summary is None else True
    return None if mined is None else record.model_copy(update={"mined": mined, "failure": None})

"""Stages that make SynPT's dialogues and rows of them. By the functions that the verbs call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from proutt.errors import UserError
from proutt.experiments.pair_stages import counted
from proutt.experiments.sections import Rows
from proutt.experiments.stage import Paused, Place
from proutt.export import ExportSettings
from proutt.export.dialogue_rows import DialogueForm
from proutt.export.dialogues import DialogueExport, export_dialogues
from proutt.export.reading.dialogues import dialogues_in
from proutt.prompts import prompt_version
from proutt.runs.directory import DIALOGUES
from proutt.simulation.synpt.config import SynPTConfig
from proutt.simulation.synpt.run import simulate

TRAIN = "train.jsonl"


@dataclass(frozen=True)
class Simulating:
    """`proutt simulate synpt` of one data set of seeds."""

    config: SynPTConfig

    @property
    def version(self) -> str:
        return f"1-{prompt_version('synpt')}"

    results = (DIALOGUES,)

    def settings(self) -> Mapping[str, Any]:
        return counted(self.config.resolved().model_dump(mode="json", exclude={"tasks"}))

    def do(self, place: Place) -> Mapping[str, Any]:
        made = simulate(self.config, place.folder, place.observer, reuse=place.older)
        if not made.complete:
            raise Paused(made.why)
        summary = made.summary
        if not summary["seeds"]["simulated"]:
            failed = f" ({summary['seeds']['failed']} seeds failed: failures.jsonl)" if summary["failed"] else ""
            raise UserError(f"no dialogue was made{failed}.", where=str(place.folder), remedy="Try other seeds.")
        names = ("seeds", "dialogues", "ends", "flags", "usage_by_module", "models", "calls", "cost", "currency")
        return {name: summary[name] for name in names}


@dataclass(frozen=True)
class ExportingDialogues:
    """`proutt export` of all dialogues of an arm. sources: in each needed folder, its run ("") or a clean copy."""

    said: Rows
    sources: tuple[str, ...]

    version = "1"
    results = (TRAIN,)

    def settings(self) -> Mapping[str, Any]:
        return {**self.said.model_dump(), "form": "synpt", "sources": self.sources}

    def do(self, place: Place) -> Mapping[str, Any]:
        said = self.said
        form = DialogueForm(thinking=said.thinking)
        paths = [need / source for need, source in zip(place.needs, self.sources, strict=True)]
        rows = (row for path in paths for row in dialogues_in(path))
        order = DialogueExport(form, said.include_flagged)
        manifest = export_dialogues(rows, place.folder, ExportSettings(format="trl-sft"), order)
        return {"rows": manifest["files"][TRAIN]["rows"], "dialogues": manifest["synpt"]}

"""What an iteration is made of, but for its training: the corpus, what of it is trained on, rows. Each is the work of a
stage, by the function that the verb calls, so that each goes on by itself where it was stopped."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from proutt.dialogue import ReadingReport
from proutt.errors import UserError
from proutt.experiments.chatbot import answering
from proutt.experiments.curriculum.selection import Choice, selection_of
from proutt.experiments.pair_stages import counted
from proutt.experiments.stage import Paused, Place
from proutt.export import ExportSettings
from proutt.export.reading.upc import upc_dialogues_in
from proutt.export.upc import UPCExport, export_upc
from proutt.export.upc_rows import upc_instruction_version
from proutt.methods.upc.record import UPCDialogue
from proutt.prompts import Role, prompt_version
from proutt.runs.directory import DIALOGUES
from proutt.simulation.upc.config import UPCConfig
from proutt.simulation.upc.run import simulate
from proutt.simulation.upc.split_files import persona_line
from proutt.training.watching import write_whole

SELECTION, USERS = "selection.json", "users.jsonl"


@dataclass(frozen=True)
class Collecting:
    """A corpus (Algorithm 2, line 2; Algorithm 1). chatbot: its folder, for what is said where nobody serves it."""

    config: UPCConfig
    chatbot: Path | None = None

    @property
    def version(self) -> str:
        return f"1-{prompt_version('upc')}"

    results = (DIALOGUES,)

    def settings(self) -> Mapping[str, Any]:
        return counted(self.config.resolved().model_dump(mode="json"))

    def do(self, place: Place) -> Mapping[str, Any]:
        how = self.config.roles[Role.ASSISTANT_AGENT].model_dump(include={"model", "base_url"})
        with answering(self.chatbot, how):
            made = simulate(self.config, place.folder, place.observer, reuse=place.older)
        if not made.complete:
            raise Paused(made.why)
        summary = made.summary
        if not summary["personas"]["simulated"]:
            failed = f" ({summary['personas']['failed']} failed: failures.jsonl)" if summary["failed"] else ""
            raise UserError(f"no dialogue was made{failed}.", where=str(place.folder), remedy="Try other personas.")
        names = ("personas", "dialogues", "flags", "regenerations", "scores", "models", "calls", "cost", "currency")
        return {name: summary[name] for name in names}


@dataclass(frozen=True)
class Selecting:
    """D* of an iteration (Algorithm 2, lines 3 to 14): needs the corpus, and to add to them the last selection.

    config  the corpus's, whose personas come back where their dialogue is not taken
    """

    choice: Choice
    config: UPCConfig

    version = "1"
    results = (SELECTION, DIALOGUES, USERS)

    def settings(self) -> Mapping[str, Any]:
        return {"measure": self.choice.measure.as_record(), "easy": self.choice.easy}

    def do(self, place: Place) -> Mapping[str, Any]:
        corpus, *earlier = place.needs
        chosen = selection_of(_dialogues(corpus), self.choice)
        taken = set(chosen.taken)
        kept = [line for folder in earlier for line in (folder / DIALOGUES).read_text(encoding="utf-8").splitlines()]
        kept += [each.model_dump_json() for each in _dialogues(corpus) if each.persona_id in taken]
        back = [each for each in self.config.personas(ReadingReport()) if each.id not in taken]
        place.folder.mkdir(parents=True, exist_ok=True)
        write_whole(place.folder / DIALOGUES, "".join(f"{line}\n" for line in kept))
        write_whole(place.folder / USERS, "".join(map(persona_line, back)))
        record = chosen.as_record() | {"trains_on": len(kept), "left": len(back)}
        write_whole(place.folder / SELECTION, json.dumps({**record, "personas": chosen.taken}, indent=2) + "\n")
        return record


def _dialogues(run: Path) -> Iterator[UPCDialogue]:
    return (row.dialogue for row in upc_dialogues_in(run))


@dataclass(frozen=True)
class WritingRows:
    """`proutt export` of what an iteration trains on: needs the selection, which has chosen."""

    @property
    def version(self) -> str:
        return f"1-{upc_instruction_version()}"

    results = ("train.jsonl",)

    def settings(self) -> Mapping[str, Any]:
        return {"form": "upc"}

    def do(self, place: Place) -> Mapping[str, Any]:
        order = UPCExport(difficulty="all", include_flagged=True)
        settings = ExportSettings(format="trl-sft")
        manifest = export_upc(upc_dialogues_in(place.needs[0]), place.folder, settings, order)
        return {"rows": manifest["files"]["train.jsonl"]["rows"]}

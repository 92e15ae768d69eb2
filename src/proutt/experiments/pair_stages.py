"""Stages that make and prepare pairs: synthesis, audit, statistics, export. By the functions that the verbs call."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from proutt.errors import UserError
from proutt.experiments.sections import Audit, Export
from proutt.experiments.stage import Paused, Place
from proutt.export import ExportSettings, export_pairs
from proutt.export.prompt import instruction_version
from proutt.export.reading import pairs_in, texts_of, with_language
from proutt.prompts import prompt_version
from proutt.quality import ESTIMATE, as_json, statistics, tokenizer_counter
from proutt.runs.config import FREE, SynthesisConfig
from proutt.runs.pair_run import make_pairs
from proutt.runs.pairs import PAIRS
from proutt.training.watching import write_whole

CLEAN, SUMMARY, STATISTICS = "clean.jsonl", "audit.json", "statistics.json"


def counted(config: Mapping[str, Any]) -> dict[str, Any]:
    """What of a run's configuration decides its result: no limits, and files by their names alone."""
    kept = {key: value for key, value in config.items() if key not in FREE}
    roles = kept.get("roles") or {}
    kept["roles"] = {role: {k: v for k, v in of.items() if k not in FREE} for role, of in roles.items()}
    return kept | {"inputs": [Path(name).name for name in kept["inputs"]]}


@dataclass(frozen=True)
class Synthesizing:
    """`proutt synthesize` of one data set."""

    config: SynthesisConfig

    @property
    def version(self) -> str:
        return f"1-{prompt_version('proutt' if self.config.method == 'proutt' else 'baselines')}"

    @property
    def results(self) -> tuple[str, ...]:
        return (PAIRS,)

    def settings(self) -> Mapping[str, Any]:
        return counted(self.config.resolved().model_dump(mode="json"))

    def do(self, place: Place) -> Mapping[str, Any]:
        made = make_pairs(self.config, place.folder, place.observer, reuse=place.older)
        if not made.complete:
            raise Paused(made.why)
        turns, calls = made.summary["turns"], made.summary["calls"]
        if not turns["paired"]:
            failed = f" ({turns['failed']} turns failed: failures.jsonl)" if turns["failed"] else ""
            raise UserError(f"no pair was made{failed}.", where=str(place.folder), remedy="Try other dialogues.")
        return {"turns": turns, "calls": calls, "cost": made.summary["cost"], "currency": made.summary["currency"]}


@dataclass(frozen=True)
class Auditing:
    """`proutt audit` of one run."""

    said: Audit

    version = "1"

    @property
    def results(self) -> tuple[str, ...]:
        return (SUMMARY, CLEAN) if self.said.clean else (SUMMARY,)

    def settings(self) -> Mapping[str, Any]:
        return self.said.model_dump()

    def do(self, place: Place) -> Mapping[str, Any]:
        clean = place.folder / CLEAN if self.said.clean else None
        summary = place.auditor(place.needs[0], place.folder, clean, self.said)
        found = {each["name"]: each["flagged"] for each in summary["checks"] if each["verdict"] == "fail"}
        if self.said.stop and not summary["passed"]:
            raise UserError(
                f"the audit fails: {', '.join(found) or 'unreadable rows'}.",
                where=str(place.needs[0]),
                remedy="See proutt audit, or let the experiment go on with audit: {stop: false}.",
            )
        return {"passed": summary["passed"], "rows": summary["rows"], "failing": found}


@dataclass(frozen=True)
class Counting:
    """`proutt stats` of all pairs of an arm (ProUtt, Table II). sources: in each needed folder, "" or a file."""

    sources: tuple[str, ...]
    tokenizer: str | None
    rows: tuple[str, ...] = ()

    @property
    def version(self) -> str:
        return f"1-{instruction_version()}"

    results = (STATISTICS,)

    def settings(self) -> Mapping[str, Any]:
        return {"sources": self.sources, "tokenizer": self.tokenizer}

    def do(self, place: Place) -> Mapping[str, Any]:
        counter = ESTIMATE if self.tokenizer is None else tokenizer_counter(self.tokenizer)
        pairs = (with_language(pair) for each in _paths(place, self.sources, self.rows) for pair in pairs_in(each))
        groups = statistics(pairs, texts=lambda pair: texts_of(pair, "structured"), tokens=counter.tokens)
        found = {"tokens": counter.name, "estimated": counter.estimated, **as_json(groups["all"])}
        write_whole(place.folder / STATISTICS, json.dumps(found, ensure_ascii=False, indent=2) + "\n")
        return found


@dataclass(frozen=True)
class Exporting:
    """`proutt export` of all pairs of an arm into one format. rows: data that are there already, after the runs'."""

    said: Export
    format: str
    sources: tuple[str, ...]
    rows: tuple[str, ...] = ()

    @property
    def version(self) -> str:
        return f"1-{instruction_version()}"

    results = ("train.jsonl",)

    def settings(self) -> Mapping[str, Any]:
        return {**self.said.model_dump(), "format": self.format, "sources": self.sources}

    def do(self, place: Place) -> Mapping[str, Any]:
        chosen = ExportSettings(
            format=self.format,
            instruction=self.said.instruction,
            include_unverified=self.said.include_unverified,
            include_personal=self.said.include_personal,
        )
        pairs = (pair for each in _paths(place, self.sources, self.rows) for pair in pairs_in(each))
        manifest = export_pairs(pairs, place.folder, chosen)
        if "train.jsonl" not in manifest["files"]:
            raise UserError("no row is for training.", where=str(place.folder), remedy="Name the part for training.")
        return {"rows": manifest["files"]["train.jsonl"]["rows"], "pairs": manifest["pairs"]}


def _paths(place: Place, sources: Sequence[str], rows: Sequence[str]) -> list[str]:
    return [*(str(need / source) for need, source in zip(place.needs, sources, strict=True)), *rows]

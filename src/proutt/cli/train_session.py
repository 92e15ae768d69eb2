"""What a person, or a machine, sees of a training: the plan before it, a line while it works, the result."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from proutt.cli.progress import PLAIN_EVERY_S, Shown
from proutt.cli.terminal import plain
from proutt.errors import UserError

if TYPE_CHECKING:
    from proutt.llm.fetch import Progress
    from proutt.training.plan import Plan, StagePlan
    from proutt.training.run import Trained
    from proutt.training.settings import TrainSettings

#: Options that are no setting of what is learned.
_FIELDS = (
    *("base", "max_length", "too_long", "batch", "accumulation", "lora_rank", "lora_alpha", "lora_dropout"),
    *("instruction", "include_unverified", "include_personal", "device", "precision", "seed"),
)
_MEASURES = {"loss": "loss", "rewards/margins": "margin", "rewards/accuracies": "accuracy"}


def run_training(data: str, methods: tuple[str, ...], given: Mapping[str, Any]) -> None:
    """Train as the options say, and say what came of it."""
    from proutt.training.device import processes
    from proutt.training.run import train

    if not Path(data).exists() and not data.startswith("hf:") and data != "-":
        raise UserError(
            "there is no such file or folder, and no such subcommand.",
            where=data,
            remedy="Give a run of proutt synthesize or an export; see proutt train --help.",
        )
    first = processes()[0] == 0
    shown = Shown(quiet=given["quiet"] or not first, as_json=given["as_json"])
    done = train(
        settings_of(methods, given),
        data,
        given["out"],
        TrainDisplay(shown),
        dry_run=given["dry_run"],
        save_steps=given["save_steps"],
        chatter=given["verbose"],
    )
    if done.record is None or shown.quiet:
        return
    if shown.as_json:
        shown.event("result", {**done.record, "already": done.already})
    else:
        click.echo(plain("\n".join(result_lines(done, given["out"]))))


def settings_of(methods: tuple[str, ...], given: Mapping[str, Any]) -> TrainSettings:
    """The settings that the options make. Raises UserError."""
    from proutt.training.settings import TrainSettings, stage_of

    named = {name: given[name] for name in _FIELDS if given.get(name) is not None}
    stages = []
    for method in methods:
        prefix = "" if len(methods) == 1 else ("sft_" if method == "sft" else "align_")
        stages.append(
            stage_of(
                method,
                epochs=given[f"{prefix}epochs"],
                learning_rate=given[f"{prefix}learning_rate"],
                beta=given.get("beta"),
                max_steps=given[f"{prefix}max_steps"],
            )
        )
    if given.get("start") is not None:
        from proutt.training.starting import start_from

        start = start_from(given["start"])
        own = {"lora_rank": start.rank, "lora_alpha": start.alpha, "lora_dropout": start.dropout}
        _refuse_other_shape(own, named)
        named |= {**own, "start": str(start.folder)}
    return TrainSettings(stages=tuple(stages), **named)


def _refuse_other_shape(own: Mapping[str, Any], named: Mapping[str, Any]) -> None:
    """An adapter keeps its rank: raise UserError where another one is asked for."""
    for name, value in own.items():
        if named.get(name, value) != value:
            option = "--" + name.replace("_", "-")
            raise UserError(f"the adapter of --from has {value}.", where=option, remedy="Leave the option out.")


@dataclass
class TrainDisplay:
    """An `Observer` of `training/run.py` on the terminal."""

    shown: Shown
    _last: float = field(default=float("-inf"))

    def note(self, text: str) -> None:
        self.shown.note(text)

    def fetching(self) -> AbstractContextManager[Callable[[Progress], None]]:
        from proutt.cli.models import ProgressBar

        return ProgressBar(quiet=self.shown.quiet or self.shown.as_json)

    def planned(self, plan: Plan, seconds: float | None) -> None:
        if self.shown.quiet:
            return
        if self.shown.as_json:
            from proutt.training.plan import plan_json

            self.shown.event("plan", {**plan_json(plan), "seconds": None if seconds is None else round(seconds, 1)})
            return
        self.shown.out.write(plain("\n".join(plan_lines(plan, seconds))) + "\n")
        self.shown.out.flush()

    def step(self, stage: str, step: int, of: int, seconds_left: float | None, logged: dict[str, Any]) -> None:
        if self.shown.quiet:
            return
        live = self.shown.out.isatty() and not self.shown.as_json
        now = time.monotonic()
        if not live and step < of and now - self._last < PLAIN_EVERY_S:
            return
        self._last = now
        measures = {name: round(float(logged[key]), 4) for key, name in _MEASURES.items() if key in logged}
        if self.shown.as_json:
            left = None if seconds_left is None else round(seconds_left, 1)
            facts = {"stage": stage, "step": step, "of": of, **measures, "seconds_left": left}
            self.shown.event("progress", facts)
            return
        text = f"{stage}: step {step}/{of}" + "".join(f", {name} {value:.4g}" for name, value in measures.items())
        text += "" if seconds_left is None or step == of else f", about {duration(seconds_left)} left"
        if live:
            text = f"\r\x1b[2K{text[: shutil.get_terminal_size().columns - 1]}" + ("\n" if step == of else "")
        self.shown.out.write(text if live else f"{text}\n")
        self.shown.out.flush()


def plan_lines(plan: Plan, seconds: float | None) -> list[str]:
    """What is going to be done, for a person."""
    machine = plan.machine
    lines = [f"On {machine.device} ({machine.name}), {machine.precision}" + _several(plan.devices)]
    for stage in plan.stages:
        lines += _stage_lines(stage)
    free = "" if machine.free_bytes is None else f" of {_gigabytes(machine.free_bytes)} free"
    lines.append(f"memory: about {_gigabytes(plan.memory_bytes)}{free}" + (" on each" if plan.devices > 1 else ""))
    if machine.free_bytes is not None and plan.memory_bytes > machine.free_bytes:
        lines.append("  That is likely too much: a smaller --batch or --max-length needs less.")
    if seconds is not None:
        lines.append(f"time: about {duration(seconds)}, by one measured pass; measured steps will tell better")
    return lines


def _several(devices: int) -> str:
    return f", {devices} processes" if devices > 1 else ""


def _stage_lines(stage: StagePlan) -> list[str]:
    found, rows = stage.fit, stage.rows
    left = "; ".join(f"{count} {reason}" for reason, count in sorted(rows.left_out.items()))
    lines = [
        f"{stage.name}: {found.rows} rows of {rows.pairs_read} pairs, {stage.steps} steps, "
        f"longest row {found.longest} of at most {found.max_length} tokens"
    ]
    if left:
        lines.append(f"  left out by the export: {left}")
    if rows.other:
        lines.append(f"  not trained on: {', '.join(f'{part} {count}' for part, count in rows.other.items())}")
    lost = found.truncated + found.dropped
    lines.append(
        f"  too long: {lost} of {len(found.keep)} rows ({found.share_lost:.1%}) are left out: {found.truncated} would "
        f"be truncated ({found.predict_lost} would lose <predict> lines), {found.dropped} dropped"
        if lost
        else "  too long: none; nothing is truncated"
    )
    return lines


def result_lines(done: Trained, out: Path) -> list[str]:
    """What came of a training, and what to run next."""
    record = done.record or {}
    lines = [f"{out} is finished; nothing was done."] if done.already else []
    for each in record["results"]:
        parts = [f"{each['method']}: {each['rows']} rows, {each['steps']} steps"]
        for name, value in each["measures"].items():
            parts.append(f"{name.replace('_', ' ')} {value['first']:.4g} → {value['last']:.4g}")
        lines.append(", ".join(parts))
    return [
        *lines,
        f"Adapter: {out}/adapter  (curves.svg, README.md, training.json; tensorboard --logdir {out}/tensorboard)",
        f"Next: proutt train gguf {out}",
        f"Then: proutt predict chats.jsonl --out predictions --model {out}",
    ]


def duration(seconds: float) -> str:
    """Seconds as people say them."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 5400:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.1f} h"


def _gigabytes(count: int) -> str:
    return f"{count / 1e9:.1f} GB"

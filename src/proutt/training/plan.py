"""What is known before a training starts: rows, what fits, steps, memory, time. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from proutt.errors import UserError
from proutt.training.architecture import Architecture
from proutt.training.device import Machine
from proutt.training.lengths import Fit, RowLength, fit, length_for
from proutt.training.memory import MemoryEstimate, memory_estimate
from proutt.training.methods import METHODS
from proutt.training.rows import RowFile
from proutt.training.settings import StageSettings, TrainSettings


@dataclass(frozen=True, slots=True)
class StagePlan:
    """One stage before it starts.

    steps   updates of the adapter
    tokens  computed in all steps, about
    memory  at its peak, on one device
    """

    settings: StageSettings
    rows: RowFile
    fit: Fit
    steps: int
    tokens: int
    memory: MemoryEstimate

    @property
    def name(self) -> str:
        """The method's."""
        return self.settings.method

    @property
    def work(self) -> float:
        """Tokens, weighted by what a token costs."""
        return self.tokens * METHODS[self.name].work


@dataclass(frozen=True, slots=True)
class Plan:
    """A training before it starts. machine: what it runs on; devices: how many work at once."""

    stages: tuple[StagePlan, ...]
    machine: Machine
    devices: int

    def seconds(self, seconds_per_token: float) -> float:
        """About how long it takes. seconds_per_token: of one forward and backward pass, as measured."""
        return sum(stage.work for stage in self.stages) * seconds_per_token / self.devices

    @property
    def memory_bytes(self) -> int:
        """The largest peak of its stages, on one device."""
        return max(stage.memory.total for stage in self.stages)


def plan_of(
    settings: TrainSettings,
    files: Mapping[str, RowFile],
    lengths: Mapping[str, Sequence[RowLength]],
    base: Architecture,
    machine: Machine,
    devices: int = 1,
) -> Plan:
    """The plan. files, lengths: by format.

    Raises UserError where no row fits, where the maximum length is more than the base can take, and, with
    too_long "stop", where a row does not fit.
    """
    stages = []
    for number, stage in enumerate(settings.stages):
        method = METHODS[stage.method]
        of_rows = lengths[method.format]
        found = fit(of_rows, _max_length(settings, of_rows, base))
        _refuse(found, settings, files[method.format])
        steps, tokens = _amount(stage, settings, found, devices)
        reference = stage.method == "dpo" and (number > 0 or settings.start is not None)
        memory = memory_estimate(
            base,
            tokens=settings.batch * method.sides * found.longest,
            rank=settings.lora_rank,
            weight_bytes=machine.weight_bytes,
            checkpointing=machine.checkpointing,
            adapters=2 if reference else 1,
        )
        stages.append(StagePlan(stage, files[method.format], found, steps, tokens, memory))
    return Plan(tuple(stages), machine, devices)


def _max_length(settings: TrainSettings, lengths: Sequence[RowLength], base: Architecture) -> int:
    if settings.max_length is None:
        return length_for(lengths, base.context)
    if base.context is not None and settings.max_length > base.context:
        raise UserError(
            f"the base takes {base.context} tokens at most.", where="--max-length", remedy="Give that, or less."
        )
    return settings.max_length


def _refuse(found: Fit, settings: TrainSettings, rows: RowFile) -> None:
    lost = found.truncated + found.dropped
    if found.rows == 0:
        raise UserError(
            f"none of {len(found.keep)} rows fits into {found.max_length} tokens.",
            where=rows.path.name,
            remedy="Give a larger --max-length, or a base with a larger context.",
        )
    if lost and settings.too_long == "stop":
        first = found.keep.index(False) + 1
        raise UserError(
            f"{lost} of {len(found.keep)} rows are longer than {found.max_length} tokens, and {found.predict_lost} "
            "would lose <predict> lines.",
            where=f"{rows.path.name}:{first}",
            remedy="Give a larger --max-length, or --too-long leave-out.",
        )


def _amount(stage: StageSettings, settings: TrainSettings, found: Fit, devices: int) -> tuple[int, int]:
    """Steps, and the tokens that they compute."""
    rows_a_step = settings.batch * settings.accumulation * devices
    steps_an_epoch = max(1, math.ceil(found.rows / rows_a_step))
    steps = stage.max_steps or max(1, math.ceil(steps_an_epoch * stage.epochs))
    return steps, round(found.tokens * steps / steps_an_epoch)


def plan_json(plan: Plan) -> dict[str, Any]:
    """The plan as `training.json` and `--json` have it."""
    return {
        "device": plan.machine.device,
        "precision": plan.machine.precision,
        "devices": plan.devices,
        "memory_bytes": plan.memory_bytes,
        "stages": [
            {
                "method": stage.name,
                "pairs_read": stage.rows.pairs_read,
                "left_out": stage.rows.left_out,
                "other_parts": stage.rows.other,
                "rows": len(stage.fit.keep),
                "max_length": stage.fit.max_length,
                "dropped": stage.fit.dropped,
                "truncated": stage.fit.truncated,
                "predict_lines_lost": stage.fit.predict_lost,
                "share_lost": round(stage.fit.share_lost, 4),
                "rows_trained_on": stage.fit.rows,
                "longest_row": stage.fit.longest,
                "steps": stage.steps,
                "tokens": stage.tokens,
                "memory_bytes": stage.memory.total,
            }
            for stage in plan.stages
        ],
    }

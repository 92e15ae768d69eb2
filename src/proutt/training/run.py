"""A training from data to adapter: plan it, then train stage by stage; the same call again goes on where it stopped.

OUT/training.json   settings, versions, data digest, row counts, state, results
OUT/data            the rows, as `proutt export` writes them
OUT/stages/1-sft    checkpoints, log, adapter of each stage
OUT/adapter         the result
OUT/tensorboard  curves.svg  curves.png  README.md
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from proutt.errors import UserError
from proutt.llm.fetch import Progress
from proutt.training.bases import Base, base_named, is_local
from proutt.training.device import machine_for, processes
from proutt.training.lengths import row_lengths
from proutt.training.library import quieten, require
from proutt.training.methods import METHODS
from proutt.training.plan import Plan, StagePlan, plan_of
from proutt.training.record import RECORD, new_record, read_record, refuse_changes, result_of, write_record
from proutt.training.rows import RowFile, read_rows, write_rows
from proutt.training.settings import TrainSettings
from proutt.training.stages import ADAPTER, Stage, last_checkpoint, read_log, train_stage
from proutt.training.starting import start_from
from proutt.training.watching import Watcher

DATA, STAGES, TENSORBOARD, LOCK = "data", "stages", "tensorboard", "lock"
#: So many checkpoints a stage, where nothing else is said.
_CHECKPOINTS_A_STAGE = 20


class Observer(Watcher, Protocol):
    """Who is told how a training goes."""

    def fetching(self) -> AbstractContextManager[Callable[[Progress], None]]:
        """While weights are brought: what is to be told how far that is."""
        ...

    def planned(self, plan: Plan, seconds: float | None) -> None:
        """What is going to be done, before it is. seconds: about how long it takes; None where it was not measured."""
        ...


@dataclass(frozen=True, slots=True)
class Trained:
    """How a call of `train` ended.

    record   as `training.json` has it; None after a dry run
    resumed  it went on from an earlier session; already: it was finished before
    """

    record: dict[str, Any] | None
    resumed: bool = False
    already: bool = False


def train(
    settings: TrainSettings,
    data: str,
    out: Path,
    observer: Observer,
    *,
    dry_run: bool = False,
    save_steps: int | None = None,
    chatter: bool = False,
) -> Trained:
    """Train, or go on with it, or only plan it.

    save_steps  steps between checkpoints; chatter: let the libraries say what they like to say
    Raises UserError where there is something to mend, before anything is trained.
    """
    require()
    number, count = processes()
    main = number == 0
    _check_out(out)
    if not chatter:
        quieten(offline=is_local(settings.base))
    with _in_turn(count, cpu=settings.device == "cpu"):
        with observer.fetching() as progress:
            base = base_named(settings.base, progress)
        if settings.start is not None:
            start_from(Path(settings.start)).refuse_other_base(base.identity)
        with tempfile.TemporaryDirectory(prefix="proutt-train-") as folder:
            files = write_rows(data, Path(folder), [METHODS[each.method].format for each in settings.stages], settings)
            plan = _planned(settings, files, base, count)
            if dry_run:
                observer.planned(plan, _seconds(plan, base, settings))
                return Trained(None)
            digests = {name: file.digest for name, file in files.items()}
            fresh = new_record(settings, data, digests, base, plan)
            before = read_record(out)
            if before is not None:
                refuse_changes(before, fresh, out)
                if before["state"] == "done":
                    return Trained(before, already=True)
            elif main:
                observer.planned(plan, _seconds(plan, base, settings) if count == 1 else None)
                _keep_rows(Path(folder), out)
                write_record(out, fresh)
    with _locked(out) if main else _nothing():
        record = before or fresh
        _train_stages(settings, plan, base, out, observer, main=main, save_steps=save_steps)
        if main:
            record = _finish(record, plan, out)
    return Trained(record, resumed=before is not None)


def _planned(settings: TrainSettings, files: dict[str, RowFile], base: Base, devices: int) -> Plan:
    lengths = {name: row_lengths(file.path, base.folder) for name, file in files.items()}
    machine = machine_for(settings.device, settings.precision)
    return plan_of(settings, files, lengths, base.architecture, machine, devices)


def _seconds(plan: Plan, base: Base, settings: TrainSettings) -> float:
    """About how long the plan takes, by a pass over a row of middling length. Raises UserError where memory lacks."""
    from proutt.training.trial import seconds_per_token

    free = plan.machine.free_bytes
    if free is not None and base.architecture.parameters * plan.machine.weight_bytes > free:
        raise UserError(
            f"the base's weights alone take {base.architecture.parameters * plan.machine.weight_bytes / 1e9:.1f} GB "
            f"and {free / 1e9:.1f} GB are free.",
            where="--base",
            remedy="Use a smaller base, or a machine with more memory.",
        )
    stage = plan.stages[0]
    middling = stage.fit.tokens // (stage.fit.rows * METHODS[stage.name].sides)
    return plan.seconds(seconds_per_token(base, plan.machine, tokens=middling, rank=settings.lora_rank))


def _train_stages(
    settings: TrainSettings,
    plan: Plan,
    base: Base,
    out: Path,
    observer: Observer,
    *,
    main: bool,
    save_steps: int | None,
) -> None:
    start = None if settings.start is None else Path(settings.start)
    for number, planned in enumerate(plan.stages, 1):
        folder = out / STAGES / f"{number}-{planned.name}"
        stage = Stage(
            _at_home(planned, out),
            settings,
            base,
            plan.machine,
            folder,
            start,
            save_steps or max(1, planned.steps // _CHECKPOINTS_A_STAGE),
            out / TENSORBOARD / folder.name,
        )
        if not stage.done:
            checkpoint = last_checkpoint(folder)
            if main and checkpoint is not None:
                observer.note(f"{planned.name}: going on from step {checkpoint[0]} of {planned.steps}")
            train_stage(stage, read_rows(stage.plan.rows.path, planned.fit.keep), observer, main=main)
        start = folder / ADAPTER


def _at_home(planned: StagePlan, out: Path) -> StagePlan:
    """The same, with the rows where the directory keeps them."""
    path = out / DATA / METHODS[planned.name].format / planned.rows.path.name
    return replace(planned, rows=replace(planned.rows, path=path))


def _finish(record: dict[str, Any], plan: Plan, out: Path) -> dict[str, Any]:
    """Adapter, curves, results and card; the record says "done" when all of them are there."""
    from proutt.training.card import write_card
    from proutt.training.curves import draw_curves

    folders = [out / STAGES / f"{number}-{stage.name}" for number, stage in enumerate(plan.stages, 1)]
    shutil.rmtree(out / ADAPTER, ignore_errors=True)
    shutil.copytree(folders[-1] / ADAPTER, out / ADAPTER)
    logs = {folder.name: read_log(folder) for folder in folders}
    results = [
        result_of(stage.name, log, stage.fit.rows) for stage, log in zip(plan.stages, logs.values(), strict=True)
    ]
    record = {**record, "state": "done", "results": results}
    draw_curves(logs, out)
    write_card(out, record)
    write_record(out, record)
    return record


def _keep_rows(folder: Path, out: Path) -> None:
    """The rows into the directory, whole, before the record says that they are there."""
    out.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(out / DATA, ignore_errors=True)
    shutil.copytree(folder, out / DATA)


def _check_out(out: Path) -> None:
    """Raise UserError where the directory is somebody else's."""
    if out.exists() and not out.is_dir():
        raise UserError("is a file, not a directory.", where=str(out), remedy="Give another --out.")
    ours = {RECORD, DATA, LOCK}
    if out.is_dir() and (names := {each.name for each in out.iterdir()}) and not names & ours:
        raise UserError(
            "holds files that are not of a training.", where=str(out), remedy="Give a new or empty directory as --out."
        )


@contextmanager
def _locked(out: Path) -> Iterator[None]:
    """One training at a time in a directory; a lock whose process died counts for nothing."""
    try:
        import fcntl
    except ImportError:
        yield
        return
    handle = os.open(out / LOCK, os.O_CREAT | os.O_RDWR, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise UserError(
                "another training is at work in it.", where=str(out), remedy="Wait for it, or give another --out."
            ) from None
        yield
    finally:
        os.close(handle)


@contextmanager
def _nothing() -> Iterator[None]:
    yield


@contextmanager
def _in_turn(count: int, *, cpu: bool) -> Iterator[None]:
    """Of several processes, the first one goes first: what it fetches and writes is there for the others."""
    if count == 1:
        yield
        return
    from accelerate import PartialState

    with PartialState(cpu=cpu).main_process_first():
        yield

"""An experiment at work: which stages are done, which begin, and keeping what comes of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from proutt.errors import UserError
from proutt.experiments.kept import RUN, STAGES, Kept, folder_of, kept_in, key_of
from proutt.experiments.plan import Planned
from proutt.experiments.stage import KINDS, Auditor, Observer, Stage
from proutt.experiments.working import work_in

State = Literal["done", "begun", "to do", "waits"]


@dataclass(frozen=True, slots=True)
class Standing:
    """How a stage stands. folder: None while what it needs is not done, for that decides where it goes."""

    stage: Stage
    state: State
    folder: Path | None = None
    kept: Kept | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which kinds are to be worked on. What they need has to be done, or is worked on itself."""

    kinds: tuple[str, ...] = KINDS

    @classmethod
    def of(cls, only: str | None, first: str | None) -> Wanted:
        """only: that kind; first: that kind and those after it; neither: all."""
        if only is not None:
            return cls((only,))
        return cls(KINDS[KINDS.index(first) :] if first in KINDS else () if first else KINDS)


def standings(plan: Planned, out: Path) -> dict[str, Standing]:
    """Every stage with how it stands in the directory."""
    found: dict[str, Standing] = {}
    for id in plan.stages:
        found[id] = standing(plan, id, found, out)
    return found


def standing(plan: Planned, id: str, known: Mapping[str, Standing], out: Path) -> Standing:
    """How one stage stands. known: those that it needs."""
    stage = plan.stages[id]
    if stage.waits_for is not None:
        return Standing(stage, "waits")
    needs = [known[each].kept for each in stage.needs]
    if any(each is None for each in needs):
        return Standing(stage, "to do")
    _refuse_missing(stage)
    key = key_of(stage, [each.outputs for each in needs if each is not None])
    folder = folder_of(out, stage, key)
    kept = kept_in(folder)
    return Standing(stage, "done" if kept else "begun" if folder.exists() else "to do", folder, kept)


def _refuse_missing(stage: Stage) -> None:
    for name in stage.files:
        if not name.startswith("hf:") and not Path(name).exists():
            raise UserError("there is no such file.", where=name, remedy=f"{stage.kind} ({stage.title}) reads it.")


def run(
    plan: Planned, out: Path, observer: Observer, auditor: Auditor, wanted: Wanted | None = None
) -> dict[str, Standing]:
    """Do what is wanted and not done, in order; how every stage stands then.

    Raises Paused where a stage is not finished (a ceiling, a batch, the user), UserError where there is something to
    mend; the same call goes on either way.
    """
    kinds = (wanted or Wanted()).kinds
    found: dict[str, Standing] = {}
    of = len(plan.stages)
    for number, (id, stage) in enumerate(plan.stages.items(), 1):
        now = standing(plan, id, found, out)
        found[id] = now
        if now.state == "done":
            observer.stage(number, of, stage, "kept")
        elif now.state == "waits":
            observer.stage(number, of, stage, f"waits for {stage.waits_for}")
        elif stage.kind in kinds:
            if now.folder is None:
                raise _not_ready(stage, plan, found)
            observer.stage(number, of, stage, "goes on" if now.state == "begun" else "begins")
            kept = _done(stage, now.folder, [found[each] for each in stage.needs], out, observer, auditor)
            found[id] = Standing(stage, "done", now.folder, kept)
            observer.stage(number, of, stage, f"done in {kept.seconds:.0f} s")
    return found


def _not_ready(stage: Stage, plan: Planned, found: Mapping[str, Standing]) -> UserError:
    missing = next(plan.stages[each] for each in stage.needs if found[each].kept is None)
    return UserError(
        f"{stage.kind} ({stage.title}) needs {missing.kind} ({missing.title}), which is not done.",
        where="--only, --from",
        remedy="Leave the option out, or begin further up.",
    )


def _done(stage: Stage, folder: Path, needs: list[Standing], out: Path, observer: Observer, auditor: Auditor) -> Kept:
    """Do one stage, or go on with it, and keep it."""
    return work_in(
        folder,
        stage,
        needs=tuple(each.kept.run for each in needs if each.kept is not None),
        older=_older(stage.kind, folder, out),
        name=folder.name,
        observer=observer,
        auditor=auditor,
    )


def _older(kind: str, own: Path, out: Path) -> tuple[Path, ...]:
    """Runs of the same kind, of other settings or inputs: what is asked alike there is not asked again."""
    others = sorted(each for each in (out / STAGES).glob(f"{kind}-*") if each != own)
    return tuple(each / RUN for each in others if (each / RUN / "journal.sqlite").is_file())

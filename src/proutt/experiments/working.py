"""One stage at work in its folder, until it is kept there."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

from proutt.experiments.kept import ASIDE, RUN, Kept, keep
from proutt.experiments.stage import Auditor, Observer, Place, Stage


def work_in(
    folder: Path,
    stage: Stage,
    *,
    needs: tuple[Path, ...],
    older: tuple[Path, ...],
    name: str,
    observer: Observer,
    auditor: Auditor,
) -> Kept:
    """Do a stage, or go on with it, and keep it. needs, older, name: as `Place` has them. Raises Paused, UserError."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ASIDE).mkdir(exist_ok=True)
    place = Place(folder / RUN, folder / ASIDE, needs, older, name, observer, auditor)
    began = time.monotonic()
    facts = stage.work.do(place)
    shutil.rmtree(folder / ASIDE, ignore_errors=True)
    return keep(folder, stage, facts, time.monotonic() - began)

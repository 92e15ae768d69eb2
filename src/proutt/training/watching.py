"""Who is told how a training goes, and what is written down of each step: one callback of the trainer."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import Any, Protocol

#: Stands in a checkpoint that was written to its end.
WHOLE = "whole"


class Watcher(Protocol):
    """A display, or nobody."""

    def note(self, text: str) -> None:
        """Something that the user should know now."""
        ...

    def step(self, stage: str, step: int, of: int, seconds_left: float | None, logged: dict[str, Any]) -> None:
        """A step was made. seconds_left: of this stage, by the steps of this session; None until they tell."""
        ...


class Watch:
    """The trainer's callback."""

    @staticmethod
    def join(trainer: Any, watcher: Watcher, log: Path, stage: str, *, main: bool) -> None:
        """Watch this trainer in place of what prints by itself. log: where every logged step is kept."""
        from transformers import PrinterCallback, ProgressCallback, TrainerCallback

        for printing in (PrinterCallback, ProgressCallback):
            trainer.remove_callback(printing)
        if not main:
            return
        pace = _Pace()

        class Watching(TrainerCallback):  # type: ignore[misc]
            def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:  # noqa: ARG002
                pace.begin(state.global_step)

            def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:  # noqa: ARG002
                if not control.should_log:  # else its measures are not there yet: on_log tells
                    self._tell(state)

            def on_log(self, args: Any, state: Any, control: Any, **_: Any) -> None:  # noqa: ARG002
                write_whole(log, json.dumps(state.log_history))
                if "loss" in state.log_history[-1]:
                    self._tell(state)

            def _tell(self, state: Any) -> None:
                logged: dict[str, Any] = next((entry for entry in reversed(state.log_history) if "loss" in entry), {})
                left = pace.seconds_left(state.global_step, state.max_steps)
                watcher.step(stage, state.global_step, state.max_steps, left, logged)

            def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:  # noqa: ARG002
                checkpoint = Path(args.output_dir) / f"checkpoint-{state.global_step}"
                write_whole(checkpoint / WHOLE, "")

        trainer.add_callback(Watching())


class _Pace:
    """Seconds a step, of the steps of this session; the first one is slower than the rest and does not count."""

    def __init__(self) -> None:
        self._from, self._since = -1, 0.0

    def begin(self, step: int) -> None:
        self._from, self._since = step + 1, 0.0

    def seconds_left(self, step: int, of: int) -> float | None:
        if step <= self._from:
            self._since = time.monotonic()
            return None
        return (time.monotonic() - self._since) / (step - self._from) * (of - step)


def write_whole(path: Path, text: str) -> None:
    """Write a file so that it is there whole, or as it was, also after a kill."""
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f".{path.name}.{os.getpid()}")
    with aside.open("w", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)

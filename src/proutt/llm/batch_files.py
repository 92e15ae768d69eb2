"""Batches as files in a folder, for vLLM's `run-batch` or any runner that reads and writes the same lines.

    FOLDER/0001.jsonl  what is asked     FOLDER/0001.out.jsonl  what the runner answered, in any order

The folder is all there is to remember. A session that needs answers that no runner has given yet ends cleanly
(`Postponed`) with the command to run; the next one reads them.
"""

from __future__ import annotations

import os
import re
import shlex
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from proutt.errors import UserError
from proutt.llm.batch_job import Outcome, Postponed, outcome_in

_ASKED = re.compile(r"\d{4,}\.jsonl")
_KEY = re.compile(rb'\{"custom_id": "([0-9a-f]{64})"')


class FilesBackend:
    """Batches in a folder, which models may share.

    model  what the runner is told to load
    safe   whether the answer of a request (by key) is kept elsewhere already

    Raises UserError where the folder can't be read or written.
    """

    def __init__(self, folder: Path, model: str, *, safe: Callable[[str], bool] = lambda _: False) -> None:
        self._folder, self._model = folder, model
        self._keys: dict[str, tuple[str, ...]] = {}
        self._tries: Counter[str] = Counter()
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for path in sorted(folder.iterdir(), key=lambda path: (len(path.name), path.name)):
                if _ASKED.fullmatch(path.name):
                    keys = tuple(_keys_in(path))
                    self._tries.update(keys)
                    self._keys[path.stem] = tuple(key for key in keys if not safe(key))
        except OSError as error:
            raise _unusable(folder, error) from error

    def open_jobs(self) -> Mapping[str, Collection[str]]:
        return {name: keys for name, keys in self._keys.items() if keys}

    def begin(self, lines: Mapping[str, bytes]) -> str:
        """Write the next file: whole or not at all."""
        try:
            taken = [int(path.stem) for path in self._folder.iterdir() if _ASKED.fullmatch(path.name)]
            name = f"{max(taken, default=0) + 1:04d}"
            draft = self._folder / f".{name}.new"
            with draft.open("wb") as out:
                out.writelines(lines.values())
                out.flush()
                os.fsync(out.fileno())
            draft.replace(self._folder / f"{name}.jsonl")
        except OSError as error:
            raise _unusable(self._folder, error) from error
        self._keys[name] = tuple(lines)
        self._tries.update(self._keys[name])
        return name

    async def answers(self, name: str) -> Mapping[str, Outcome]:
        """What the runner wrote. Raises Postponed where it has not run, UserError where it has not finished."""
        path = self._folder / f"{name}.out.jsonl"
        keys = set(self._keys[name])
        outcomes: dict[str, Outcome] = {}
        try:
            with path.open("rb") as file:
                for line in file:
                    found = outcome_in(line)
                    if found is not None and found[0] in keys:
                        key, outcome = found
                        outcomes[key] = replace(outcome, tries=self._tries[key])
                    elif found is None and not line.endswith(b"\n"):
                        raise UserError(
                            "ends in the middle of a line.",
                            where=str(path),
                            remedy="Is the runner still at work? Run the same command when it has finished. Did it "
                            "die? Delete the file and let it run again.",
                        )
        except FileNotFoundError:
            raise Postponed(self._command(name)) from None
        except OSError as error:
            raise _unusable(path, error) from error
        return outcomes

    def settle(self) -> None:
        """The files stay: they are the user's."""

    def _command(self, name: str) -> str:
        """What the user runs to have a file answered.

        vLLM writes answers as they come: only a complete output gets the name under which it is read.
        """
        asked, part, answered = (str(self._folder / f"{name}.{end}") for end in ("jsonl", "out.part", "out.jsonl"))
        run = shlex.join(["vllm", "run-batch", "-i", asked, "-o", part, "--model", self._model])
        return f"{run} && {shlex.join(['mv', part, answered])}"


def _keys_in(path: Path) -> Iterator[str]:
    with path.open("rb") as file:
        for line in file:
            found = _KEY.match(line)
            if found is not None:
                yield found[1].decode()


def _unusable(path: Path, error: OSError) -> UserError:
    return UserError(
        f"can't be used ({error.strerror or error}).", where=str(path), remedy="Mend it, and run it again."
    )

"""The piece of an iteration that a command of the user's own does: from rows to a chatbot that answers somewhere."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from proutt.errors import UserError
from proutt.experiments.chatbot import CHATBOT, told_in
from proutt.experiments.stage import Place

LOG = "command.log"


@dataclass(frozen=True)
class Commanded:
    """A training by the user's command: needs the rows, and the folder of the training that it goes on from.

    command  program and arguments, without a shell. In each stand for themselves {rows} (a file, TRL's form),
             {previous} (the folder of the training to go on from; first, the base's name), {out} and {iteration}
    base     the base's name

    The command writes `chatbot.json` into {out}. Killed before that, it is begun again with the same {out}.
    """

    command: tuple[str, ...]
    base: str
    iteration: int

    version = "1"
    results = (CHATBOT,)

    def settings(self) -> Mapping[str, Any]:
        return {"command": self.command, "base": self.base, "iteration": self.iteration}

    def do(self, place: Place) -> Mapping[str, Any]:
        rows, *previous = place.needs
        place.folder.mkdir(parents=True, exist_ok=True)
        said = {
            "rows": str((rows / "train.jsonl").resolve()),
            "previous": str(previous[0].resolve()) if previous else self.base,
            "out": str(place.folder.resolve()),
            "iteration": str(self.iteration),
        }
        log = place.folder / LOG
        code = _run(filled(self.command, said), log)
        if code:
            message = f"the training command ended with {code}."
            raise UserError(message, where=str(log), remedy="Mend what it says there.")
        return {"model": told_in(place.folder).model}


def _run(argv: list[str], log: Path) -> int:
    """The exit code. What the command says goes into the log."""
    with log.open("wb") as file:
        try:
            return subprocess.run(
                argv, stdout=file, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, check=False
            ).returncode
        except OSError as error:
            raise UserError(
                f"the training command cannot be run ({error.strerror}).",
                where=argv[0],
                remedy="Name a program that is there: curriculum: {command: [PROGRAM, ...]}.",
            ) from error


def filled(command: tuple[str, ...], said: Mapping[str, str]) -> list[str]:
    """The arguments with what is known put in, once: what a value holds is not looked at again; other braces stay."""
    known = re.compile("|".join(re.escape(f"{{{name}}}") for name in said))
    return [known.sub(lambda match: said[match[0][1:-1]], each) for each in command]

"""The command in this process: as `runs/command.py` runs it, but for the seconds that a new interpreter takes."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from unittest import mock

from proutt.cli import main
from runs.command import environment


def proutt(*arguments: object, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run it to its end. Not for what needs a process of its own: signals, kills."""
    order = ["proutt", *(str(each) for each in arguments)]
    said, complained = io.StringIO(), io.StringIO()
    code: object = 0
    with (
        mock.patch.object(sys, "argv", order),
        mock.patch.dict(os.environ, environment(**variables), clear=True),
        redirect_stdout(said),
        redirect_stderr(complained),
    ):
        try:
            main()
        except SystemExit as end:
            code = end.code
    return subprocess.CompletedProcess(order, int(str(code or 0)), said.getvalue(), complained.getvalue())

"""What processes of an audit begin with; in a module of its own, which they import by its name."""

from __future__ import annotations

import os
import signal

from proutt.quality.audit import CHECKS, Setup


def begin():
    """What a process makes for itself."""
    return Setup(), CHECKS


def killed():
    """A process that does not get to any row."""
    os.kill(os.getpid(), signal.SIGKILL)

"""A model server's keeper: runs a command and ends it, and all that it began, when who wanted it is gone.

    python -m proutt.llm.guard COMMAND...

Model servers begin processes of their own, and hold a GPU for as long as one of them lives. The keeper waits on its
standard input, which the operating system closes however the process at its other end has ended.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from typing import NoReturn

#: How long a server may take to end by itself, in seconds.
GRACE_S = 10.0


def main() -> NoReturn:
    process = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL, start_new_session=True)
    threading.Thread(target=_end_with_input, args=(process.pid,), daemon=True).start()
    code = process.wait()
    _signal(process.pid, signal.SIGKILL)  # what it began and left behind
    os._exit(code if code >= 0 else 128 - code)


def _end_with_input(group: int) -> None:
    sys.stdin.read()
    _signal(group, signal.SIGTERM)
    time.sleep(GRACE_S)
    _signal(group, signal.SIGKILL)


def _signal(group: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, number)


if __name__ == "__main__":
    main()

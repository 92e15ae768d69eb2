"""Where fetched files live, and how two processes keep out of each other's way there."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path


def cache_folder(environ: Mapping[str, str] = os.environ, *, platform: str = sys.platform) -> Path:
    """The cache: $PROUTT_CACHE, else `proutt` in the platform's cache folder. It may not exist yet."""
    if environ.get("PROUTT_CACHE"):
        return Path(environ["PROUTT_CACHE"]).expanduser()
    home = Path.home()
    if platform == "darwin":
        return home / "Library" / "Caches" / "proutt"
    if platform == "win32":
        return Path(environ.get("LOCALAPPDATA") or home / "AppData" / "Local") / "proutt"
    return Path(environ.get("XDG_CACHE_HOME") or home / ".cache") / "proutt"


@contextmanager
def sole(lock_file: Path) -> Iterator[None]:
    """Hold the lock file: a second process waits here. Where the system has no such locks, nobody waits.

    The operating system lets go of the lock when its holder ends, however it ends.
    """
    try:
        import fcntl
    except ImportError:
        yield
        return
    with lock_file.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(handle, fcntl.LOCK_UN)  # closing is not enough where a fork has inherited the file

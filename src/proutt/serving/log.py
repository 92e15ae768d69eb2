"""The log: one JSON object a line, to standard error. It holds no text of a dialogue, no key and no address."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

#: Takes an event's name and its facts.
Log = Callable[..., None]


def to_stderr(event: str, **facts: Any) -> None:
    """Write one line: when, what, and the facts that are not None."""
    line = {"at": datetime.now(UTC).isoformat(timespec="milliseconds"), "event": event}
    line |= {name: value for name, value in facts.items() if value is not None}
    print(json.dumps(line), file=sys.stderr, flush=True)


def silent(event: str, **facts: Any) -> None:
    """Log nothing."""

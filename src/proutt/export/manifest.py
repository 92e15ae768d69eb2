"""What an export says of itself: counts, hashes, how it was split, which models and prompts made it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from proutt.export.example import Example
from proutt.export.origin import Origin


@dataclass(slots=True)
class Tally:
    """What was seen on the way. Sums and small sets: of each dialogue no more than eight bytes are kept."""

    tokens: Callable[[str], int]
    read: int = 0
    exported: int = 0
    longest_tokens: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    rows: Counter[str] = field(default_factory=Counter)
    branches: Counter[str] = field(default_factory=Counter)
    languages: Counter[str] = field(default_factory=Counter)
    judges: set[str] = field(default_factory=set)
    origin: Origin = field(default_factory=Origin)
    dialogues: set[bytes] = field(default_factory=set)

    def count(self, key: str, example: Example) -> None:
        """An example that is exported; key names its dialogue."""
        texts, record = example.texts, example.record
        self.exported += 1
        self.dialogues.add(blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest())
        self.languages[texts.language or "unknown"] += 1
        prompt = sum(self.tokens(each.content) for each in texts.messages)
        answer = max(self.tokens(texts.chosen), self.tokens(texts.rejected or ""))
        self.longest_tokens = max(self.longest_tokens, prompt + answer)
        if record is None:
            return
        self.branches[record.branch] += 1
        self.judges.add(record.judge)
        self.origin.add(record)

    def as_json(self) -> dict[str, Any]:
        """The manifest's part about the examples. Lists are sorted: the same pairs give the same bytes."""
        return {
            "pairs": {
                "read": self.read,
                "exported": self.exported,
                "left_out": dict(sorted(self.left_out.items())),
            },
            "dialogues": len(self.dialogues),
            "branches": dict(sorted(self.branches.items())),
            "languages": dict(sorted(self.languages.items())),
            **self.origin.as_json(),
            "judges": sorted(self.judges),
        }

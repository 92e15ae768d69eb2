"""What an export says of itself: counts, hashes, how it was split, which models and prompts made it."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from proutt.export.example import Example


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
    methods: Counter[str] = field(default_factory=Counter)
    judges: set[str] = field(default_factory=set)
    settings: set[str] = field(default_factory=set)
    prompt_versions: set[str] = field(default_factory=set)
    models: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
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
        self.methods[record.method] += 1
        self.judges.add(record.judge)
        self.settings.add(json.dumps(record.settings, ensure_ascii=False, sort_keys=True))
        self.prompt_versions.add(record.prompt_version)
        for role, model in record.models.items():
            self.models[role].add(model)

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
            "methods": dict(sorted(self.methods.items())),
            "prompt_versions": sorted(self.prompt_versions),
            "models": {role: sorted(models) for role, models in sorted(self.models.items())},
            "judges": sorted(self.judges),
            "settings": [json.loads(each) for each in sorted(self.settings)],
        }

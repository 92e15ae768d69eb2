"""What made the rows of an export: methods, models, settings, prompts."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


class Made(Protocol):
    """What every record of synthesised data says of how it was made."""

    @property
    def method(self) -> str: ...
    @property
    def prompt_version(self) -> str: ...
    @property
    def models(self) -> Mapping[str, str]: ...
    @property
    def settings(self) -> Mapping[str, object]: ...


@dataclass(slots=True)
class Origin:
    """Counts and small sets over records; no record is kept."""

    methods: Counter[str] = field(default_factory=Counter)
    settings: set[str] = field(default_factory=set)
    prompt_versions: set[str] = field(default_factory=set)
    models: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def add(self, record: Made) -> None:
        self.methods[record.method] += 1
        self.settings.add(json.dumps(record.settings, ensure_ascii=False, sort_keys=True))
        self.prompt_versions.add(record.prompt_version)
        for role, model in record.models.items():
            self.models[role].add(model)

    def as_json(self) -> dict[str, Any]:
        """The manifest's part, sorted: the same records give the same bytes."""
        return {
            "methods": dict(sorted(self.methods.items())),
            "prompt_versions": sorted(self.prompt_versions),
            "models": {role: sorted(models) for role, models in sorted(self.models.items())},
            "settings": [json.loads(each) for each in sorted(self.settings)],
        }

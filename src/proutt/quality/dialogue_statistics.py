"""Statistics of SynPT's dialogues: how they end, how detailed their initial inquiries are, what they cost.

Pure and streaming: one pass, nothing kept but sums.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from proutt.methods.record import UsageRecord
from proutt.methods.synpt.record import SynPTDialogue
from proutt.quality.duplicates import units
from proutt.quality.intervals import wilson
from proutt.quality.statistics import Moments


@dataclass(slots=True)
class Range:
    """A stream of lengths: mean and standard deviation, the least and the most."""

    moments: Moments = field(default_factory=Moments)
    least: int | None = None
    most: int | None = None

    def add(self, value: int) -> None:
        self.moments.add(value)
        self.least = value if self.least is None else min(self.least, value)
        self.most = value if self.most is None else max(self.most, value)

    def as_json(self) -> dict[str, float | int | None]:
        return {
            "mean": round(self.moments.mean, 2),
            "sigma": round(self.moments.sigma, 2),
            "min": self.least,
            "max": self.most,
        }


@dataclass(slots=True)
class DialogueStatistics:
    """Of one task, or of all.

    chosen      how many intentions initial inquiries were to name (equation 10); null of methods that choose none
    given       how many the user had given when the first answer was thought out
    words       of initial inquiries; a Chinese character is a word. characters: the same in characters
    modules     tokens and calls by what was asked
    """

    dialogues: int = 0
    reluctant: int = 0
    flagged: int = 0
    again: int = 0
    turns: Range = field(default_factory=Range)
    words: Range = field(default_factory=Range)
    characters: Range = field(default_factory=Range)
    reply_characters: Range = field(default_factory=Range)
    languages: Counter[str] = field(default_factory=Counter)
    methods: Counter[str] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)
    flags: Counter[str] = field(default_factory=Counter)
    chosen: Counter[int] = field(default_factory=Counter)
    given: Counter[int] = field(default_factory=Counter)
    usage: Counter[str] = field(default_factory=Counter)
    modules: dict[str, Counter[str]] = field(default_factory=dict)

    def add(self, dialogue: SynPTDialogue) -> None:
        self.dialogues += 1
        self.reluctant += dialogue.reluctant
        self.flagged += bool(dialogue.flags)
        self.again += dialogue.attempts > 1
        self.turns.add(len(dialogue.turns))
        self.languages[dialogue.language] += 1
        self.methods[dialogue.method] += 1
        self.ends[dialogue.end] += 1
        self.flags.update(dialogue.flags)
        self._add_texts(dialogue)
        if dialogue.inquiry is not None:
            self.chosen[len(dialogue.inquiry)] += 1
        _add(self.usage, dialogue.usage)
        for module, usage in dialogue.usage_by_module.items():
            _add(self.modules.setdefault(module, Counter()), usage)

    def _add_texts(self, dialogue: SynPTDialogue) -> None:
        for turn in dialogue.turns[:1]:
            self.words.add(len(units(turn.user.utterance)))
            self.characters.add(len(turn.user.utterance))
            if turn.assistant.state is not None:
                self.given[len(turn.assistant.state.given)] += 1
        for turn in dialogue.turns:
            if turn.assistant.summary is None:
                self.reply_characters.add(len(turn.assistant.reply))

    @property
    def reluctant_interval(self) -> tuple[float, float]:
        """The 95% interval of the share of users who grow tired of questions (Wilson), 0..1."""
        return wilson(self.reluctant, self.dialogues)

    def as_json(self) -> dict[str, Any]:
        """Plain numbers; shares are 0..1, tokens of all dialogues and of one on average."""
        return {
            "dialogues": self.dialogues,
            "flagged": self.flagged,
            "made_again": self.again,
            "reluctant": self.reluctant,
            "reluctant_share": _share(self.reluctant, self.dialogues),
            "reluctant_interval": [round(each, 4) for each in self.reluctant_interval],
            "turns": self.turns.as_json(),
            "inquiry_words": self.words.as_json(),
            "inquiry_characters": self.characters.as_json(),
            "reply_characters": self.reply_characters.as_json(),
            "languages": dict(sorted(self.languages.items())),
            "methods": dict(sorted(self.methods.items())),
            "ends": dict(sorted(self.ends.items())),
            "flags": dict(sorted(self.flags.items())),
            "inquiry_sizes": {"chosen": dict(sorted(self.chosen.items())), "given": dict(sorted(self.given.items()))},
            "usage": _of_usage(self.usage, self.dialogues),
            "usage_by_module": {name: _of_usage(each, self.dialogues) for name, each in sorted(self.modules.items())},
        }


def dialogue_statistics(dialogues: Iterable[SynPTDialogue]) -> dict[str, DialogueStatistics]:
    """By task, in the order of being met, then over all dialogues under "all", which is there even for none."""
    tasks: dict[str, DialogueStatistics] = {}
    total = DialogueStatistics()
    for dialogue in dialogues:
        tasks.setdefault(dialogue.task, DialogueStatistics()).add(dialogue)
        total.add(dialogue)
    return {**tasks, "all": total}


def _add(total: Counter[str], usage: UsageRecord) -> None:
    total.update(usage.model_dump())


def _of_usage(total: Counter[str], dialogues: int) -> dict[str, float]:
    tokens = total["prompt_tokens"] + total["completion_tokens"]
    return {**dict(total), "tokens": tokens, "tokens_a_dialogue": round(tokens / dialogues, 1) if dialogues else 0.0}


def _share(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0

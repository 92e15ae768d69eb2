"""The visits on disk: one SQLite file in the output folder, written as things are said."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from proutt.web.arena.bots import Manner
from proutt.web.arena.visits import SIDES, Side, Utterance, Verdict, Visit, first_of
from proutt.web.database import Database

FILE = "arena.sqlite"

_TABLES = (
    "CREATE TABLE IF NOT EXISTS participants (participant INTEGER PRIMARY KEY, key TEXT NOT NULL UNIQUE)",
    """
CREATE TABLE IF NOT EXISTS said (
  participant INTEGER NOT NULL, side TEXT NOT NULL, at INTEGER NOT NULL, text TEXT NOT NULL, seconds REAL,
  PRIMARY KEY (participant, side, at))""",
    """
CREATE TABLE IF NOT EXISTS verdicts (
  participant INTEGER PRIMARY KEY, preferred TEXT NOT NULL, words TEXT NOT NULL)""",
)


def settings_of(
    names: Mapping[str, str], models: Mapping[str, str], manner: Manner, *, least_turns: int
) -> dict[str, Any]:
    """What is the same for all participants of an arena, by name. names, models: of a and b."""
    of_bots: dict[str, Any] = {side: {"name": names[side], "model": models[side]} for side in SIDES}
    return {**of_bots, **asdict(manner), "least_turns": least_turns}


class Store(Database):
    """One folder's visits, for this process alone until `close`."""

    def __init__(self, folder: Path, settings: Mapping[str, Any] | None = None) -> None:
        """Opens or begins it. settings: by `settings_of`; None: of an arena that was begun. Raises UserError."""
        super().__init__(folder / FILE, _TABLES, settings, verb="proutt arena")

    def invite(self, participants: int) -> dict[str, int]:
        """The key of each participant's link → their number, from 1. There are this many of them then, or more."""
        invited = len(self._keys())
        for number in range(invited + 1, participants + 1):
            self.write("INSERT INTO participants VALUES (?, ?)", number, secrets.token_urlsafe(24))
        return self._keys()

    def visits(self) -> dict[int, Visit]:
        """Every invited participant's visit as far as it has come, by number."""
        seed, greets = self.settings["seed"], not self.settings["plain"]
        found = {number: Visit(number, first_of(number, seed), greets) for number in self._keys().values()}
        for number, side, text, seconds in self.rows("SELECT participant, side, text, seconds FROM said ORDER BY at"):
            found[number].said[side].append(Utterance(text, seconds))
        for number, preferred, words in self.rows("SELECT participant, preferred, words FROM verdicts"):
            found[number].verdict = Verdict(json.loads(preferred), words)
        return found

    def say(self, visit: Visit, side: Side, utterance: Utterance) -> None:
        """What is said next in a chat; it is on disk when this returns."""
        values = (visit.participant, side, len(visit.said[side]), utterance.text, utterance.seconds)
        self.write("INSERT INTO said VALUES (?, ?, ?, ?, ?)", *values)
        visit.said[side].append(utterance)

    def judge(self, visit: Visit, verdict: Verdict) -> None:
        """A verdict; it is on disk when this returns."""
        preferred = json.dumps(dict(verdict.preferred))
        self.write("INSERT INTO verdicts VALUES (?, ?, ?)", visit.participant, preferred, verdict.words)
        visit.verdict = verdict

    def _keys(self) -> dict[str, int]:
        return dict(self.rows("SELECT key, participant FROM participants ORDER BY participant"))

"""What writing personas will take, before anything is spent; as `prediction/rehearsal.py` says it.

The rounds that it takes where nobody is refused are rehearsed, with the briefs that the run will draw and with made-up
people. How many of a model's people are refused nobody knows before.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from proutt.llm import ModelSpec
from proutt.prediction.estimate_like import Measures, measures_of, refuse_other
from proutt.prediction.rehearsal import Rehearsal, estimated, profile_of
from proutt.prompts import Role
from proutt.prompts.personas.brief import Brief, Sketch, word_bounds
from proutt.runs.estimate import Estimate
from proutt.runs.estimate_amounts import Table, scaled
from proutt.runs.estimate_answers import Course
from proutt.runs.estimate_rehearsal import StandIn
from proutt.runs.estimate_sample import EXACT
from proutt.runs.journal import Journal
from proutt.runs.prices import Price
from proutt.simulation.upc.casting import Cast
from proutt.simulation.upc.generating import briefs_of, kept_in, most_rounds, question
from proutt.simulation.upc.generating_config import GeneratingConfig
from proutt.simulation.upc.occupations import OccupationGroup, drawn_groups

#: What must be the same for a run to tell of another.
_SAME = ("language", "per_call", "small_steps")
#: Rounds as expected, as a multiple of the least: one person in five is refused. Not measured.
EXPECTED = 1.25
#: Words (characters) of a career, an education, a personality, hobbies.
_PART = {"en": 8, "zh": 14}
#: A word (character) like most.
_WORD = {"en": "workers ", "zh": "人"}


@dataclass(frozen=True, slots=True)
class Round:
    """A round of a group: the places that it fills; those before them are filled."""

    group: OccupationGroup
    slots: tuple[int, ...]


def estimate(
    config: GeneratingConfig,
    *,
    prices: Mapping[str, Price] | None = None,
    like: Journal | None = None,
    exact: int = EXACT,
) -> Estimate:
    """What the run will take: `estimated`, over the least rounds of its groups; `dialogues` counts these.

    Raises UserError as `estimated` does.
    """
    decided = config.resolved()
    rehearsal = _Rehearsal(decided, profile_of(small=bool(decided.small_steps)))
    groups = drawn_groups(decided.groups, decided.seed)
    rounds = (each for group in groups for each in _rounds(group, decided.each, decided.per_call or 1))
    return estimated(rehearsal, rounds, prices=prices, like=like, exact=exact)


def _rounds(group: OccupationGroup, people: int, at_once: int) -> list[Round]:
    """The rounds that so many people take at least."""
    slots = range(1, people + 1)
    return [Round(group, tuple(slots[at : at + at_once])) for at in range(0, people, at_once)]


@dataclass(frozen=True)
class _Rehearsal(Rehearsal[GeneratingConfig, Round, Round]):
    """Rounds, rehearsed."""

    about = "Prompts are the real ones of these groups, with the briefs that are drawn; names and people are made up."
    nouns = ("rounds", "rounds", "rounds")

    @property
    def specs(self) -> dict[Role, ModelSpec]:
        return {Role.USER_AGENT: self.config.model_of_all}

    def cases(self, given: Round) -> tuple[Round]:
        return (given,)

    async def case(self, case: Round, ask: StandIn) -> None:
        language = self.config.language
        briefs = briefs_of(self.config, case.group)
        cast = Cast(language, briefs, len(case.slots))
        before = (slot for slot in briefs if slot < case.slots[0])
        cast.kept.update((slot, (1, _made_up(briefs[slot], language, ask))) for slot in before)
        people = [_made_up(briefs[slot], language, ask) for slot in case.slots]
        said: dict[str, Any] = {"people": [asdict(each) for each in people]}
        if self.config.small_steps:  # of its parts the background is put together
            said = {"name": people[0].name, "job": people[0].career, "parts": people[0].background}
        ask.count_step(question(self.config, case.group, cast, case.slots), json.dumps(said, ensure_ascii=False))

    def bounded(self, tables: dict[Course, Table]) -> dict[Course, Table]:
        most = most_rounds(self.config) / self._least
        return {**tables, "expected": scaled(tables["expected"], EXPECTED), "high": scaled(tables["high"], most)}

    @property
    def _least(self) -> int:
        return -(-self.config.each // (self.config.per_call or 1))

    def measures(self, like: Journal) -> Measures:
        made = {key: value for key, value in (like.config() or {}).items() if key in GeneratingConfig.model_fields}
        refuse_other(like, self.config, _SAME, made=_grown(like), verb="personas generate", what="round")
        kept = kept_in(like, GeneratingConfig.model_validate(made))
        at_once = self.config.per_call or 1
        rounds = [each for group, people in kept.items() for each in _rounds(group, people, at_once)]
        refuse_other(like, self.config, _SAME, made=len(rounds), verb="personas generate", what="person")
        return measures_of(like, self.of(rounds), cases=len(rounds), model=str(made["model"]), made_up_for=True)

    def unmeasured(self) -> Iterator[str]:
        least, most = word_bounds(self.config.language)
        yield (
            f"Expected: backgrounds of {(least + most) // 2} words (characters), rounds asked again as often as steps "
            f"measured on {self.profile.basis}; and that one person in five is refused, which was not measured. A run "
            "measures it: --groups 2 --out PILOT, then --dry-run --like PILOT, then --reuse PILOT."
        )
        yield (
            f"Low: nobody is refused, backgrounds of {least}. High: every place is asked for as often as it may be, "
            f"{most_rounds(self.config)} rounds of a group in place of {self._least}, backgrounds of {most}."
        )


def _grown(journal: Journal) -> int:
    return sum(1 for _ in journal.items("grown"))


def _made_up(brief: Brief, language: str, ask: StandIn) -> Sketch:
    """Somebody of the length that the course expects."""
    least, most = word_bounds(language)
    words = {"expected": (least + most) // 2, "high": most}.get(ask.course, least)
    part = _WORD[language] * _PART[language]
    name = f"{brief.family}{brief.given}" if language == "zh" else f"{brief.given}aria {brief.family}olsen"
    return Sketch(name, part, part, part, part, _WORD[language] * words)

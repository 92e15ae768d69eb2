"""Controls: what scores say of suggestions that can't be good, beside those of the systems.

    copy-last-utterance  the last user utterance again
    random-candidate     suggestions that a system made for another dialogue of the language
    shuffled-labels      each system's own suggestions against the truth of another dialogue of the language

A best of four gains from judging noise alone; the last two show how much. The fourth control, length-only, needs no
judging: `pointwise.longer_is_better`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random

from proutt.evaluation.cases import Case, CaseKey, System

COPY, RANDOM, SHUFFLED = "copy-last-utterance", "random-candidate", "shuffled-labels"
CONTROLS = (COPY, RANDOM, SHUFFLED)
#: What names of controls begin with, where systems' names stand.
MARK = "control: "


def copied(cases: Sequence[Case]) -> System:
    """Suggests what the user has just said."""
    return System(MARK + COPY, [{case.key: (case.context.turns[-1].user,) for case in cases}])


def strangers(cases: Sequence[Case], systems: Mapping[str, System], seed: int) -> System:
    """Suggests, as many as the systems do, what they suggest for other dialogues of the same language."""
    names, by_language = sorted(systems), _by_language(cases)
    found: dict[CaseKey, tuple[str, ...]] = {}
    for case in cases:
        rng = Random(f"{seed}/{case.place}/random-candidate")
        most = max(len(run.get(case.key, ())) for system in systems.values() for run in system.runs)
        said: list[str] = []
        for _ in range(4 * most):
            other = _stranger(case, by_language, rng)
            texts = () if other is None else systems[rng.choice(names)].runs[0].get(other.key, ())
            if texts and len(said) < most:
                said.append(rng.choice(texts))
        if said:
            found[case.key] = tuple(said)
    return System(MARK + RANDOM, [found])


def shuffled(system: System, truths: Mapping[CaseKey, str]) -> System:
    """The system's own suggestions, for the cases that have another's truth."""
    runs = [{key: texts for key, texts in run.items() if key in truths} for run in system.runs]
    return System(f"{MARK}{SHUFFLED} {system.name}", runs, system.models)


def shuffled_truths(cases: Sequence[Case], seed: int) -> dict[CaseKey, str]:
    """Case → the truth of a case of another dialogue of its language; cases that have no such other are left out."""
    by_language = _by_language(cases)
    found = {case: _stranger(case, by_language, Random(f"{seed}/{case.place}/shuffled")) for case in cases}
    return {case.key: other.truth for case, other in found.items() if other is not None}


def _by_language(cases: Sequence[Case]) -> dict[str, list[Case]]:
    found: dict[str, list[Case]] = {}
    for case in cases:
        found.setdefault(case.context.language, []).append(case)
    return found


def _stranger(case: Case, by_language: Mapping[str, Sequence[Case]], rng: Random) -> Case | None:
    """A case of another dialogue of the same language; None where there is none."""
    of_language, own = by_language[case.context.language], case.context.dialogue_id
    for _ in range(20):  # nearly all are of others: this ends at once
        other = rng.choice(of_language)
        if other.context.dialogue_id != own:
            return other
    others = [each for each in of_language if each.context.dialogue_id != own]
    return rng.choice(others) if others else None


def is_control(system: str) -> bool:
    return system.startswith(MARK)

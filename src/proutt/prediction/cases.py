"""Which test cases a dialogue makes. Pure."""

from __future__ import annotations

from random import Random
from typing import Literal, get_args

from proutt.dialogue import Dialogue
from proutt.prediction.record import TestCase

#: all: every K with a next utterance; last: the last such K; random: one of them, keyed by the dialogue; next: after
#: the whole dialogue, where nobody knows what came.
Turns = Literal["all", "last", "random", "next"]
TURNS: tuple[Turns, ...] = get_args(Turns)


def selected(dialogue: Dialogue, turns: Turns, seed: int) -> tuple[int, ...]:
    """The K of a dialogue's test cases, from 1; none where it has no such K."""
    ks = tuple(dialogue.ks)
    if turns == "next":
        return (len(dialogue.turns),) if dialogue.turns else ()
    if turns == "all" or not ks:
        return ks
    if turns == "last":
        return ks[-1:]
    return (Random(f"{seed}/{dialogue.id}/turn").choice(ks),)


def case_of(dialogue: Dialogue, k: int) -> TestCase:
    """D^(K) and, where the dialogue tells it, u_{K+1}."""
    truth = dialogue.next_utterance(k) if k in dialogue.ks else None
    return TestCase(dialogue.context(k), truth, dialogue.source)

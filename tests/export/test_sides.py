"""No dialogue, and no near-duplicate of one, is on both sides of a split."""

from __future__ import annotations

import random
from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from proutt.export.example import example_of
from proutt.export.reading import Message, TextPair
from proutt.export.sides import LONG_TURN, Sides, said_by
from proutt.export.split import Split
from proutt.methods.record import ContextRecord, PreferencePair, TurnRecord
from records import a_pair

HALVES = Split((0.5, 0.5), seed=3)


def talk(seed: int, turns: int = 3, words: int = 40) -> list[tuple[str, str]]:
    """A dialogue of words that no other has."""
    chance = random.Random(seed)
    return [
        tuple(" ".join(f"w{seed}x{chance.randrange(500)}" for _ in range(words)) for _ in range(2))
        for _ in range(turns)
    ]


def pair(dialogue_id: str, turns: Sequence[tuple[str, str]]) -> PreferencePair:
    said = [TurnRecord(user=user, assistant=assistant) for user, assistant in turns]
    return a_pair(dialogue_id=dialogue_id, k=len(turns), context=ContextRecord(turns=said))


def sides_of(*pairs: PreferencePair | TextPair, split: Split = HALVES) -> tuple[dict[str, str], dict]:
    """Each dialogue's part, and the summary."""
    sides = Sides(split)
    for each in pairs:
        example = example_of(each)
        sides.add(str(example.texts.dialogue_id), example)
    return {str(each.dialogue_id): sides.part_of(str(each.dialogue_id)) for each in pairs}, sides.summary()


def altered(turns: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """The same dialogue with one word of each utterance written anew."""
    return [tuple(f"{text.rsplit(' ', 1)[0]} else" for text in turn) for turn in turns]


def on_another_side(than: str) -> str:
    """An id whose own part is another than this dialogue's."""
    return next(f"copy{number}" for number in range(100) if HALVES.part_of(f"copy{number}") != HALVES.part_of(than))


def test_a_copy_goes_where_the_first_one_goes():
    """By its own id it would be on the other side."""
    copy = on_another_side("first")
    parts, summary = sides_of(pair("first", talk(1)), pair(copy, altered(talk(1))), pair("other", talk(2)))
    assert parts[copy] == parts["first"] == HALVES.part_of("first")
    assert parts["other"] == HALVES.part_of("other")
    assert (summary["groups"], summary["dialogues"]) == (1, 2)


def test_the_longest_context_speaks_for_a_dialogue():
    """Pairs of every K come one after the other; it is the whole of each dialogue that is compared."""
    copy = on_another_side("first")
    first = [pair("first", talk(1)[:k]) for k in (1, 2, 3)]
    again = [pair(copy, altered(talk(1))[:k]) for k in (1, 2, 3)]
    parts, _ = sides_of(*first, *again)
    assert parts[copy] == parts["first"]


def test_a_copy_of_the_beginning_is_a_copy():
    """Its contexts are the other's for small K, though the whole is much longer."""
    copy = on_another_side("first")
    parts, _ = sides_of(pair("first", talk(1, turns=8)), pair(copy, talk(1, turns=8)[:1]))
    assert parts[copy] == parts["first"]


def test_a_greeting_joins_nothing():
    """A short first turn that many dialogues share says nothing about the rest."""
    greeting = [("hello", "Hello! How can I help you today?")]
    assert len(" ".join(greeting[0]).split()) < LONG_TURN
    many = [pair(f"d{number}", greeting + talk(number)) for number in range(20)]
    parts, summary = sides_of(*many)
    assert summary["groups"] == 0
    assert parts == {each: HALVES.part_of(each) for each in parts}


def test_a_chain_of_near_duplicates_is_one_group():
    """Each is near the next, the first and the last are not near each other, and all are on the first one's side."""
    chain = [talk(1)]
    for number in range(4):
        turns = [list(turn) for turn in chain[-1]]
        kept = turns[number // 2][number % 2].split()[:20]
        turns[number // 2][number % 2] = " ".join([*kept, *(f"n{number}x{place}" for place in range(20))])
        chain.append([tuple(turn) for turn in turns])
    pairs = [pair(f"d{number}", turns) for number, turns in enumerate(chain)]
    parts, summary = sides_of(*pairs)
    assert (summary["groups"], summary["dialogues"]) == (1, 5)
    assert set(parts.values()) == {HALVES.part_of("d0")}
    assert sides_of(pairs[0], pairs[-1])[1]["groups"] == 0


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 12), st.integers(0, 12), st.integers(0, 5))
def test_a_dialogue_stays_on_its_side_as_the_data_grows(count, more, seed):
    """More dialogues move none of those that were there, unless one of them joins two groups."""
    split = Split((0.7, 0.3), seed)
    before, _ = sides_of(*(pair(f"d{number}", talk(number, 2, 12)) for number in range(count)), split=split)
    after, _ = sides_of(*(pair(f"d{number}", talk(number, 2, 12)) for number in range(count + more)), split=split)
    assert {key: after[key] for key in before} == before


def test_an_instruction_is_no_part_of_a_dialogue():
    """All prompts begin with the same instruction: were it compared, all dialogues would be one."""
    texts = [example_of(pair(f"d{number}", talk(number))).texts for number in range(10)]
    assert said_by(example_of(texts[0])) == said_by(example_of(pair("d0", talk(0))))
    assert sides_of(*texts)[1]["groups"] == 0


def test_a_prompt_of_messages_is_compared_without_its_system_message():
    """What everybody is told first makes no two dialogues alike."""
    system = Message("system", " ".join(f"rule{place}" for place in range(300)))
    rows = [
        TextPair(f"r{number}", "f:1", (system, *(Message("user", text) for turn in talk(number) for text in turn)), "a")
        for number in range(5)
    ]
    sides = Sides(HALVES)
    for number, each in enumerate(rows):
        sides.add(f"row {number}", example_of(each))
    assert sides.summary()["groups"] == 0

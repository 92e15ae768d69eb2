"""Rows that are there twice, and splits that leak."""

from __future__ import annotations

from dataclasses import replace

from proutt.dialogue import Context, Turn
from proutt.quality.audit import Side, Subject
from quality.audit.pairs import flags_of


def row(number: int, dialogue: str | None, said: str, *, part: str | None = None, k: int = 1) -> Subject:
    turns = tuple(Turn(f"{said} {each}", f"Answer {each} to {said}.") for each in range(k))
    context = Context(dialogue or "", "en", turns, None)
    return Subject(str(number), f"f:{number}", "P", Side("C"), Side("R"), part, dialogue, "en", context)


def text(start: int) -> str:
    """Sixty words; those of different starts share none."""
    return " ".join(f"word{start}x{at}" for at in range(60))


def test_a_repeated_row_is_found_under_another_id():
    """The second one is flagged, and names the first."""
    rows = [row(1, "a", text(1)), row(2, "b", text(2)), row(3, "c", text(1) + " indeed")]
    (flag,) = flags_of(*rows, only=["near-duplicates"])
    assert (flag.id, flag.reason, flag.evidence) == ("3", "it reads like row 1", "f:1")


def test_rows_of_one_dialogue_are_no_duplicates():
    """K = 1, 2, ... share their beginning on purpose, with a dialogue id or without one."""
    known = [row(k, "a", text(1), k=k) for k in range(1, 6)]
    unknown = [replace(each, dialogue_id=None) for each in known]
    assert flags_of(*known, only=["near-duplicates"]) == []
    assert flags_of(*unknown, only=["near-duplicates"]) == []


def test_the_same_row_twice_is_found():
    """One id, one text."""
    assert len(flags_of(row(1, "a", text(1)), row(1, "a", text(1)), only=["near-duplicates"])) == 1


def test_a_dialogue_in_two_parts_is_found():
    """By its id, or by how it begins."""
    rows = [row(1, "a", text(1), part="train"), row(2, "a", text(1), part="test", k=2)]
    assert [flag.id for flag in flags_of(*rows, only=["dialogue-in-two-parts"])] == ["2"]
    nameless = [replace(each, dialogue_id=None) for each in rows]
    assert [flag.id for flag in flags_of(*nameless, only=["dialogue-in-two-parts"])] == ["2"]


def test_a_near_duplicate_in_another_part_is_found():
    """Under another id; within one part it is the other check's matter."""
    rows = [row(1, "a", text(1), part="train"), row(2, "b", text(1) + " now", part="train")]
    test = row(3, "c", text(1) + " then", part="test")
    (flag,) = flags_of(*rows, test, only=["split-near-duplicates"])
    assert (flag.id, "in train" in flag.reason) == ("3", True)


def test_data_that_is_not_split_has_no_parts_to_compare():
    """Nothing is flagged, and nothing passed: not applicable."""
    rows = [row(1, "a", text(1)), row(2, "b", text(1))]
    assert flags_of(*rows, only=["split-near-duplicates", "dialogue-in-two-parts"]) == []

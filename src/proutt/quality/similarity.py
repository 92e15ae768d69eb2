"""How alike two texts are, letter by letter: normalised edit similarity.

The distance is Levenshtein's (insert, delete, replace), computed a column at a time with the bits of one large integer
(Myers 1999, in Hyyrö's form): quick without a library, some milliseconds for two texts of 2,000 characters.
"""

from __future__ import annotations

from collections import Counter
from functools import lru_cache


@lru_cache(maxsize=16)  # several checks ask for the same two texts
def edit_distance(one: str, other: str) -> int:
    """The fewest single-character insertions, deletions and replacements that turn one text into the other."""
    a, b = _without_common_ends(one, other)
    if not a or not b:
        return len(a) + len(b)
    if len(a) < len(b):
        a, b = b, a
    return _distance(a, b)


def _without_common_ends(one: str, other: str) -> tuple[str, str]:
    start = common_prefix(one, other)
    one, other = one[start:], other[start:]
    end = common_prefix(one[::-1], other[::-1])
    return one[: len(one) - end], other[: len(other) - end]


def common_prefix(one: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    low, high = 0, min(len(one), len(other))
    while low < high:  # slices compare quickly: halve
        middle = (low + high + 1) // 2
        if one[:middle] == other[:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _distance(pattern: str, text: str) -> int:
    """Bit i of `up` (`down`) says that the column's value rises (falls) by one from row i to row i + 1."""
    rows = len(pattern)
    full, last = (1 << rows) - 1, 1 << (rows - 1)
    places: dict[str, int] = {}
    for row, char in enumerate(pattern):
        places[char] = places.get(char, 0) | (1 << row)
    up, down, distance = full, 0, rows
    for char in text:
        same = places.get(char, 0)
        along = same | down
        level = (((same & up) + up) ^ up) | same
        rise, fall = down | (full & ~(level | up)), up & level
        if rise & last:
            distance += 1
        elif fall & last:
            distance -= 1
        rise, fall = ((rise << 1) | 1) & full, (fall << 1) & full
        up, down = fall | (full & ~(along | rise)), rise & along
    return distance


def similarity(one: str, other: str) -> float:
    """1 minus the edit distance over the longer length, 0..1; two empty texts are the same (1)."""
    longest = max(len(one), len(other))
    return 1 - edit_distance(one, other) / longest if longest else 1.0


def alike(one: str, other: str, least: float) -> bool:
    """Whether the similarity is at least `least`; texts that cannot reach it are told by lengths and letters alone."""
    longest = max(len(one), len(other))
    if not longest:
        return True
    most_edits = (1 - least) * longest + 1e-9
    if abs(len(one) - len(other)) > most_edits:
        return False
    shared = (Counter(one) & Counter(other)).total()
    return longest - shared <= most_edits and edit_distance(one, other) <= most_edits

"""Near-duplicates are found whatever their length and script, the same in every process, with bounded memory."""

from __future__ import annotations

import random
import subprocess
import sys
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from proutt.quality.duplicates import BUCKET_LIMIT, FUNCTIONS, GRAM, Groups, NearDuplicates, signature, units

WORDS = [f"w{number}" for number in range(2000)]
CHARACTERS = [chr(0x4E00 + number) for number in range(2000)]


def words(count: int, chance: random.Random) -> list[str]:
    return [chance.choice(WORDS) for _ in range(count)]


def changed(text: list[str], count: int, chance: random.Random, of: list[str] = WORDS) -> list[str]:
    """The text with `count` of its places written anew."""
    places = set(chance.sample(range(len(text)), count))
    return [chance.choice(of) if place in places else each for place, each in enumerate(text)]


def jaccard(one: str, other: str) -> float:
    """The true similarity of two texts' sets of 5-grams, counted."""
    first, second = (
        {tuple(own[at : at + GRAM]) for at in range(len(own) - GRAM + 1)} for own in map(units, (one, other))
    )
    return len(first & second) / len(first | second)


def found(threshold: float, one: str, other: str) -> bool:
    index = NearDuplicates(threshold)
    index.add("one", one)
    return index.near(other) == "one"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It's 3 p.m., Lyon!", ["it", "s", "3", "p", "m", "lyon"]),
        ("去北京Hotel吧", ["去", "北", "京", "hotel", "吧"]),
        ("ひらカタ", ["ひ", "ら", "カ", "タ"]),
        ("ＡＢ ｃ", ["ab", "c"]),
        ("… _ —", []),
    ],
)
def test_units_are_words_or_characters(text, expected):
    """Words where words are spaced, characters where they are not; case, width and marks don't count."""
    assert units(text) == expected


def test_the_estimate_is_that_of_256_functions():
    """Without bias, and with the standard error that 256 functions have: at most 0.03."""
    chance, errors = random.Random(1), []
    for _ in range(100):
        text = words(chance.randint(40, 400), chance)
        one, other = " ".join(text), " ".join(changed(text, chance.randint(0, len(text) // 10), chance))
        same = float((signature(one) == signature(other)).mean())
        errors.append((same - 1 / 256) / (1 - 1 / 256) - jaccard(one, other))
    assert abs(np.mean(errors)) < 0.01
    assert np.std(errors) < 0.035


@pytest.mark.parametrize("threshold", [0.5, 0.7, 0.8, 0.9])
def test_what_is_clearly_near_is_found_and_what_is_clearly_not_is_not(threshold):
    """More than three standard errors from the threshold no text is on the wrong side of it."""
    chance = random.Random(2)
    for _ in range(60):
        text = words(120, chance)
        one, other = " ".join(text), " ".join(changed(text, chance.randint(0, 18), chance))
        similarity = jaccard(one, other)
        if abs(similarity - threshold) > 0.09:
            assert found(threshold, one, other) == (similarity > threshold), similarity


def test_chinese_is_compared_by_characters():
    """A few other characters in a text without any space leave it near; another text is not."""
    chance = random.Random(3)
    text = [chance.choice(CHARACTERS) for _ in range(300)]
    assert found(0.7, "".join(text), "".join(changed(text, 8, chance, CHARACTERS)))
    assert not found(0.7, "".join(text), "".join(chance.sample(CHARACTERS, 300)))


@given(st.text(), st.floats(0.01, 1))
def test_a_text_is_near_itself(text, threshold):
    """Whatever it is: empty, one word, odd characters."""
    assert found(threshold, text, text)


@given(st.text(alphabet="ab \n", max_size=20), st.text(alphabet="ab \n", max_size=20))
def test_a_short_text_is_near_only_the_same_words(one, other):
    """Fewer than five units have no 5-gram, so they are compared as a whole."""
    if len(units(one)) < GRAM and len(units(other)) < GRAM:
        assert found(0.7, one, other) == (units(one) == units(other))


def test_the_earliest_near_text_is_named():
    """`add` names it and keeps the new text as well; `near` keeps nothing."""
    chance = random.Random(4)
    text, far = " ".join(words(100, chance)), " ".join(words(100, chance))
    index = NearDuplicates(0.8)
    assert index.add("far", far) is None
    assert index.add("first", text) is None
    assert index.add("second", text) == "first"
    assert index.near(text) == "first"
    assert index.add_linked("third", text) == ["first", "second"]
    assert len(index) == 4


def test_a_chain_is_found_link_by_link():
    """A text near two that are not near each other names both, so that a group can be closed."""
    chance = random.Random(5)
    middle = words(100, chance)
    one = " ".join(changed(middle[:50], 2, chance) + middle[50:])
    other = " ".join(middle[:50] + changed(middle[50:], 2, chance))
    index = NearDuplicates(0.75)
    assert index.add("one", one) is None
    assert index.add("other", other) is None
    assert index.add_linked("middle", " ".join(middle)) == ["one", "other"]


def test_texts_are_found_among_many():
    """Growing loses nothing: each of a thousand texts is found by a near copy, and no other."""
    chance = random.Random(6)
    texts = [words(60, chance) for _ in range(1000)]
    index = NearDuplicates(0.7)
    for number, text in enumerate(texts):
        assert index.add(f"d{number}", " ".join(text)) is None
    for number in range(0, 1000, 7):
        assert index.near(" ".join(changed(texts[number], 1, chance))) == f"d{number}"


def test_thousands_of_the_same_text_stay_cheap():
    """No more than a bucket's first texts are compared, and the earliest is still the one named."""
    index, text = NearDuplicates(0.7), " ".join(WORDS[:50])
    for number in range(500):
        named = index.add_linked(f"d{number}", text)
        assert named[:1] == (["d0"] if number else [])
        assert len(named) <= BUCKET_LIMIT
    assert index.near(text) == "d0"


def test_another_process_finds_the_same():
    """No hash that Python salts, no chance: signatures are the same bytes everywhere."""
    text = "to be or not to be, that is the question 那是个问题"
    code = f"from proutt.quality.duplicates import signature; print(signature({text!r}).tobytes().hex())"
    done = [
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": seed}
        ).stdout.strip()
        for seed in ("1", "2")
    ]
    assert done == [signature(text).tobytes().hex()] * 2
    assert len(done[0]) == 2 * FUNCTIONS


def test_memory_is_bounded_for_each_text():
    """Under 2 KB a text, however long the texts are."""
    chance = random.Random(7)
    index = NearDuplicates(0.7)
    index.add("warm", " ".join(words(2000, chance)))
    tracemalloc.start()
    try:
        for number in range(1000):
            index.add(f"d{number}", " ".join(words(300, chance)))
        assert tracemalloc.get_traced_memory()[0] / 1000 < 2000
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("threshold", [0, -1, 1.1, float("nan")])
def test_a_threshold_is_a_share(threshold):
    """Anything else is a bug of the caller."""
    with pytest.raises(ValueError, match="threshold"):
        NearDuplicates(threshold)


@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12))))
def test_groups_are_what_joins_reach(joins):
    """Two keys are in one group exactly where a chain of joins leads from one to the other; its first key names it."""
    groups, expected = Groups(), {number: {number} for number in range(13)}
    for number in range(13):
        groups.add(str(number))
    for one, other in joins:
        groups.join(str(one), str(other))
        union = expected[one] | expected[other]
        expected.update(dict.fromkeys(union, union))
    for number in range(13):
        assert groups.first(str(number)) == str(min(expected[number]))
    sizes = {str(min(each)): len(each) for each in expected.values() if len(each) > 1}
    assert groups.together() == sizes
    assert groups.first("unknown") == "unknown"

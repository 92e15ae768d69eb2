"""When two texts give the same value, and when a text says one."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from proutt.intent.task import IntentionType, Task
from proutt.intent.values import agrees, same_value, says, states, states_no_preference

EN = Task("trip", "en", (IntentionType("city", "City", ""),), "any", 5, 1.0)
ZH = Task("旅行", "zh", (IntentionType("city", "城市", ""),), "不限", 5, 1.0)

#: Letters and digits of both languages: what values are made of, without what parts them.
words = st.text(st.sampled_from("abcXYZ 北京天深圳上海0123456789"), min_size=1).filter(str.strip)


@given(st.text())
@example("和")
@example("10,000 元")
@example("́")
def test_every_text_gives_the_value_that_it_gives(text):
    """Reflexive."""
    assert same_value(text, text)


@given(st.text(), st.text())
def test_it_does_not_matter_which_of_two_texts_comes_first(one, other):
    """Symmetric."""
    assert same_value(one, other) == same_value(other, one)


@given(words)
def test_a_text_says_what_it_is(text):
    """And goes on doing so within a sentence."""
    assert says(text, text)
    assert says(f"( {text} )", text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Beijing.", "beijing"),
        ("10,000元", "1万元"),
        ("两天", "2天"),
        ("photography, food", "food and photography"),
        ("摄影，美食", "美食、摄影"),
        ("５０００", "5k"),
        ("2025-02-25", "2025年2月25日"),
        ("2025/2/25", "2025-02-25"),
        ("9月19日-9月25日", "9月19日到9月25日"),
        ("June 12 - June 16", "june 12 to June 16"),
        ("06:00-12:00", "06:00 to 12:00"),
        ("4 days", "4days"),
        ("10,000 元", "1万元"),
        ("和朋友", "朋友"),
        ("with friends", "friends"),
    ],
)
def test_spelling_makes_no_other_value(one, other):
    """Case, width, punctuation, numerals, order."""
    assert same_value(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("3 days", "13 days"),
        ("Beijing", "Nanjing"),
        ("1.5", "15"),
        ("和平饭店", "平饭店"),
        ("food", "food, music"),
        ("2025-02-25", "2025-02-26"),
    ],
)
def test_other_values_are_told_apart(one, other):
    """Also where one is a part of the other."""
    assert not same_value(one, other)


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ("我想去北京玩", "北京", True),
        ("预算1万元", "10000元", True),
        ("13 days", "3 days", False),
        ("food, then some photography", "photography, food", True),
        ("only food", "photography, food", False),
        ("火车票，2025-02-25，06:00-12:00", "2025-02-25", True),
        ("火车票，2025-02-25，06:00-12:00", "06:00-12:00", True),
        ("1,500 euros", "1500 euros", True),
        ("12,3456", "123456", False),
        ("on 2026-07-18 between 06:00-12:00 in first class", "2026-07-18", True),
        ("on 2026-07-18 between 06:00-12:00 in first class", "06:00-12:00", True),
        ("for 4 of us", "4", True),
        ("3.5 stars", "3", False),
        ("anything", "", False),
    ],
)
def test_a_text_says_a_value_where_all_its_parts_stand_in_it(text, value, expected):
    """A number is no part of a larger one."""
    assert says(text, value) is expected


@pytest.mark.parametrize(
    "text", ["I don't mind", "No particular preference.", "whatever", "It doesn’t matter", "I'm flexible", "any"]
)
def test_no_preference_has_many_words(text):
    """English ones; a value of a seed that says so is stated by any of them."""
    assert states_no_preference(EN, text)
    assert states(EN, text, "any")


@pytest.mark.parametrize("text", ["不限", "都可以的", "价格无所谓", "没什么特别要求", "没有预算限制", "您看着安排就好"])
def test_so_it_has_in_chinese(text):
    """As users put it."""
    assert states(ZH, text, "不限")


@pytest.mark.parametrize(
    ("task", "text"), [(EN, "Lyon, please"), (EN, "at most 50 euros"), (ZH, "我要去北京"), (ZH, "预算5000元")]
)
def test_a_preference_is_not_taken_for_none(task, text):
    """Nor is a plain value stated by it."""
    assert not states_no_preference(task, text)
    assert not states(task, text, task.any_value)


def test_no_preference_agrees_in_other_words_and_with_no_value():
    """Of the truth "any": its synonyms. Of a value: only itself."""
    assert agrees(EN, "no preference", "any")
    assert agrees(ZH, "随便", "不限")
    assert not agrees(EN, "any", "Lyon")
    assert not agrees(EN, "Lyon", "any")
    assert agrees(EN, "lyon.", "Lyon")

"""Whether two texts give the same value of an intention: "10,000 元" and "1万", "Beijing" and "beijing." do.

By rules alone, so that it is the same for every method that is measured. A value in other words ("with children" for
"family trip") is another value here; who needs it to count must say it in the user's words, as SynPT's agents do.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from proutt.intent.task import Task

#: Chinese numerals of ten thousand and a hundred million, thousands in Latin script.
_SCALES = {"万": 10_000, "亿": 100_000_000, "k": 1_000, "千": 1_000}
#: A comma belongs to a number before three digits alone: "1,500", not "2025-02-25,06:00".
_NUMBER = re.compile(
    r"((?:\d{1,3}(?:[,，]\d{3})+(?!\d)|\d+)(?:\.\d+)?)(?:\s*([万亿千]|k(?![a-z])))?(\s*)", re.IGNORECASE
)
#: From one day or hour to another: "6月1日到6月3日", "June 1 to June 3", "06:00 – 12:00".
_RANGE = re.compile(r"(?<=[\d日号月点])(?:\s+(?:to|till|until)\s+|\s*(?:到|至|~|-|–|—)\s*)(?=(?:[a-z]{3,9}\.? ?)?\d)")
_HAN_DIGITS = {
    "一": "1",
    "二": "2",
    "两": "2",
    "三": "3",
    "四": "4",
    "五": "5",
    "六": "6",
    "七": "7",
    "八": "8",
    "九": "9",
}
#: A single Chinese numeral before what is counted: 两天, 三个, 五星.
_HAN_COUNT = re.compile(r"([一二两三四五六七八九])(?=[天日晚个人位星月号周年万千])")
#: A day of a year: 2025-02-25, 2025/2/25, 2025年2月25日.
_DAY = re.compile(r"(?<!\d)(\d{4})(?:-|/|\.|年)(\d{1,2})(?:-|/|\.|月)(\d{1,2})(?!\d)[日号]?")
#: Between two parts of a value: "photography, food".
_PARTS = re.compile(r"[,，、;；/]|\band\b|和|与")
_LEAST_PART = 2
#: Before who comes along: "with friends" and "friends" are one value, 和朋友 and 朋友 too.
_BESIDE = re.compile(r"^(?:with\s+(?=\S)|[和与跟](?=朋友|家人|父母|孩子|同事|同学|伴侣|爱人|恋人|亲友))")


def same_value(one: str, other: str) -> bool:
    """Whether two values are one: alike but for case, width, punctuation, spelling of numbers and order of parts."""
    return _normal(one) == _normal(other)


def any_values(task: Task) -> frozenset[str]:
    """Ways to say that there is no preference, in their normal form."""
    words = _ANY["zh"] if task.language == "zh" else _ANY["en"]
    return frozenset(_normal(each)[0] for each in (*words, task.any_value))


def agrees(task: Task, value: str, truth: str) -> bool:
    """Whether a value that was understood is what a seed says: the same, or no preference in other words."""
    if same_value(value, truth):
        return True
    return same_value(truth, task.any_value) and " ".join(_normal(value)) in any_values(task)


def says(text: str, value: str) -> bool:
    """Whether a text states a value: its parts are in the text, in any order. Not for "no preference"."""
    whole = _flat(text)
    parts = _normal(value)
    return bool(parts) and all(_stands(part, whole) for part in parts)


def states(task: Task, text: str, value: str) -> bool:
    """Whether a text states a value of a task: as `says`, or, for "no preference", in some way of saying it."""
    return states_no_preference(task, text) if same_value(value, task.any_value) else says(text, value)


def states_no_preference(task: Task, text: str) -> bool:
    """Whether a text says, of whatever it speaks of, that it does not matter."""
    whole = _flat(text).replace("’", "'")
    ways = _NO_PREFERENCE["zh" if task.language == "zh" else "en"]
    return says(text, task.any_value) or ways.search(whole) is not None


#: How people say that something does not matter to them: wider than what a value of "no preference" is written as.
_NO_PREFERENCE = {
    "en": re.compile(
        r"\bno (?:\w+ )?(?:preference|limit|requirement|restriction)s?\b|\bwithout (?:a )?(?:preference|limit)"
        r"|(?:n't|\bnot) (?:really |much )?(?:matter|mind|care|important|fussy|picky|particular)\b"
        r"|\bany(?:thing|where|time|one| \w+)? (?:is|will|would|works|does|goes)\b|\bwhatever\b|\bwhichever\b"
        r"|\bflexible\b|\bup to you\b|\bopen to (?:any|all)|\beither\b|\ball the same\b|\bno budget\b|\bany\b"
    ),
    "zh": re.compile(
        r"不限|都可以|都可|都行|都好|都能接受|都没关系|随便|随意|无所谓|不挑|不介意|不在乎|不在意|任意|看着办|看着安排|灵活"
        r"|[没无]有?(?:什么|太多|啥)?(?:特别|特殊|具体|明确|固定|硬性)?的?(?:要求|限制|偏好|讲究|上限|预算)"
    ),
}

_ANY = {
    "en": ("any", "anything", "no preference", "does not matter", "doesn't matter", "don't mind", "whatever"),
    "zh": ("不限", "都可以", "都行", "随便", "无所谓", "没有要求", "无要求", "没要求", "任意", "不限制", "没有限制"),
}  # fmt: skip


def _stands(part: str, whole: str) -> bool:
    """Latin words and numbers stand alone; Chinese has no spaces to go by."""
    if part.isascii():
        return re.search(rf"(?<![a-z0-9.]){re.escape(part)}(?![a-z0-9]|\.\d)", whole) is not None
    return part.replace(" ", "") in whole.replace(" ", "")


@lru_cache(maxsize=4096)
def _normal(value: str) -> tuple[str, ...]:
    """The parts of a value, each flat, in a fixed order."""
    flat = _flat(value.replace(",", ", ") if not re.search(r"\d,\d{3}", value) else value)
    flat = _BESIDE.sub("", flat)
    parts = [re.sub(r"^[\W_]+|[\W_]+$", "", each.strip()) for each in _PARTS.split(flat)]
    if any(len(each) < _LEAST_PART and not each.isdigit() for each in parts):  # 和 within a word: 和平
        parts = [flat]
    return tuple(sorted(each for each in parts if each))


def _flat(text: str) -> str:
    """One spelling of case, width, spaces and numbers."""
    flat = unicodedata.normalize("NFKC", text).casefold()
    flat = _RANGE.sub("-", _DAY.sub(r"\1-\2-\3", flat))
    flat = _HAN_COUNT.sub(lambda match: _HAN_DIGITS[match[1]], flat)
    flat = _NUMBER.sub(_number, flat)
    return " ".join(flat.split())


def _number(match: re.Match[str]) -> str:
    amount = float(match[1].replace(",", "").replace("，", "")) * _SCALES.get((match[2] or "").lower(), 1)
    number = f"{amount:.10g}" if amount < 1e15 else f"{amount:.0f}"
    following = match.string[match.end() : match.end() + 1]
    if following.isalpha():  # "4days" is "4 days", and "10000 元" is "10000元"
        return f"{number} " if following.isascii() else number
    return f"{number}{match[3]}"

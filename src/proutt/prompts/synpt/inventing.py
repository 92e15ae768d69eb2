"""What an initial inquiry makes up: a name, a number or a time that the user agent was not given to tell (SynPT III-C).

By rules, which see only what words show by themselves: capital letters within an English sentence, digits and counted
things, days and months, and in Chinese the places of a short list. Made-up company or food stays unseen.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator

from proutt.intent.task import Task
from proutt.intent.values import says
from proutt.prompts.synpt.saying import problem, without

_WORDS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_DIGITS = {word: str(number) for number, word in enumerate(_WORDS, start=2)}
_NUMBER_WORD = re.compile(
    rf"\b({'|'.join(_WORDS)})(?=[- ](?:days?|nights?|weeks?|months?|people|persons?|adults?|stars?|euros|dollars)\b)",
    re.IGNORECASE,
)
#: None within a word: A380, s6.
_NUMBER = re.compile(r"(?<![A-Za-z\d])\d+(?:,\d{3}(?!\d)|[.:]\d+)*(?:\s*(?:[万亿千]|k\b))?", re.IGNORECASE)
#: Chinese numerals before what is counted. None that is 一 alone: 一个, 一下 and 有一天 count nothing.
_HAN_NUMBER = re.compile(
    r"(?:[二两三四五六七八九十百]|一[十百千万])[一二三四五六七八九十百千万]*(?:天|晚|个人|人|位|周|个月|个星期|月|日|号|元|块|星)"
)
#: What says when. "may" and "march" are months with a capital letter alone, and are found by it.
_WHEN = {
    "en": re.compile(
        r"\b(?:january|february|april|june|july|august|september|october|november|december"
        r"|monday|tuesday|wednesday|thursday|friday|saturday|sunday"
        r"|tomorrow|tonight|(?:this|next) (?:week|weekend|month|spring|summer|autumn|winter))\b",
        re.IGNORECASE,
    ),
    "zh": re.compile(
        r"明天|后天|今晚|周末|(?:周|星期)[一二三四五六日天]|下(?:个)?(?:周|月|星期)|春节|国庆|暑假|寒假|端午|中秋"
    ),
}
_PLACES = re.compile(
    "北京|天津|上海|重庆|河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|陕西|"
    "甘肃|青海|台湾|内蒙古|广西|西藏|宁夏|新疆|香港|澳门|石家庄|太原|沈阳|大连|长春|哈尔滨|南京|苏州|无锡|杭州|宁波|嘉兴|绍兴|"
    "温州|合肥|黄山|福州|厦门|泉州|南昌|景德镇|济南|青岛|烟台|郑州|洛阳|开封|武汉|宜昌|长沙|张家界|广州|深圳|珠海|佛山|南宁|"
    "桂林|北海|海口|三亚|成都|乐山|九寨沟|贵阳|昆明|大理|丽江|香格里拉|西双版纳|拉萨|西安|兰州|敦煌|西宁|银川|乌鲁木齐|"
    "呼和浩特|台北|日本|东京|大阪|京都|韩国|首尔|泰国|曼谷|普吉岛|新加坡|巴厘岛|马尔代夫|法国|巴黎|英国|伦敦|意大利|罗马|"
    "西班牙|美国|纽约|澳大利亚|悉尼|迪拜"
)
#: A word with a capital letter where no sentence begins.
_CAPITAL = re.compile(r"(?<![.?!:;…\s])[,;]?\s+([A-ZÀ-ÖØ-Þ][\w-]+)")
#: Capital letters of everyday words.
_PLAIN = {
    *("hi", "hello", "hey", "dear", "sir", "good", "morning", "afternoon", "evening", "ok", "okay", "please", "thanks"),
    *("thank", "english", "tv", "wifi", "wi-fi", "ai", "assistant"),
}
#: From this share of capital words on, a text is written as a title, and its capital letters say nothing.
_TITLE = 0.6


def made_up(task: Task, text: str, values: Iterable[str]) -> str | None:
    """The first words of a text that give what nobody told; None where the rules see none.

    values  what it may tell; the task's name and the names of its intentions are known as well

    Names are looked for in English and Chinese texts, times too; numbers in all.
    """
    told = [unicodedata.normalize("NFKC", each) for each in values]
    known = _in_digits("\n".join([*told, task.name, *(each.name for each in task.intentions)]))
    found = _given(without(unicodedata.normalize("NFKC", text), told), task.language)
    return next((words for words in found if not says(known, _DIGITS.get(words.lower(), words))), None)


def made_up_problem(task: Task, text: str, values: Iterable[str]) -> str | None:
    """The sentence that tells a model of it."""
    words = made_up(task, text, values)
    return None if words is None else problem("made-up", task.language, text=words)


def _given(text: str, language: str) -> Iterator[str]:
    """The names, times and numbers of a text."""
    if language == "en":
        yield from _names(text)
        yield from _NUMBER_WORD.findall(text)
    if language == "zh":
        yield from _PLACES.findall(text)
        yield from _HAN_NUMBER.findall(text)
    if language in _WHEN:
        yield from _WHEN[language].findall(text)
    yield from _NUMBER.findall(text)


def _names(text: str) -> Iterator[str]:
    words = re.findall(r"[^\W\d_][\w-]*", text)
    if sum(word[0].isupper() for word in words) > _TITLE * len(words):
        return
    for name in _CAPITAL.findall(text):
        if name.casefold() not in _PLAIN:
            yield name


def _in_digits(text: str) -> str:
    """The text with counted numbers in digits: "four days" is "4 days"."""
    return _NUMBER_WORD.sub(lambda match: _DIGITS[match[1].lower()], text)

"""Reasoning and predictions without a fault that come near one: what a check must leave alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

from proutt.intent import SentenceType
from proutt.methods.record import PreferencePair
from quality.audit.pairs import with_candidate
from quality.audit.seeded.planting import with_reasoning

_REASONS = {
    "en": (
        "The user asked about the fare and then about luggage, so timing is next.",
        "Given the answer about fares, a cheaper way may be wanted.",
        "The real question behind this is whether it pays off.",
        "The user's real intent may be to save money.",
        "The actual price was never mentioned.",
        "The user said that money is short, which points to discounts.",
        "A correct answer was received, so the talk moves on.",
        "The next step is to book, and the user tends to take it.",
        "The user is given three options and has to choose.",
        "After the last reply the user knows the price, not the hours.",
        "The assistant provided a path through the old town, so a walk is on the mind.",
        "The user went on to describe the garden, so plants matter.",
        "In the previous round the user rejected the first idea.",
        "The user expects an answer in a table and may ask for more rows.",
        "A natural follow-up is about where to eat.",
        "The task of moving house brings boxes and helpers.",
        "The user wants to use the new version and may meet errors.",
        "The true cost of the trip is still unknown.",
        "The user wrote a long message, so a summary may be wanted.",
        "Whoever was told that it rains asks for a roof.",
    ),
    "zh": (
        "用户先问了票价，接着问了行李，下面轮到时间。",
        "得到票价的回答之后，用户可能想更便宜。",
        "背后的实际问题是值不值得。",
        "用户的真实意图可能是省钱。",
        "实际价格一直没有提到。",
        "用户说过钱不多，这指向优惠。",
        "问题得到了正确的解答，话题会往前走。",
        "下一步是预订，用户习惯马上行动。",
        "助手给出了三个选择，用户需要挑一个。",
        "刚才的回复之后，用户知道了价格，但不知道时间。",
        "助手提供了一条路线，用户会想到散步。",
        "用户随后谈到了院子，植物对他很重要。",
        "上一轮用户拒绝了第一个方案。",
        "用户期望看到表格，也许还要更多的行。",
        "自然会想到去哪里吃饭。",
        "搬家的任务会带来箱子和帮手。",
        "用户要使用新的版本，可能会遇到错误。",
        "行程的真正花费还不清楚。",
        "用户写得很长，也许想要总结。",
        "听说要下雨的人会问哪里能躲雨。",
    ),
}
_D, _M, _Q = SentenceType.DECLARATIVE, SentenceType.IMPERATIVE, SentenceType.INTERROGATIVE
_PREDICTIONS = {
    "en": {
        _D: (
            "My plan has two parts: rest and sport.",
            "I got an A in history, an input I had hoped for.",
            "My output last week was 12 pages.",
            "The value of {1, 2} is not clear to me.",
        ),
        _M: (
            "Write the output to a file named data.csv.",
            "Replace <b> by <strong> in the page.",
            "Print the value of x[0] and y[1].",
            "Give me question 3 in simpler words.",
        ),
        _Q: (
            "What does {x: 1} mean in Python?",
            "Is the answer [1, 2, 3]?",
            "How do I close a <div>?",
            "Does the user need an account?",
        ),
    },
    "zh": {
        _D: (
            "我的计划分两部分：休息和运动。",
            "上周我的产出是12页。",
            "我不太清楚{1, 2}的值。",
            "我历史考了A，正是我想要的结果。",
        ),
        _M: ("把结果写到data.csv里。", "把页面里的<b>换成<strong>。", "打印x[0]和y[1]。", "把第3题讲得简单一点。"),
        _Q: ("Python里{x: 1}是什么意思？", "结果是[1, 2, 3]吗？", "怎么关闭<div>？", "用户需要账号吗？"),
    },
}


def innocent(pairs: Sequence[PreferencePair], seed: int = 0) -> Iterator[PreferencePair]:
    """Each pair with one reasoning, and one prediction of its side's type, that come near a fault."""
    for number, pair in enumerate(pairs):
        rng = Random(f"{seed}/{number}")
        side, at = rng.choice(["chosen", "rejected"]), rng.choice([None, 0, 1, 2, 3])
        reasons = _REASONS[pair.language]
        said = reasons[number % len(reasons)]
        changed = with_reasoning(pair, side, at, lambda old, said=said: f"{old} {said}")
        kind = getattr(pair, side).sentence_type
        yield with_candidate(changed, side, rng.randrange(4), utterance=rng.choice(_PREDICTIONS[pair.language][kind]))

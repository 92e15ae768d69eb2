"""Planted faults of the leak barrier: the truth in the reasoning, phrases that tell of it, trees that know it."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random

from proutt.methods.record import LeafRecord, PreferencePair
from quality.audit.seeded.planting import (
    Apply,
    Kind,
    Way,
    bare,
    full_width,
    is_han,
    shouted,
    somewhere,
    spaced,
    with_reasoning,
)

_PRONOUNS = {
    "i": "they",
    "my": "their",
    "me": "them",
    "we": "they",
    "our": "their",
    "you": "it",
    "your": "its",
    "am": "are",
    "i'm": "they're",
    "我": "用户",
    "我们": "用户",
}


def telling(pair: PreferencePair) -> str | None:
    """The first words of the truth, where at least three content words (eight Han characters) are new in them."""
    truth = " ".join(pair.truth.utterance.split())
    known = " ".join([*(text for turn in pair.context.turns for text in (turn.user, turn.assistant)), *_labels(pair)])
    if is_han(truth):
        excerpt = truth[:60]
        grams = {excerpt[at : at + 2] for at in range(len(excerpt) - 1)}
        new = [gram for gram in grams if gram not in known and is_han(gram)]
        return excerpt if len(new) >= 8 else None
    excerpt = " ".join(truth.split(" ")[:25])
    words = set(re.findall(r"[a-z]{4,}", excerpt.lower()))
    new = [word for word in words if word not in known.lower()]
    return excerpt if len(new) >= 3 and len(excerpt) < 300 else None


def _new_share(words: str, pair: PreferencePair) -> float:
    """Which share of the content words (pairs of Han characters) no round up to K has."""
    known = " ".join(text for turn in pair.context.turns for text in (turn.user, turn.assistant)).lower()
    grams = (
        [words[at : at + 2] for at in range(len(words) - 1)]
        if is_han(words)
        else re.findall(r"[a-z]{4,}", words.lower())
    )
    return sum(gram not in known for gram in grams) / len(grams) if len(grams) >= 2 else 0.0


def _labels(pair: PreferencePair) -> list[str]:
    paths = [*pair.truth.paths, *(each.path for side in (pair.chosen, pair.rejected) for each in side.candidates)]
    labels = [str(path.path()) for path in paths if path is not None]
    return labels + [
        f"{topic} {name} {leaf.value or ''}" for topic, each in (pair.tree or {}).items() for name, leaf in each.items()
    ]


def says(before: str, zh_before: str, disguise: Callable[[str], str] = str, *, language: str | None = None) -> Apply:
    def apply(pair: PreferencePair, rng: Random) -> PreferencePair | None:
        said = telling(pair)
        if said is None or (language and pair.language != language):
            return None
        lead = zh_before if pair.language == "zh" else before
        side, at = somewhere(rng)
        return with_reasoning(
            pair, side, at, lambda old: rng.choice([f"{old} {lead}{disguise(said)}", f"{lead}{disguise(said)} {old}"])
        )

    return apply


def _indirect(said: str) -> str:
    return " ".join(_PRONOUNS.get(word.lower(), word) for word in bare(said).split(" "))


def _alternating(said: str) -> str:
    return " ".join(word.upper() if at % 2 else word for at, word in enumerate(said.split(" ")))


def _with_filler(said: str) -> str:
    at = len(said) // 2
    return (
        f"{said[:at]}……嗯……{said[at:]}" if is_han(said) else " or so ".join(said.rsplit(" ", said.count(" ") // 2)[:2])
    )


def _reordered(said: str) -> str:
    words = list(said) if is_han(said) else said.split(" ")
    half = len(words) // 2
    return ("" if is_han(said) else " ").join([*words[half:], "，" if is_han(said) else ",", *words[:half]])


TRUTH_IN_REASONING = Kind(
    "truth in the reasoning",
    ("truth-in-reasoning",),
    (
        Way("quoted", says("The user will most likely say: ", "用户多半会说：", lambda said: f'"{said}"')),
        Way("bare words", says("What follows is ", "接下来是", bare)),
        Way("in capitals", says("In short: ", "总之：", shouted)),
        Way("full-width", says("So we get ", "于是得到", full_width)),
        Way("spaced out", says("Probably ", "可能", spaced)),
        Way("indirect speech", says("The user wants to say that ", "用户想说", _indirect, language="en")),
        Way("halves swapped", says("It goes like this: ", "大意是：", _reordered)),
        Way("dashes for spaces", says("Tag: ", "标签：", lambda said: said.replace(" ", "-"))),
        Way("without spaces at line ends", says("Then:\n", "然后：\n", lambda said: said.replace(" ", "\n", 3))),
        Way("in brackets, no punctuation", says("One idea (", "一个想法（", lambda said: bare(said) + ")")),
        Way("every other word in capitals", says("That is, ", "也就是", _alternating)),
        Way("as a list", says("Points: ", "要点：", lambda said: said.replace(" ", "; ", 5))),
        Way("with a filler in the middle", says("Maybe ", "也许", _with_filler)),
    ),
)

_TELL_TALES_EN = (
    "The actual next input asks about the schedule.",
    "Given the ground truth, a question fits.",
    "As the provided path shows, money matters.",
    "The real next utterance turns to prices.",
    "This matches the target path.",
    "According to the reference answer, it is a request.",
    "The correct answer here is a question.",
    "Since the user actually says so next, this fits.",
    "The given path points to the fare.",
    "The gold label is interrogative.",
    "Based on the true intent path, opening hours come next.",
    "The user's actual next message is a request.",
    "As stated in the provided intent path, the hotel matters.",
    "The expected answer was given as a question.",
    "We know that the next user input is a question.",
    "The true next utterance is about luggage.",
    "The ground-truth category tells us so.",
    "This follows from the specified path.",
    "Because the label says imperative, an order follows.",
    "The future dialogue reveals an interest in food.",
    "Looking at what the user really says next, a bed is needed.",
    "The reference utterance mentions trams.",
    "In line with the designated path, the talk turns to sights.",
    "As the revised path requires, the hour matters.",
    "The truth that was handed to us concerns parking.",
    "Knowing the answer, a request is the best guess.",
    "This is what the user went on to say.",
    "The next utterance in the data is a complaint.",
    "The intended answer is a question about fees.",
    "Following the instruction, I insert the new path here.",
    "The reference is a question about rooms.",
    "The user's next message turned out to be a request.",
    "The path I was given deals with luggage.",
    "In reality, the user asked about breakfast next.",
)
_TELL_TALES_ZH = (
    "用户真实的下一句是在问时间。",
    "根据标准答案，这里是疑问句。",
    "正如给定的路径所示，用户关心价格。",
    "实际的下一轮输入与门票有关。",
    "参考答案表明用户想订房。",
    "根据提供的意图路径，接下来谈住宿。",
    "真实的用户输入是一个请求。",
    "正确答案是祈使句。",
    "用户下一句实际上说的是天气。",
    "按照所给路径，应当谈到时间。",
    "真实意图路径指向营业时间。",
    "目标路径是酒店的价格。",
    "从真值来看，用户会继续提问。",
    "已知用户接下来会问几点开门。",
    "后续对话显示用户想吃烤鸭。",
    "标注的句型是陈述句。",
    "与真实的下一句话一致，用户会问路。",
    "题目给出的路径是景点。",
    "根据修订后的路径，用户在意时间。",
    "实际的用户回复提到了门票。",
    "我拿到的真实结果是关于停车的。",
    "既然知道答案，就猜是请求。",
    "用户后来确实是这么说的。",
    "数据里的下一句是抱怨。",
    "预期的回答是关于费用的问题。",
    "按照指令，我在这里插入新的路径。",
    "参考话语是一个问句。",
    "用户下一条消息最后是请求。",
    "给我的路径是行李。",
    "实际情况是用户接着问了早餐。",
)


def tells(phrases: dict[str, tuple[str, ...]], disguise: Callable[[str], str]) -> Apply:
    def apply(pair: PreferencePair, rng: Random) -> PreferencePair:
        side, at = somewhere(rng)
        phrase = disguise(rng.choice(phrases[pair.language]))
        return with_reasoning(pair, side, at, lambda old: f"{old} {phrase}")

    return apply


def _phrase(number: int, disguise: Callable[[str], str]) -> Way:
    """One phrase of each language, in one disguise."""
    phrases = {"en": (_TELL_TALES_EN[number],), "zh": (_TELL_TALES_ZH[number % len(_TELL_TALES_ZH)],)}
    return Way(f"phrase {number}, {disguise.__name__}", tells(phrases, disguise))


_DISGUISES = (str, str, shouted, full_width, spaced, bare)
TELL_TALES = Kind(
    "tell-tale phrases",
    ("tell-tale-phrases",),
    tuple(_phrase(number, _DISGUISES[number % 6]) for number in range(len(_TELL_TALES_EN))),
)


# The tree -------------------------------------------------------------------------------------------------------------

_INVENTED = {
    "en": ("Zanzibar", "seventeen thousand crowns", "vegan only", "by submarine", "before sunrise"),
    "zh": ("桑给巴尔", "一万七千克朗", "只吃素", "坐潜艇", "日出之前"),
}


def _leaf(
    value_of: Callable[[PreferencePair, Random], str | None], turn: Callable[[PreferencePair], int] | None = None
) -> Apply:
    """A leaf more, or another value of one that is there."""

    def apply(pair: PreferencePair, rng: Random) -> PreferencePair | None:
        value = value_of(pair, rng)
        if value is None or not pair.tree:
            return None
        topic = rng.choice(list(pair.tree))
        names = list(pair.tree[topic])
        name = rng.choice([*names, "细节" if pair.language == "zh" else "Detail"])
        leaf = LeafRecord(value=value, turn=turn(pair) if turn else rng.randint(1, pair.k))
        return pair.model_copy(update={"tree": {**pair.tree, topic: {**pair.tree[topic], name: leaf}}})

    return apply


def _of_truth(disguise: Callable[[str], str]) -> Callable[[PreferencePair, Random], str | None]:
    def value(pair: PreferencePair, rng: Random) -> str | None:
        said = telling(pair)
        if said is None:
            return None
        words = said[:24] if is_han(said) else " ".join(said.split(" ")[:9])
        return disguise(words) if _new_share(words, pair) >= 0.7 else None

    return value


def _value_of_next_path(pair: PreferencePair, rng: Random) -> str | None:
    """The value that turn K+1 gave, where no round before says it."""
    said = " ".join(text for turn in pair.context.turns for text in (turn.user, turn.assistant))
    value = pair.truth.paths[0].value
    return value if value and value not in said and len(value) > 3 else None


TREE_VALUES = Kind(
    "tree values of no round up to K",
    ("tree-from-future", "unstated-tree-value"),
    (
        Way("words of the truth", _leaf(_of_truth(str))),
        Way("words of the truth, bare", _leaf(_of_truth(bare))),
        Way("value of the next path", _leaf(_value_of_next_path)),
        Way(
            "value of the next path, spaced",
            _leaf(lambda pair, rng: (v := _value_of_next_path(pair, rng)) and spaced(v)),
        ),
        Way("invented", _leaf(lambda pair, rng: rng.choice(_INVENTED[pair.language]))),
        Way("invented number", _leaf(lambda pair, rng: f"{rng.randint(2000, 9000)}.{rng.randint(1, 9)}")),
        Way(
            "said, but of turn K+1", _leaf(lambda pair, rng: pair.context.turns[-1].user[:12], lambda pair: pair.k + 1)
        ),
        Way(
            "invented, of a later turn",
            _leaf(lambda pair, rng: rng.choice(_INVENTED[pair.language]), lambda pair: pair.k + 3),
        ),
    ),
)

TRUTH_KINDS = (TRUTH_IN_REASONING, TELL_TALES, TREE_VALUES)

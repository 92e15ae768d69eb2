"""Planted faults of sentence types: sides of one type, predictions of another than they claim."""

from __future__ import annotations

from random import Random

from proutt.intent import SentenceType
from proutt.methods.record import PreferencePair
from quality.audit.pairs import with_candidate, with_truth
from quality.audit.seeded.planting import Apply, Kind, Way

_D, _M, _Q = SentenceType.DECLARATIVE, SentenceType.IMPERATIVE, SentenceType.INTERROGATIVE

# Sentence types -------------------------------------------------------------------------------------------------------


def _typed(pair: PreferencePair, side: str, kind: SentenceType) -> PreferencePair:
    return pair.model_copy(update={side: getattr(pair, side).model_copy(update={"sentence_type": kind})})


def _third(pair: PreferencePair) -> SentenceType:
    return next(each for each in SentenceType if each not in {pair.chosen.sentence_type, pair.rejected.sentence_type})


def _rejected_as_chosen(pair: PreferencePair, rng: Random) -> PreferencePair:
    assert pair.chosen.sentence_type
    return _typed(pair, "rejected", pair.chosen.sentence_type)


def _chosen_as_rejected(pair: PreferencePair, rng: Random) -> PreferencePair:
    """Both sides of the rejected type, utterances and all."""
    assert pair.rejected.sentence_type
    pair = _typed(pair, "chosen", pair.rejected.sentence_type)
    for at, candidate in enumerate(pair.rejected.candidates):
        pair = with_candidate(pair, "chosen", at, utterance=candidate.utterance)
    return pair


def _not_the_truths(pair: PreferencePair, rng: Random) -> PreferencePair:
    return with_truth(pair, sentence_type=_third(pair))


def _turned_round(pair: PreferencePair, rng: Random) -> PreferencePair:
    """The rejected side has the truth's type, the chosen one another."""
    assert pair.chosen.sentence_type
    return _typed(_typed(pair, "rejected", pair.chosen.sentence_type), "chosen", _third(pair))


TYPE_CONTRACT = Kind(
    "rejected type equals chosen type",
    ("sentence-type-contract",),
    (
        Way("rejected named as chosen", _rejected_as_chosen),
        Way("chosen named as rejected", _chosen_as_rejected),
        Way("chosen not of the truth's type", _not_the_truths),
        Way("turned round", _turned_round),
    ),
)

#: What is plainly of one type, whatever the topic: taken for a prediction of another one.
_PLAIN = {
    "en": {
        _D: (
            "I finished the second chapter yesterday.",
            "My sister prefers the blue one.",
            "It rains a lot where we live.",
            "We have decided to stay two nights.",
            "The old version was easier to read.",
            "That answers it, thank you.",
            "i think the price is too high",
            "They never replied to my letter",
            "The heating has been broken since Monday.",
            "I live on the third floor.",
            "Her flight lands at nine.",
            "We ordered two pizzas last night.",
        ),
        _M: (
            "Book a table for four.",
            "Please rewrite the last paragraph.",
            "Translate this into Spanish.",
            "Give me five more examples.",
            "Let's try a different approach.",
            "Shorten it a little.",
            "make it funnier",
            "Don't use any abbreviations.",
            "Sort the names by age.",
            "Cancel my order.",
            "Draw a cat with a hat.",
            "Add more salt to the recipe.",
        ),
        _Q: (
            "Where is the nearest pharmacy?",
            "How many people live there?",
            "Is it open on Mondays?",
            "What does that word mean?",
            "Who wrote the first edition?",
            "Why did the price go up?",
            "when does the shop close",
            "Do they accept cards?",
            "Which colour is cheaper?",
            "Did it rain in Oslo yesterday?",
            "Whose bag is that?",
            "Are dogs allowed inside?",
        ),
    },
    "zh": {
        _D: (
            "我昨天看完了第二章。",
            "我妹妹更喜欢蓝色的。",
            "我们这里经常下雨。",
            "我们决定住两晚。",
            "以前的版本更好读。",
            "明白了，谢谢。",
            "我觉得价格太高了",
            "他们一直没有回信",
            "暖气从星期一就坏了。",
            "我住在三楼。",
            "她的航班九点到。",
            "昨晚我们点了两个披萨。",
        ),
        _M: (
            "帮我订一张四人桌。",
            "请改写最后一段。",
            "把这句话翻译成英文。",
            "再给我五个例子。",
            "我们换个思路试试吧。",
            "帮我缩短一点。",
            "写得幽默一些",
            "不要用缩写。",
            "把名字按年龄排序。",
            "取消我的订单。",
            "画一只戴帽子的猫。",
            "给菜谱多加点盐。",
        ),
        _Q: (
            "最近的药店在哪里？",
            "那里住着多少人？",
            "星期一开门吗？",
            "这个词是什么意思？",
            "第一版是谁写的？",
            "为什么涨价了？",
            "商店几点关门",
            "刷卡要手续费吗？",
            "哪种颜色便宜？",
            "昨天奥斯陆下雨了吗？",
            "那是谁的包？",
            "里面允许带狗吗？",
        ),
    },
}


def _misfit(count: int, half: int) -> Apply:
    """`count` predictions of a side are of another type; half: which phrasings are used."""

    def apply(pair: PreferencePair, rng: Random) -> PreferencePair:
        side = rng.choice(["chosen", "rejected"])
        named = getattr(pair, side).sentence_type
        other = rng.choice([each for each in SentenceType if each is not named])
        said = rng.sample(_PLAIN[pair.language][other][half::2], count)
        for at, utterance in zip(rng.sample(range(4), count), said, strict=True):
            pair = with_candidate(pair, side, at, utterance=utterance)
        return pair

    return apply


def _said_as_other_side(pair: PreferencePair, rng: Random) -> PreferencePair:
    """One prediction of the rejected side was not reworded."""
    edited = {each.position for edit in (pair.chosen_edit, pair.rejected_edit) for each in edit.replaced}
    at = rng.choice([number for number in range(4) if number not in edited])
    return with_candidate(pair, "rejected", at, utterance=pair.chosen.candidates[at].utterance)


TYPE_FIT = Kind(
    "utterance not of its claimed type",
    ("sentence-type-fit",),
    (
        Way("one prediction", _misfit(1, 0)),
        Way("one prediction, other phrasings", _misfit(1, 1)),
        Way("two predictions", _misfit(2, 0)),
        Way("all predictions, other phrasings", _misfit(4, 1)),
        Way("not reworded on the rejected side", _said_as_other_side),
        Way("two predictions, other phrasings", _misfit(2, 1)),
    ),
)

TYPE_KINDS = (TYPE_CONTRACT, TYPE_FIT)

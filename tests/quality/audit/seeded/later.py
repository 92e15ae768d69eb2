"""Further ways of going wrong: written after a first mending of the checks, at hand in the second."""

from __future__ import annotations

from random import Random

from proutt.intent import SentenceType
from proutt.methods.record import PreferencePair
from quality.audit.pairs import with_candidate
from quality.audit.seeded.faults_of_negatives import copied, negative
from quality.audit.seeded.faults_of_privacy import card, email, resident
from quality.audit.seeded.faults_of_truth import says, tells
from quality.audit.seeded.planting import Way, bare, full_width, is_han, shouted, spaced
from quality.audit.seeded.saying import (
    added,
    carrying,
    digits,
    either,
    in_context,
    letters,
    prediction,
    reasoned,
    text_changed,
    twice,
)

_TELL_TALES = (
    ("Peeking at what comes after, fees are the topic.", "偷看后文可知，话题是费用。"),
    ("The sample's answer asks for a list.", "样本的答案要求列清单。"),
    ("Our task is to justify the path Hotel.", "我们的任务是论证酒店这条路径。"),
    ("As the user will indeed say, the train is late.", "正如用户果真会说的那样，火车晚点了。"),
    ("The correct prediction would be a question.", "正确的预测应当是问句。"),
    ("The real follow-up from the user is about dogs.", "用户真实的追问与狗有关。"),
    ("It matches the user's true intention.", "这与用户的真实意图相符。"),
    ("The next turn's label is declarative.", "下一轮的标签是陈述。"),
    ("We are provided with the intent path Food.", "已经提供了意图路径：美食。"),
    ("The actual utterance begins with a greeting.", "真实话语以问候开头。"),
    ("As the target utterance shows, time matters.", "目标话语表明时间很重要。"),
    ("To be consistent with the given next intent, fees come up.", "为了与给定的下一个意图一致，会谈到费用。"),
)


def _tell_tale(number: int) -> Way:
    en, zh = _TELL_TALES[number]
    return Way(f"later phrase {number}", tells({"en": (en,), "zh": (zh,)}, str))


TELL_TALES = tuple(map(_tell_tale, range(len(_TELL_TALES))))

ARTEFACTS = (
    Way("a template's dots", prediction(either("[user question goes here]", "【此处填写用户问题】"))),
    Way("an empty field", prediction(either("Where is {location}?", "{location}在哪里？"))),
    Way("a key without quotes", added(either("score: 0.7}", "score: 0.7}"))),
    Way("Option A", prediction(either("Prediction A: Where is it?", "预测一：在哪里？"))),
    Way("the end of a fence", added(either("\n```", "\n```"))),
    Way("a thought", prediction(either("Reasoning: the user wants food. Where is it?", "推理：用户想吃饭。在哪里？"))),
    Way("a role in brackets", prediction(either("[USER] Where is it?", "[USER] 在哪里？"))),
    Way("a tail of a list", added(either('"]', '"]'))),
    Way("the truth's label", prediction(either("True next utterance: Where is it?", "真实下一句：在哪里？"))),
    Way("sorry", prediction(either("I'm sorry, but as an AI I can't do that.", "抱歉，作为AI，我不能这样做。"))),
    Way("the tree's name", added(either("based on the user's intent tree", "基于用户的意图树"))),
    Way("a closing tag of the prompt", added(either("</context>", "</context>"))),
)

_PLAIN: dict[str, dict[SentenceType, tuple[str, ...]]] = {
    "en": {
        SentenceType.DECLARATIVE: ("The bakery closes at six.", "I lost my umbrella in Lyon.", "He speaks no French."),
        SentenceType.IMPERATIVE: ("Remove the second column.", "Play some jazz.", "Order new batteries, please."),
        SentenceType.INTERROGATIVE: ("How tall is the tower?", "Which bus goes there?", "Was it cold last night?"),
    },
    "zh": {
        SentenceType.DECLARATIVE: ("面包店六点关门。", "我把伞丢在里昂了。", "他不会说法语。"),
        SentenceType.IMPERATIVE: ("删掉第二列。", "放点爵士乐。", "请订购新的电池。"),
        SentenceType.INTERROGATIVE: ("那座塔有多高？", "哪路公交车到那里？", "昨晚冷不冷？"),
    },
}


def _misfit(pair: PreferencePair, rng: Random) -> PreferencePair:
    side = rng.choice(["chosen", "rejected"])
    named = getattr(pair, side).sentence_type
    other = rng.choice([each for each in SentenceType if each is not named])
    return with_candidate(pair, side, rng.randrange(4), utterance=rng.choice(_PLAIN[pair.language][other]))


TYPE_FIT = (Way("one prediction, later phrasings", _misfit),)


def _every_third_word_gone(said: str) -> str:
    words = list(said) if is_han(said) else said.split(" ")
    kept = [word for at, word in enumerate(words) if at % (9 if is_han(said) else 5) != 4]
    return ("" if is_han(said) else " ").join(kept)


def _alternating(said: str) -> str:
    return " ".join(word.upper() if at % 2 else word for at, word in enumerate(said.split(" ")))


TRUTH_IN_REASONING = (
    Way("words left out", says("So: ", "所以：", _every_third_word_gone)),
    Way("capitals in between, full-width", says("Here: ", "这里：", lambda said: full_width(_alternating(said)))),
    Way("as a question", says("Could it be ", "会不会是", lambda said: bare(said) + "?")),
)
NEGATIVE_IS_TRUTH = (
    Way("stars around it", negative(lambda said: f"**{said}**")),
    Way("no case, full-width", negative(lambda said: full_width(said.lower()))),
)
COPIED = (Way("capitals, spaced", copied(lambda said: spaced(shouted(said)))),)
REPETITION = (
    Way("a clause four times", prediction(either("please book it, " * 4 + "now", "请订一下，" * 4 + "好"))),
    Way(
        "a tail that loops",
        reasoned(
            either("and the price, and the price, and the price, and the price", "还有价格还有价格还有价格还有价格")
        ),
    ),
    Way("twice, spaced", twice(spaced)),
)
PERSONAL = (
    Way("e-mail after mailto", in_context(carrying(email, "[mail](mailto:{})", "[邮箱](mailto:{})"))),
    Way(
        "resident number with small x or not, full-width",
        in_context(carrying(lambda rng: full_width(resident(rng)), "ID {}", "身份证{}")),
    ),
    Way("card after a colon", in_context(carrying(card, "Visa:{}", "信用卡:{}"))),
)
SECRETS = (
    Way(
        "a GitHub fine-grained token",
        added(carrying(lambda rng: "github" + "_pat_" + letters(rng, 22) + "_" + letters(rng, 59), "Use {}", "用{}")),
    ),
    Way("a password after a colon", in_context(carrying(lambda rng: letters(rng, 11) + "!7", "pwd: {}", "密码：{}"))),
    Way(
        "a Telegram bot",
        in_context(carrying(lambda rng: digits(rng, 10) + ":AA" + letters(rng, 33), "bot_token={}", "bot_token={}")),
    ),
    Way(
        "an e-mail key",
        added(carrying(lambda rng: "SG." + letters(rng, 22) + "." + letters(rng, 43), "Mail with {}", "发信用{}")),
    ),
    Way(
        "an AWS secret",
        in_context(carrying(lambda rng: letters(rng, 40), "aws_secret_access_key = {}", "aws_secret_access_key = {}")),
    ),
    Way(
        "a basic header",
        in_context(carrying(lambda rng: letters(rng, 36) + "==", "Authorization: Basic {}", "Authorization: Basic {}")),
    ),
    Way("an npm token", added(carrying(lambda rng: "npm" + "_" + letters(rng, 36), "Publish with {}", "发布用{}"))),
    Way(
        "a passphrase said", in_context(carrying(lambda rng: letters(rng, 10) + "#4", "the password is {}", "密码是{}"))
    ),
)
_FOREIGN = {
    "en": (
        "明天会下雨吗？",
        "Какая завтра погода?",
        "Quel temps fera-t-il demain à Paris ?",
        "Che tempo fa domani a Milano?",
        "Kan du anbefale en god restaurant i nærheden?",
        "Hava yarın nasıl olacak acaba?",
    ),
    "zh": (
        "Will it rain tomorrow?",
        "Какая завтра погода?",
        "Quel temps fera-t-il demain ?",
        "明日は雨が降りますか？",
        "내일 비가 오나요?",
        "Che tempo fa domani a Milano?",
    ),
}


def _foreign(number: int) -> Way:
    def apply(pair: PreferencePair, rng: Random) -> PreferencePair:
        side = rng.choice(["chosen", "rejected"])
        return with_candidate(pair, side, rng.randrange(4), utterance=_FOREIGN[pair.language][number])

    return Way(f"later language {number}", apply)


LANGUAGE = tuple(map(_foreign, range(6)))
CONTROL = tuple(
    Way(
        f"later control string {number}",
        text_changed(lambda old, rng, token=token: old.replace("</predict>", f"{token}</predict>", 1)),
    )
    for number, token in enumerate(
        (
            "<|reserved_special_token_0|>",
            "<|return|>",
            "<bos>",
            "<|message|>",
            "<pad>",
            "[/SYSTEM_PROMPT]",
            "<|eom_id|>",
            "<|start|>system",
            "<eos>",
            "<|im_sep|>",
            "<end_of_utterance>",
        )
    )
)

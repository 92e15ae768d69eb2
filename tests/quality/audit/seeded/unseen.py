"""Ways of going wrong that were written when the checks were done; no check was touched after their first run."""

from __future__ import annotations

from random import Random

from proutt.intent import SentenceType
from proutt.methods.record import PreferencePair
from quality.audit.pairs import with_candidate
from quality.audit.seeded.faults_of_negatives import copied, negative
from quality.audit.seeded.faults_of_privacy import card, email, resident
from quality.audit.seeded.faults_of_truth import says, tells
from quality.audit.seeded.planting import Way, bare, is_han, shouted
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
    ("The user's actual next question concerns bread.", "用户真正的下一个问题与面包有关。"),
    ("Since the path to predict is Food, meals come up.", "由于要预测的路径是美食，会谈到吃饭。"),
    ("The gold next turn is imperative.", "标准的下一轮是祈使句。"),
    ("I am told to reason towards Hotel.", "我被要求往酒店推理。"),
    ("This agrees with the ground truth category.", "这与真值类别一致。"),
    ("The provided target is about trains.", "所提供的目标与火车有关。"),
    ("We already have the user's reply: a complaint.", "我们已经有了用户的回复：抱怨。"),
    ("As given in the input path, rooms matter.", "如输入路径所示，房间很重要。"),
    ("The hidden next utterance must be about cats.", "隐藏的下一句一定与猫有关。"),
    ("The expected output is a statement.", "预期输出是陈述句。"),
    ("The user's subsequent message confirms this.", "用户随后的消息证实了这一点。"),
    ("Our instructions require the path Travel.", "我们的指令要求路径为旅行。"),
)


def _tell_tale(number: int) -> Way:
    en, zh = _TELL_TALES[number]
    return Way(f"unseen phrase {number}", tells({"en": (en,), "zh": (zh,)}, str))


TELL_TALES = tuple(map(_tell_tale, range(len(_TELL_TALES))))

ARTEFACTS = (
    Way("a field in capitals", prediction(either("Where is {LOCATION}?", "{LOCATION}在哪里？"))),
    Way("a whole object", prediction(either('{"next": "Where is it?"}', '{"next": "在哪里？"}'))),
    Way("Candidate 3", prediction(either("Candidate 3 - Where is it?", "候选3 - 在哪里？"))),
    Way("a score behind", added(either("(score: 0.35)", "（得分：0.35）"))),
    Way("the tree's arrow", prediction(either("Travel → Fare - student", "旅行 → 票价 - 学生"))),
    Way("a note to the reader", prediction(either("[Note: imperative form] Book it.", "【注：祈使句】请预订。"))),
    Way("a tag with a dash", added(either("</user-input>", "</user-input>"))),
    Way("an escaped line end", added(either("\\n\\n", "\\n\\n"))),
    Way("the prompt's own words", prediction(either("Predict the user's next utterance.", "请预测用户的下一句话。"))),
    Way("Sure, here", prediction(either("Sure! Here is one: Where is it?", "好的！这是一个：在哪里？"))),
    Way("a fence at both ends", prediction(either("```text Where is it? ```", "```text 在哪里？ ```"))),
    Way("a type behind", added(either("(declarative)", "（陈述句）"))),
)

_PLAIN: dict[str, dict[SentenceType, tuple[str, ...]]] = {
    "en": {
        SentenceType.DECLARATIVE: ("My train was late again.", "They painted the door green.", "It tastes of lemon."),
        SentenceType.IMPERATIVE: ("Count the words.", "Send it to Laura.", "Turn the picture upside down."),
        SentenceType.INTERROGATIVE: ("What time is it there?", "Is the soup vegan?", "How far is the lake?"),
    },
    "zh": {
        SentenceType.DECLARATIVE: ("我的火车又晚点了。", "他们把门刷成了绿色。", "它有柠檬的味道。"),
        SentenceType.IMPERATIVE: ("数一下有几个字。", "把它发给小李。", "将图片上下翻转。"),
        SentenceType.INTERROGATIVE: ("那边现在几点？", "这汤是素的吗？", "湖离这里有多远？"),
    },
}


def _misfit(pair: PreferencePair, rng: Random) -> PreferencePair:
    side = rng.choice(["chosen", "rejected"])
    named = getattr(pair, side).sentence_type
    other = rng.choice([each for each in SentenceType if each is not named])
    return with_candidate(pair, side, rng.randrange(4), utterance=rng.choice(_PLAIN[pair.language][other]))


TYPE_FIT = (Way("one prediction, unseen phrasings", _misfit),)


def _last_two_thirds(said: str) -> str:
    words = list(said) if is_han(said) else said.split(" ")
    return ("" if is_han(said) else " ").join(words[len(words) // 3 :])


def _underscored(said: str) -> str:
    return said.replace(" ", "_") if not is_han(said) else "_".join(said)


TRUTH_IN_REASONING = (
    Way("the first third left out", says("So it ends on ", "所以最后是", _last_two_thirds)),
    Way("with underscores", says("Key: ", "键：", _underscored)),
    Way("in the middle of a sentence", says("I think of ", "我想到", lambda said: bare(said) + " as the way on")),
)
NEGATIVE_IS_TRUTH = (
    Way("a dash before it", negative(lambda said: f"- {said}")),
    Way("ideographic spaces", negative(lambda said: said.replace(" ", "\u3000"))),
)
COPIED = (Way("quoted, in capitals", copied(lambda said: f'"{shouted(said)}"')),)
REPETITION = (
    Way("a question three times", prediction(either("How much does it cost? " * 3, "这个东西要多少钱？" * 3))),
    Way("a stammer", prediction(either("I I I I I want tea", "我我我我我我我我我要喝茶"))),
    Way("twice, another end", twice(lambda said: said.rstrip("?.？。") + "?!")),
)
PERSONAL = (
    Way(
        "e-mail with a plus",
        added(carrying(lambda rng: "anna+shop" + digits(rng, 2) + "@posteo.de", "Reply to {}", "回复{}")),
    ),
    Way(
        "a French number",
        in_context(
            carrying(
                lambda rng: f"+33 6 {digits(rng, 2)} {digits(rng, 2)} {digits(rng, 2)} {digits(rng, 2)}",
                "Tel {}",
                "电话{}",
            )
        ),
    ),
    Way("e-mail, two of them", in_context(carrying(lambda rng: f"{email(rng)}, {email(rng)}", "To: {}", "收件人：{}"))),
    Way("resident number after Chinese", reasoned(carrying(resident, "No.{}", "号码为{}的用户"))),
    Way("card in a prediction", prediction(carrying(card, "Pay with {}", "用{}付款"))),
)
SECRETS = (
    Way(
        "a Twilio key",
        added(carrying(lambda rng: "SK" + letters(rng, 32, "0123456789abcdef"), "Call with {}", "呼叫用{}")),
    ),
    Way(
        "a storage account",
        in_context(
            carrying(lambda rng: letters(rng, 86) + "==", "AccountName=x;AccountKey={}", "AccountName=x;AccountKey={}")
        ),
    ),
    Way(
        "an authentication token in JSON",
        in_context(carrying(lambda rng: letters(rng, 32), '{{"auth_token": "{}"}}', '{{"auth_token": "{}"}}')),
    ),
    Way(
        "a password with a hyphen",
        in_context(
            carrying(lambda rng: letters(rng, 6) + "-" + letters(rng, 6) + "9", "Passwort/password: {}", "口令：{}")
        ),
    ),
)
_FOREIGN = {
    "en": (
        "我们周末去爬山吧。",
        "Можно ли здесь курить?",
        "¿Cuánto cuesta la entrada para niños?",
        "Où est-ce que je peux garer la voiture ?",
        "Können wir morgen etwas früher anfangen?",
        "これを英語に訳してください。",
        "Quanto custa o bilhete para Lisboa?",
    ),
    "zh": (
        "Is there a bus to the airport?",
        "Можно ли здесь курить?",
        "¿Cuánto cuesta la entrada para niños?",
        "Où est-ce que je peux garer la voiture ?",
        "Können wir morgen etwas früher anfangen?",
        "これを英語に訳してください。",
        "주차장이 어디에 있나요?",
    ),
}


def _foreign(number: int) -> Way:
    def apply(pair: PreferencePair, rng: Random) -> PreferencePair:
        side = rng.choice(["chosen", "rejected"])
        return with_candidate(pair, side, rng.randrange(4), utterance=_FOREIGN[pair.language][number])

    return Way(f"unseen language {number}", apply)


LANGUAGE = tuple(map(_foreign, range(7)))
CONTROL = tuple(
    Way(
        f"unseen control string {number}",
        text_changed(lambda old, rng, token=token: old.replace("</predict>", f"{token}</predict>", 1)),
    )
    for number, token in enumerate(
        (
            "<|vision_start|>",
            "<end_of_text>",
            "[TOOL_CALLS]",
            "<｜begin▁of▁sentence｜>",
            "<start_of_image>",
            "<|system|>",
        )
    )
)

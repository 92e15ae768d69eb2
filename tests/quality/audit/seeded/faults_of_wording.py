"""Planted faults in the wording: repetition, artefacts of prompts and formats, broken layout, other languages."""

from __future__ import annotations

import re
from random import Random

from proutt.methods.record import PreferencePair
from quality.audit.pairs import with_candidate
from quality.audit.seeded.planting import Apply, Kind, Way, full_width, shouted
from quality.audit.seeded.saying import (
    added,
    either,
    prediction,
    reasoned,
    text_changed,
    twice,
)

# Repetition -----------------------------------------------------------------------------------------------------------


REPETITION = Kind(
    "repetition",
    ("repetition",),
    (
        Way(
            "a word over and over",
            prediction(either("Show me the the the the the the the list", "帮我找找找找找找找找一下")),
        ),
        Way(
            "a phrase over and over",
            prediction(
                either("Is it cheap, is it cheap, is it cheap, is it cheap?", "便宜吗，便宜吗，便宜吗，便宜吗？")
            ),
        ),
        Way("a sentence over and over", reasoned(either("The user needs help. " * 5, "用户需要帮助。" * 5))),
        Way(
            "a long sentence three times",
            reasoned(
                either("They may want a cheaper room near the harbour. " * 3, "他们可能想要港口附近更便宜的房间。" * 3)
            ),
        ),
        Way("the same prediction twice", twice(str)),
        Way("twice, in capitals", twice(shouted)),
        Way("twice, other punctuation", twice(lambda said: said.rstrip("?.？。") + "!")),
        Way("twice, full-width", twice(full_width)),
        Way("letters", added(either("noooooooooooooooooooooooooo", "哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈哈"))),
        Way(
            "a loop with a counter",
            prediction(either("and then and then and then and then and then go", "然后再然后再然后再然后再然后再走")),
        ),
        Way("twice, one more word", twice(lambda said: "Well, " + said if said.isascii() else "那么" + said)),
        Way(
            "a loop that ends the reasoning",
            reasoned(
                either(
                    "so the user so the user so the user so the user so the user",
                    "所以用户所以用户所以用户所以用户所以用户",
                )
            ),
        ),
        Way(
            "two phrases in turn",
            prediction(
                either("go on, stop, go on, stop, go on, stop, go on, stop", "走吧停吧走吧停吧走吧停吧走吧停吧")
            ),
        ),
        Way(
            "a list that comes back",
            reasoned(
                either(
                    "First rooms, then food, then fees. " * 3,
                    "先房间，再吃饭，后费用。先房间，再吃饭，后费用。先房间，再吃饭，后费用。",
                )
            ),
        ),
        Way("twice, lower case and no space at the ends", twice(lambda said: f" {said.lower()} ")),
    ),
)


# Artefacts ------------------------------------------------------------------------------------------------------------

ARTEFACTS = Kind(
    "prompt artefacts",
    ("prompt-artefacts", "broken-layout"),
    (
        Way("the intent tree is named", added(either("as the intent tree shows", "（见意图树）"))),
        Way("a placeholder", prediction(either("What about {attribute} of {topic}?", "{topic}的{attribute}怎么样？"))),
        Way(
            "Incorrect Input", prediction(either("Incorrect Input 1: Where is the station?", "错误输入1：车站在哪里？"))
        ),
        Way("Correct Input", prediction(either("Correct Input: Where is the station?", "正确输入：车站在哪里？"))),
        Way("a JSON tail", added(either('"}]}', '"}]}'))),
        Way("another JSON tail", added(either('", "score": 0.4},', '", "score": 0.4},'))),
        Way("a whole JSON answer", prediction(either('{"utterance": "Where is it?"}', '{"utterance": "在哪里？"}'))),
        Way("a code fence", added(either("```json", "```json"))),
        Way("User: before it", prediction(either("User: Where is it?", "用户：在哪里？"))),
        Way("a numbered label", prediction(either("Predicted utterance 2: Where is it?", "预测的话语2：在哪里？"))),
        Way("the perspective is named", added(either("(exploitation candidate)", "（利用视角候选）"))),
        Way("a mustache", prediction(either("Tell me about {{user_input}} now.", "讲讲{{user_input}}吧。"))),
        Way("an unclosed think", text_changed(lambda text, _: text.replace("</think>", ""))),
        Way("a think in a prediction", text_changed(lambda text, _: text.replace("<predict>", "<predict><think>", 1))),
        Way(
            "as an AI",
            prediction(
                either("As an AI language model, I cannot predict that.", "作为一个人工智能语言模型，我无法预测。")
            ),
        ),
        Way(
            "here is the output",
            prediction(either("Here is the predicted next input: Where is it?", "以下是预测的下一句输入：在哪里？")),
        ),
        Way("a dollar placeholder", prediction(either("Compare ${topic} with ${value}.", "比较${topic}和${value}。"))),
        Way("angle placeholder", prediction(either("How much is <value>?", "<value>多少钱？"))),
        Way("two closing think", text_changed(lambda text, _: text + "\n</think>")),
        Way(
            "a field name",
            prediction(
                either(
                    "sentence_type: interrogative, utterance: Where is it?",
                    "sentence_type: interrogative, utterance: 在哪里？",
                )
            ),
        ),
        Way("no predictions", text_changed(lambda text, _: re.sub(r"</?predict>", "", text))),
        Way(
            "an empty prediction",
            text_changed(lambda text, _: re.sub(r"<predict>.*?</predict>", "<predict> </predict>", text, count=1)),
        ),
        Way("an unclosed prediction", text_changed(lambda text, _: text.removesuffix("</predict>"))),
        Way(
            "a prediction in the reasoning",
            text_changed(lambda text, _: text.replace("<think>\n", "<think>\n<predict>x y</predict>\n", 1)),
        ),
        Way("an XML answer", added(either("</answer>", "</answer>"))),
        Way("a percent placeholder", prediction(either("Tell me about %(topic)s", "介绍一下%(topic)s"))),
        Way("a Jinja loop", added(either("{% for each in turns %}", "{% for each in turns %}"))),
        Way(
            "a heading of the prompt", prediction(either("### Next utterance: Where is it?", "### 下一句话：在哪里？"))
        ),
        Way("a key of an answer", added(either('"paths": [', '"paths": ['))),
        Way("the method's words", added(either("(for the exploration side)", "（探索类预测）"))),
        Way("Assistant: after it", added(either("Assistant: By tram.", "助手：坐电车。"))),
        Way("think in capitals", text_changed(lambda text, _: text.replace("</predict>", "<THINK></predict>", 1))),
    ),
)


# Language -------------------------------------------------------------------------------------------------------------

_FOREIGN: dict[str, tuple[tuple[str, ...], ...]] = {
    "en": (
        ("附近哪里有药店？", "请帮我订一张明天的票。", "我更喜欢蓝色的那个。", "这个多少钱一斤？"),
        (
            "Где находится ближайшая аптека?",
            "Сколько это стоит?",
            "Мне больше нравится синий.",
            "Закажите билет на завтра.",
        ),
        (
            "¿Dónde está la farmacia más cercana del barrio?",
            "Me gustaría reservar una mesa para cuatro personas.",
            "Prefiero el azul porque combina mejor con todo.",
            "Escribe una lista de las cosas que necesito llevar.",
        ),
        ("近くに薬局はありますか？", "明日の切符を予約してください。", "青いほうが好きです。", "いくらですか？"),
        (
            "Wo finde ich hier in der Nähe eine Apotheke?",
            "Ich möchte bitte einen Tisch für vier Personen reservieren.",
            "Mir gefällt der blaue Mantel viel besser als der rote.",
            "Schreibe mir eine Liste der Dinge, die ich brauche.",
        ),
        ("근처에 약국이 어디 있나요?", "내일 표를 예약해 주세요.", "저는 파란색이 더 좋아요.", "얼마예요?"),
        (
            "Où se trouve la pharmacie la plus proche d'ici ?",
            "Réservez-moi une table pour quatre personnes.",
            "Je préfère le manteau bleu parce qu'il est plus chaud.",
            "Combien coûte un billet pour demain matin ?",
        ),
        ("أين أقرب صيدلية؟", "احجز لي تذكرة للغد.", "أفضل اللون الأزرق.", "كم سعر هذا؟"),
    ),
    "zh": (
        (
            "Where is the nearest pharmacy?",
            "Please book a ticket for tomorrow.",
            "I like the blue one better.",
            "How much is a kilo?",
        ),
        (
            "Где находится ближайшая аптека?",
            "Сколько это стоит?",
            "Мне больше нравится синий.",
            "Закажите билет на завтра.",
        ),
        (
            "¿Dónde está la farmacia más cercana?",
            "Me gustaría reservar una mesa.",
            "Prefiero el azul.",
            "Escribe una lista.",
        ),
        ("近くに薬局はありますか？", "明日の切符を予約してください。", "青いほうが好きです。", "これはいくらですか？"),
        (
            "Wo ist hier eine Apotheke?",
            "Ich möchte einen Tisch reservieren.",
            "Mir gefällt der blaue.",
            "Schreibe eine Liste.",
        ),
        ("근처에 약국이 어디 있나요?", "내일 표를 예약해 주세요.", "저는 파란색이 더 좋아요.", "얼마예요?"),
        (
            "Où se trouve la pharmacie la plus proche d'ici ?",
            "Réservez-moi une table pour quatre personnes.",
            "Je préfère le manteau bleu parce qu'il est plus chaud.",
            "Combien coûte un billet pour demain matin ?",
        ),
        ("أين أقرب صيدلية؟", "احجز لي تذكرة للغد.", "أفضل اللون الأزرق.", "كم سعر هذا؟"),
    ),
}


def _foreign(number: int, count: int) -> Apply:
    def apply(pair: PreferencePair, rng: Random) -> PreferencePair:
        side = rng.choice(["chosen", "rejected"])
        for at, said in zip(
            rng.sample(range(4), count), rng.sample(_FOREIGN[pair.language][number], count), strict=True
        ):
            pair = with_candidate(pair, side, at, utterance=said)
        return pair

    return apply


LANGUAGE = Kind(
    "language mismatch",
    ("language-mismatch",),
    (
        Way("English and Chinese exchanged, one", _foreign(0, 1)),
        Way("Russian, one", _foreign(1, 1)),
        Way("Spanish, all", _foreign(2, 4)),
        Way("Spanish, one", _foreign(2, 1)),
        Way("Japanese, one", _foreign(3, 1)),
        Way("German, all", _foreign(4, 4)),
        Way("German, one", _foreign(4, 1)),
        Way("Korean, one", _foreign(5, 1)),
        Way("English and Chinese exchanged, all", _foreign(0, 4)),
        Way("Japanese, two", _foreign(3, 2)),
        Way("French, all", _foreign(6, 4)),
        Way("French, one", _foreign(6, 1)),
        Way("Arabic, one", _foreign(7, 1)),
    ),
)

WORDING_KINDS = (REPETITION, ARTEFACTS, LANGUAGE)

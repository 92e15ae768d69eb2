"""What must not be in what a chatbot or a user agent says, told from its text; and the sentences for it. Pure.

By rules, so they see forms and no meaning: an apology is one of the phrases below, a question is repeated when its
words are nearly the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from proutt.dialogue.control_text import CONTROL
from proutt.intent import near, normal
from proutt.prompts.synpt.saying import problem as layout_problem
from proutt.prompts.synpt.saying import said_problem
from proutt.prompts.template import prompt_language

#: Most characters of what is said, of a reason, and of advice.
REPLY_CHARS = 900
UTTERANCE_CHARS = 500
REASON_CHARS = 500
ADVICE_CHARS = 500
#: Fewest letters and digits of a question that can be repeated: "And you?" may be asked often.
_LEAST_QUESTION = {"en": 10, "zh": 5}

_PROBLEMS = {
    "en": {
        "apology": "the reply apologises; say what is to be said without it.",
        "name": "the reply opens with the person's name; begin another way.",
        "question": "you have asked “{text}” before; ask something else, or nothing.",
        "long": "{what} is too long; write a few sentences.",
        "serves": "“{text}” is what a chatbot would say; write what the person says.",
    },
    "zh": {
        "apology": "回复中有道歉，请直接说内容，不要道歉。",
        "name": "回复以对方的名字开头，请换一种开头。",
        "question": "你已经问过“{text}”，请问别的，或者不提问。",
        "long": "{what}太长了，请只写几句话。",
        "serves": "“{text}”像是聊天机器人说的话，请写这个人会说的话。",
    },
}

#: A role's name before words, besides those that an assistant's have.
_LABEL = re.compile(r"^\s*(?:chat ?bot|bot|person|机器人|对方)\s*[:：]", re.IGNORECASE | re.MULTILINE)
#: Not where it is sympathy: "sorry to hear that".
_APOLOGY = re.compile(
    r"\bapolog(?:y|ies|i[sz]e[sd]?|i[sz]ing)\b|\bforgive me\b|\bpardon me\b|\bmy (?:bad|mistake)\b"
    r"|\bsorry\b(?! (?:to (?:hear|learn|read)|(?:that )?you(?:['’]re|['’]ve| are| have| had)|for your|about your))"
    r"|抱歉|对不起|请原谅|不好意思|请见谅|我道歉",
    re.IGNORECASE,
)
_GREETS = re.compile(
    r"^(?:[\s“\"'*]*(?:hi|hello|hey|oh|ah|well|wow|dear|thanks|thank you|great|okay|ok|good (?:morning|evening|day)"
    r"|nice to meet you|你好|您好|嗨|哈喽|谢谢|哇|啊|哦|很高兴认识你)(?: there)?[\s,，.!！~～、]*)*",
    re.IGNORECASE,
)
_VOCATIVE = re.compile(r"(?P<name>[^\W\d_][\w'’.-]*(?: [^\W\d_][\w'’.-]*){0,2})\s*[,，!！:：—–~～]")
_CALLED = re.compile(
    r"\b(?:i['’]?m|i am|my name is|my name['’]s|name['’]s|call me|this is)\s+"
    r"(?P<latin>[A-Z][\w'’-]*(?: [A-Z][\w'’-]*){0,2})"
    r"|(?:我叫|我是|叫我|名字是|名叫)(?P<han>[\u3400-\u9fff·]{1,8})",
    re.IGNORECASE,
)
_TITLE = re.compile(r"(?:先生|女士|小姐|老师|同学|师傅|医生|哥|姐)$")
_QUESTION = re.compile(r"[^.!?。！？\n]*[?？]")
_SERVES = re.compile(
    r"\b(?:how|what) (?:can|may) i (?:help|assist|do for) you|\bhow can i be of (?:help|assistance)\b"
    r"|\b(?:as|i['’]?m|i am) an? (?:ai|artificial intelligence|language model|chatbot|virtual assistant)\b"
    r"|(?:有什么|需要).{0,6}帮(?:您|你)|作为(?:一个|一名)?(?:ai|人工智能|语言模型|聊天机器人)|我是(?:一个|一名)?(?:ai|人工智能|聊天机器人)",
    re.IGNORECASE,
)


def problem(kind: str, language: str, **fields: str) -> str:
    """The sentence for one kind of problem. Fields may come from models: never a template."""
    text = _PROBLEMS[prompt_language(language)][kind]
    return re.sub(r"\{(\w+)\}", lambda match: fields[match[1]], text)


def apologises(text: str) -> bool:
    """Whether a text says that its speaker is sorry for something; sympathy is none."""
    return _APOLOGY.search(text) is not None


def questions_in(text: str) -> list[str]:
    """The questions of a text, by their marks, in order."""
    return [each.strip() for each in _QUESTION.findall(text)]


def asked_before(text: str, earlier: Iterable[str], language: str) -> str | None:
    """The first question of a text that an earlier one asks in nearly the same words."""
    least = _LEAST_QUESTION[prompt_language(language)]
    known = [question for each in earlier for question in questions_in(each)]
    for question in questions_in(text):
        if len(normal(question)) >= least and any(near(question, each) for each in known):
            return question
    return None


def names_of(by_user: Iterable[str]) -> list[str]:
    """What a user calls themself in their own words: "I'm Ada", "我叫李明". Of words that are no name as well ("I'm
    Happy"): an utterance that opens with them is read as opening with a name."""
    return [match["latin"] or match["han"] for each in by_user for match in _CALLED.finditer(each)]


def opens_with_name(text: str, by_user: Iterable[str]) -> bool:
    """Whether a reply calls the user by name before anything else but a greeting."""
    begins = _VOCATIVE.match(text[_GREETS.match(text).end() :])  # type: ignore[union-attr]
    if begins is None:
        return False
    said = _TITLE.sub("", begins["name"]).casefold()
    if not said:
        return False
    for name in names_of(by_user):
        known = name.casefold()
        if known.startswith(said) if re.search(r"[\u3400-\u9fff]", said) else said.split()[0] in known.split():
            return True
    return False


def reply_problem(text: str, by_chatbot: Iterable[str], by_user: Iterable[str], language: str) -> str | None:
    """What is wrong with a chatbot's reply, as one sentence; None where nothing is."""
    what = "“reply”" if prompt_language(language) == "en" else "回复"
    found = said_problem(text, what, language)
    if found is not None:
        return found
    if _LABEL.search(text) or CONTROL.search(text):
        return layout_problem("layout", language, what=what)
    if len(text) > REPLY_CHARS:
        return problem("long", language, what=what)
    if apologises(text):
        return problem("apology", language)
    if opens_with_name(text, by_user):
        return problem("name", language)
    again = asked_before(text, by_chatbot, language)
    return None if again is None else problem("question", language, text=again)


def utterance_problem(text: str, language: str) -> str | None:
    """What is wrong with words of a user agent."""
    found = said_problem(text, "“utterance”", language)
    if found is None and CONTROL.search(text):  # what a chat template takes for its own marks
        return layout_problem("layout", language, what="“utterance”")
    if found is None and serves(text):
        return problem("serves", language, text=text)
    return found


def serves(text: str) -> bool:
    """Whether a user's words are those of a chatbot: its role is flipped."""
    return _SERVES.search(text) is not None

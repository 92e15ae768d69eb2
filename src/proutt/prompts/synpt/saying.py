"""What must not be in what an agent says, told from its text; and the sentences that tell a model of it. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from proutt.intent.task import Task
from proutt.intent.values import agrees, same_value, says, states
from proutt.prompts.proutt.wording import repeats, speaks
from proutt.prompts.template import prompt_language

#: Most characters of what is said and thought: room for what is asked, and an end to rambling.
UTTERANCE_CHARS = 400
REPLY_CHARS = 700
REASONING_CHARS = 700
OPTION_CHARS = 60
VALUE_CHARS = 120
OPTIONS = 3

_PROBLEMS = {
    "en": {
        "empty": "{what} is empty.",
        "loop": "{what} repeats itself.",
        "language": "{what} is not written in the language of the dialogue.",
        "layout": "{what} holds marks, role labels or reasoning; write only what is said aloud.",
        "twice": "two entries are of {text}; write one.",
        "ungrounded": "the user does not say “{text}” of {what}; take the user's own words, or leave the entry out.",
        "ask": "“ask” must be one of the intentions still missing: {text}.",
        "same": "two options say the same; write {text} different ones.",
        "any": "“{text}” is no option: offer concrete values.",
        "offer": "the reply does not offer the option “{text}” in these words.",
        "early": "the reply names “{text}” before its question; name the options there alone.",
        "question": "the reply must ask exactly one question.",
        "unsaid": "the utterance does not state {what} in the words “{text}”.",
        "indifferent": "the utterance does not say that {what} does not matter.",
        "withheld": "the utterance tells {what}, which nobody asked for; leave it out.",
        "made-up": "the utterance says “{text}”, which the user was not given to tell; leave it out.",
        "voice": "“{text}” is what the assistant would say; write what the user says.",
        "bare": "you are unwilling, so the utterance must say that you want no more questions.",
    },
    "zh": {
        "empty": "{what}为空。",
        "loop": "{what}在重复自己。",
        "language": "{what}没有使用对话的语言。",
        "layout": "{what}含有标记、角色名或思考过程，请只写说出口的话。",
        "twice": "有两项都是{text}，请只写一项。",
        "ungrounded": "用户的话没有就{what}说“{text}”；请用用户的原话，或去掉这一项。",
        "ask": "“ask”必须是尚未提供的意图之一：{text}。",
        "same": "有两个选项意思相同，请写出{text}个不同的选项。",
        "any": "“{text}”不是选项，请给出具体的值。",
        "offer": "回复没有用原词给出选项“{text}”。",
        "early": "回复在提问之前就说了“{text}”，请只在问题里给出选项。",
        "question": "回复必须恰好提一个问题。",
        "unsaid": "这句话没有用“{text}”说明{what}。",
        "indifferent": "这句话没有说明{what}无所谓。",
        "withheld": "这句话说出了没有人问的{what}，请去掉。",
        "made-up": "这句话说了“{text}”，而给出的内容里没有，请去掉。",
        "voice": "“{text}”像是助手说的话，请写用户会说的话。",
        "bare": "你不愿继续，所以这句话要表明你不想再被提问。",
    },
}

_LABEL = re.compile(
    r"^\s*[\[【*]*(?:user|assistant|human|ai|customer|agent|用户|助手|客服|旅客|顾客)[\]】*]*\s*[:：]",
    re.I | re.MULTILINE,
)
_THOUGHT = re.compile(
    r"</?(?:think|thought|reason|reasoning|summary|no_anxiety|anxiety|options?|answer)\b[^>]*>|```"
    r"|^\s*[#*【\[]*\s*(?:reasoning|thinking|thoughts?|thought process|analysis|reference options?|options? thinking|"
    r"思考过程|思考|分析|推理|判断|参考选项|意图思考|情绪思考|选项思考)\s*[】\]*]*\s*[:：]"
    r"|\b(?:implicit|missing|explicit) intentions?\b|隐式意图|显式意图|尚未提供的意图|已经提供的意图"
    r"|^\s*\{\s*\"",
    re.I | re.MULTILINE,
)
_ASKS_AS_ASSISTANT = re.compile(
    r"\b(?:what|which|how much|how many|when|where|who) (?:is|are|was) your (?:preferred |planned |intended )?"
    r"(?:budget|destination|dates?|preference|travel|departure|companion|group|style)"
    r"|\b(?:would|do) you (?:like|prefer|want|plan|have (?:a|any) (?:preference|budget))\b"
    r"|\bmay i (?:ask|know)\b|\b(?:could you (?:please )?|please )(?:tell|share with) me your\b"
    r"|\b(?:can|may|how can|how may) i (?:help|assist) you\b|\bi(?:'d| would) be happy to (?:help|assist)\b"
    r"|\bi(?:'ll| will| can(?:'t|not)?|(?:'m| am) (?:ready|here) to) (?:assist|provide)\b"
    r"|您(?:想|打算|希望|倾向|更喜欢|偏好|计划|的(?:预算|目的地|出发|行程|偏好))"
    r"|请问您(?:想|打算|的|是|需要|希望|几|什么)|为您(?:推荐|安排|规划|找到)|你(?:的预算是|打算去哪|更倾向)"
    r"|(?:有什么|需要)(?:我)?(?:可以)?帮(?:您|你)|很高兴为",
    re.I,
)
_QUESTION = re.compile(r"[?？؟]+")


def problem(kind: str, language: str, **fields: str) -> str:
    """The sentence for one kind of problem. Fields may come from models and seeds: never a template."""
    text = _PROBLEMS[prompt_language(language)][kind]
    return re.sub(r"\{(\w+)\}", lambda match: fields[match[1]], text)


def has_label(text: str) -> bool:
    """Whether a line begins with the name of a role, as in a script of a play."""
    return _LABEL.search(text) is not None


def has_reasoning(text: str) -> bool:
    """Whether a text that is said aloud holds what was to be thought only."""
    return _THOUGHT.search(text) is not None


def asks_as_assistant(text: str) -> bool:
    """Whether a user's utterance asks what an assistant would ask: its role is flipped."""
    return _ASKS_AS_ASSISTANT.search(text) is not None


def questions(text: str) -> int:
    """How many questions a text asks, by its marks."""
    return len(_QUESTION.findall(text))


def said_problem(text: str, what: str, language: str, quoting: Iterable[str] = ()) -> str | None:
    """What is wrong with words that are said aloud.

    quoting  values that they may repeat as these stand, in any language and with any marks
    """
    if not text.strip():
        return problem("empty", language, what=what)
    own = without(text, quoting)
    if has_label(own) or has_reasoning(own):
        return problem("layout", language, what=what)
    if repeats(own):
        return problem("loop", language, what=what)
    if any(each.isalpha() for each in own) and not speaks(own, language):
        return problem("language", language, what=what)
    return None


def thought_problem(text: str, what: str, language: str, quoting: Iterable[str] = ()) -> str | None:
    """What is wrong with a reasoning."""
    if not text.strip():
        return problem("empty", language, what=what)
    own = without(text, quoting)
    if repeats(own):
        return problem("loop", language, what=what)
    if any(each.isalpha() for each in own) and not speaks(own, language):
        return problem("language", language, what=what)
    return None


def without(text: str, values: Iterable[str]) -> str:
    """The text less the values that it quotes."""
    for value in sorted(filter(None, values), key=len, reverse=True):
        text = text.replace(value, " ")
    return text


def telling_problem(
    task: Task, utterance: str, told: Iterable[tuple[str, str]], withheld: Iterable[tuple[str, str]], before: str = ""
) -> str | None:
    """What of its values an utterance tells too little of, or too much.

    before  what was said already: a value that stands there is no secret any more
    """
    told, language = tuple(told), task.language
    for key, value in told:
        if not states(task, utterance, value):
            kind = "indifferent" if same_value(value, task.any_value) else "unsaid"
            fields = {"what": task.name_of(key)} | ({} if kind == "indifferent" else {"text": value})
            return problem(kind, language, **fields)
    known = "\n".join([before, task.name, *(value for _, value in told)])
    for key, value in withheld:
        if betrays(task, utterance, value, known):
            return problem("withheld", language, what=task.name_of(key))
    return None


def betrays(task: Task, text: str, value: str, known: str) -> bool:
    """Whether a text states a value that is not known yet. Not told of "no preference", nor of a single character:
    those stand in texts by chance."""
    return (
        len(value.strip()) > 1
        and not same_value(value, task.any_value)
        and says(text, value)
        and not says(known, value)
    )


def options_problem(task: Task, options: Sequence[str]) -> str | None:
    """Three concrete values, no two the same."""
    for each in options:
        if not any(character.isalnum() for character in each) or agrees(task, each, task.any_value):
            return problem("any", task.language, text=each)
    if alike(options):
        return problem("same", task.language, text=str(OPTIONS))
    return None


def alike(options: Sequence[str]) -> bool:
    """Whether two of the options are one value."""
    return any(same_value(one, other) for at, one in enumerate(options) for other in options[at + 1 :])


def reply_problem(task: Task, reply: str, options: Sequence[str], quoting: Iterable[str] = ()) -> str | None:
    """What is wrong with an asking reply: it says its options in their words, in exactly one question."""
    found = said_problem(reply, "“reply”", task.language, (*options, *quoting))
    if found is not None:
        return found
    missing = next((each for each in options if not says(reply, each)), None)
    if missing is not None:
        return problem("offer", task.language, text=missing)
    return None if questions(reply) == 1 else problem("question", task.language)

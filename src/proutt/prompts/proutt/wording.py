"""Words that several steps of ProUtt put into their prompts, and the checks that their texts must pass."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Annotated

from pydantic import AfterValidator

from proutt.intent import IntentPath, IntentTree, Perspective, SentenceType, near, normal, render
from proutt.prompts.context import estimated_tokens
from proutt.prompts.template import prompt_language

#: Most characters of each text in an answer: room for a sentence or two, and an end to rambling.
REASONING_CHARS = 320
UTTERANCE_CHARS = 240
LABEL_CHARS = 40
VALUE_CHARS = 80

#: The attribute of a path whose model named none.
UNNAMED_ATTRIBUTE = "general"

_TYPES = {
    "en": {
        SentenceType.DECLARATIVE: (
            "as a statement that tells something (declarative)",
            "declarative",
            "tells something",
        ),
        SentenceType.IMPERATIVE: ("as a request to do something (imperative)", "imperative", "asks to do something"),
        SentenceType.INTERROGATIVE: ("as a question (interrogative)", "interrogative", "asks for information"),
    },
    "zh": {
        SentenceType.DECLARATIVE: ("用陈述句（说明信息）", "declarative", "陈述句，说明信息"),
        SentenceType.IMPERATIVE: ("用祈使句（要求做某事）", "imperative", "祈使句，要求做某事"),
        SentenceType.INTERROGATIVE: ("用疑问句（询问信息）", "interrogative", "疑问句，询问信息"),
    },
}
_TREE = {"en": "Intent tree:\n{}\n\n", "zh": "意图树：\n{}\n\n"}
_PERSPECTIVES = {
    "en": {Perspective.EXPLOITATION: "going on with a known topic", Perspective.EXPLORATION: "turning to a new topic"},
    "zh": {Perspective.EXPLOITATION: "继续已有主题", Perspective.EXPLORATION: "转向新主题"},
}


def form_of(sentence_type: SentenceType, language: str) -> str:
    """How an utterance of that type is asked for: "as a question (interrogative)"."""
    return _TYPES[prompt_language(language)][sentence_type][0]


def type_line(sentence_type: SentenceType, language: str) -> str:
    """One line that names a type as an answer's field and says what it is."""
    _, name, meaning = _TYPES[prompt_language(language)][sentence_type]
    return f'- "{name}": {meaning}' if prompt_language(language) == "en" else f'- "{name}"：{meaning}'


def tree_block(tree: IntentTree | None, language: str, budget: int) -> str:
    """The tree under its heading, or nothing where the ablation builds none."""
    return "" if tree is None else _TREE[prompt_language(language)].format(render(shown(tree, budget)))


def shown(tree: IntentTree, budget: int) -> IntentTree:
    """What of a tree a prompt shows: all, or the latest attributes that fit into half of the dialogue's budget."""
    leaves = sum(len(each) for each in tree.topics.values())
    while leaves > 1 and estimated_tokens(render(tree)) > budget // 2:
        leaves = leaves * 3 // 4
        tree = tree.latest(leaves)
    return tree


def numbered(texts: Iterable[object]) -> str:
    """One text per line, numbered from 1."""
    return "\n".join(f"{number}. {text}" for number, text in enumerate(texts, start=1))


def numbers(positions: Sequence[int]) -> str:
    """Positions (from 0) as they are numbered in a prompt: "1, 3"."""
    return ", ".join(str(position + 1) for position in positions)


def perspective_words(perspective: Perspective, language: str) -> str:
    return _PERSPECTIVES[prompt_language(language)][perspective]


def as_path(topic: str, attribute: str, value: str) -> IntentPath:
    """The path that three answered labels make; an empty attribute is "general", an empty value is left open."""
    named_so = label(attribute) if normal(attribute) else UNNAMED_ATTRIBUTE
    return IntentPath(label(topic), named_so, label(value) or None)


def named(text: str) -> str:
    """The text, which names a topic. Raises ValueError where it has no letter or digit: "?" names nothing."""
    if not normal(text):
        raise ValueError("it needs a name")
    return text


#: A topic, or an intent, as a field of an answer.
Name = Annotated[str, AfterValidator(named)]


def label(text: str) -> str:
    """A label as models write them, on one line, without quotes or path marks around it."""
    flat = " ".join(text.split()).strip(" \"'“”‘’`*_-–—→>")
    return re.sub(r"\s*→\s*", " ", flat)


# Checks. Each returns the first thing wrong as a sentence for the model, in the language of the prompts, or None.

_SAID = {
    "en": {
        "empty": "{what} is empty or too short.",
        "loop": "{what} repeats itself.",
        "language": "{what} is not written in the language of the user.",
        "layout": "{what} holds marks or layout instead of plain words.",
        "same": "two of the {what} are nearly equal; make each different.",
        "asked": "the user has already said “{text}”; write something new.",
        "known": "the topic “{text}” is not new; take one that the dialogue has not had.",
        "unknown": "the topic “{text}” is not in the tree; take one that is.",
        "held": "the intent “{text}” is already in the tree; take a new attribute or another value.",
        "near": "the intent “{text}” is too close to the one to avoid.",
        "echo": "“{text}” stood there before; word it in the other form.",
        "off": "the utterance does not speak of “{text}”.",
        "copied": "the answer repeats an earlier one; write about this user.",
        "voice": "“{text}” is what the assistant would say; write what the user says.",
        "tells": "{what} speaks of the task instead of the dialogue; reason from the dialogue alone.",
        "rounds": "write exactly one entry for each of the rounds {text}, in order.",
    },
    "zh": {
        "empty": "{what}为空或太短。",
        "loop": "{what}在重复自己。",
        "language": "{what}没有使用用户的语言。",
        "layout": "{what}含有标记或格式符号，请只用普通文字。",
        "same": "{what}中有两个几乎相同，请使它们各不相同。",
        "asked": "用户已经说过“{text}”，请写新的。",
        "known": "主题“{text}”不是新的，请用对话中还没有的主题。",
        "unknown": "主题“{text}”不在意图树中，请用已有的主题。",
        "held": "意图“{text}”已在意图树中，请用新的属性或另一个值。",
        "near": "意图“{text}”与要避开的意图太接近。",
        "echo": "“{text}”是原来的话，请换成所要求的句式重写。",
        "off": "这句话没有谈到“{text}”。",
        "copied": "回答重复了先前的内容，请针对这位用户来写。",
        "voice": "“{text}”像是助手说的话，请写用户会说的话。",
        "tells": "{what}提到了任务本身，请只从对话出发推断。",
        "rounds": "请为第{text}轮各写一项，按顺序。",
    },
}

_LAYOUT = re.compile(
    r"</?(?:predict|think|round)\b|[{}→]|\[Round|\\n|^\s*[>\"]|\b(?:utterance|reasoning)\b\s*[:：]", re.I
)
_HAN = re.compile(r"[\u3400-\u9fff]")
_LATIN = re.compile(r"[A-Za-z]")
_TELLS = re.compile(
    r"ground truth|provided (?:path|intent)|given (?:path|intent)|taken to be|actual(?:ly)? (?:next|said)|"
    r"(?:the|this) task (?:asks|says|is to)|according to the (?:path|instruction|task)|"
    r"(?:给定|提供|给出)的?(?:意图)?(?:路径|意图)|假设(?:的?意图|用户接下来)|(?:真实|实际)的?(?:下一句|输入)|标准答案",
    re.I,
)


_ASSISTANT = re.compile(
    r"\s*(?:would you like|do you want|do you need|shall i|may i help|(?:can|how (?:can|may)) i (?:help|assist)|"
    r"i can (?:help|suggest|give|provide|recommend|offer|assist)|"
    r"(?:can|could|may|shall) i (?:give|help|offer|show|tell) you\b|"
    r"sure[,!] (?:here|i can)|certainly[,!]|of course[,!] (?:here|i)|as an ai|i(?:'m| am) an ai|"
    r"你想(?!想|哪|办法)|你要不要|你打算|你需要|你可以(?!帮|给|再)|您(?:想|要|需要|打算)|想不想|需要我|当然可以|好的，以下)",
    re.I,
)


def utterance_problem(text: str, language: str) -> str | None:
    """As `text_problem`, and it must be in the user's voice, not in the assistant's."""
    problem = text_problem(text, '"utterance"', language)
    if problem is None and _ASSISTANT.match(text):
        return say("voice", language, text=text)
    return problem


def echo_problem(text: str, before: str, language: str) -> str | None:
    """The problem where an utterance that was to be worded anew is the one that stood there."""
    return say("echo", language, text=text) if normal(text) == normal(before) else None


def say(kind: str, language: str, **fields: str) -> str:
    """The sentence for one kind of problem."""
    return _SAID[prompt_language(language)][kind].format_map(fields)


def text_problem(text: str, what: str, language: str, *, least: int = 6) -> str | None:
    """What is wrong with a text that stands on its own: empty, looping, in another script, or full of layout.

    least  fewest letters and digits; a Chinese character counts as three
    """
    letters = normal(text)
    if len(letters) < least and len(letters) + 2 * len(_HAN.findall(letters)) < least:
        return say("empty", language, what=what)
    if repeats(text):
        return say("loop", language, what=what)
    if _LAYOUT.search(text):
        return say("layout", language, what=what)
    if not speaks(text, language):
        return say("language", language, what=what)
    return None


def reasoning_problem(text: str, what: str, language: str) -> str | None:
    """As `text_problem`, and it must not speak of a path or answer that it was given (a tell-tale of the truth)."""
    problem = text_problem(text, what, language, least=20)
    if problem is None and _TELLS.search(text):
        return say("tells", language, what=what)
    return problem


def speaks(text: str, language: str) -> bool:
    """Whether the script of a text fits the language: Chinese has Han characters, and a Latin-script language few."""
    han = 0 if text.isascii() else len(_HAN.findall(text))
    if language == "zh":
        return han > 0 and han * 4 >= len(_LATIN.findall(text))
    return language == "ja" or han <= 2 or han <= len(_LATIN.findall(text)) // 4


def repeats(text: str) -> bool:
    """Whether a text runs in a loop: a word four times in a row, or a long piece of it three times."""
    words = text.split()
    run = 1
    for before, after in pairwise(words):
        run = run + 1 if before == after else 1
        if run >= 4:
            return True
    pieces = f"{text} "  # the third piece ends with the text, without the space that parts it from a next one
    return re.search(r"(.{8,}?)\1\1", pieces, re.DOTALL) is not None or re.search(r"(\w)\1{7,}", text) is not None


def equal_pair(texts: Sequence[str]) -> bool:
    """Whether two of the texts are equal or nearly so."""
    return any(near(one, other) for index, one in enumerate(texts) for other in texts[index + 1 :])


#: Least share of a value's pieces that the user's words must hold for the value to count as said.
GROUNDED = 0.5

_WORD = re.compile(r"[a-z0-9\u00c0-\u024f\u0370-\u1fff]+|[\u3040-\uffdc]")


def shared(text: str, said: str) -> float:
    """The share of the pieces of a text that `said` holds too, 0..1: words by their first four letters, or characters.

    Words of up to three letters count only where the text has no longer ones.
    """
    pieces = _pieces(text)
    return len(pieces & _pieces(said, short=True)) / len(pieces) if pieces else 0.0


def _pieces(text: str, *, short: bool = False) -> set[str]:
    words = _WORD.findall(text.lower())
    long = {word[:4] for word in words if len(word) > 3 or not word.isascii()}
    return long | {word for word in words if len(word) <= 3} if short or not long else long


def said_in(value: str, text: str) -> bool:
    """Whether a text holds enough of a value's words for the value to count as said there."""
    return shared(value, text) >= GROUNDED


#: How requests, questions and statements begin, by first four letters: such words say nothing of a subject.
_FORM_WORD = re.compile(
    "abou|also|alre|anyt|best|coul|crea|deta|desc|does|expl|find|from|give|goin|good|have|help|info|keep|know|like|list"
    "|make|more|much|must|need|plan|plea|pref|prov|reco|shou|show|some|sugg|tell|than|that|them|then|ther|they|thin|this"
    "|usua|want|well|were|what|when|wher|whic|will|with|woul|writ|your"
)


def brings(text: str, before: str) -> bool:
    """Whether a text in a script with spaces has a word of a subject that was not there before."""
    fresh = _pieces(text) - _pieces(before, short=True)
    return any(word.isascii() and len(word) == 4 and not _FORM_WORD.fullmatch(word) for word in fresh)

"""The fixed words of training texts, in English and Chinese; everything else in them comes from the pair.

Laid out after ProUtt's figures 7 and 8, with the paper's terms where the figures use older ones.
"""

from __future__ import annotations

from dataclasses import dataclass

from proutt.intent import Perspective, SentenceType
from proutt.prompts.template import prompt_language


@dataclass(frozen=True, slots=True)
class Wording:
    """One language's words. Braces name fields, filled all at once: text of a dialogue is never read as a template."""

    #: ordinals of a completion's steps, by how many steps there are
    ordinals: dict[int, tuple[str, ...]]
    tree_step: str
    tree_label: str
    type_step: str
    type_analysis: str
    perspectives_step: str
    perspectives: dict[Perspective, str]
    plain_step: str
    path: str
    lead_in: str
    sentence_types: dict[SentenceType, str]
    history: str
    opening: str
    round: str
    user: str
    assistant: str


_ENGLISH = Wording(
    ordinals={1: ("",), 2: ("First, ", "Finally, "), 3: ("First, ", "Next, ", "Finally, ")},
    tree_step="I lay out what the user has wanted so far as a tree of topics, attributes and values.",
    tree_label="[User Intent Tree]:",
    type_step="I work out which type of sentence the user will say next.",
    type_analysis="[Sentence Type Analysis]: {reasoning} "
    "Therefore the sentence type of the user's next utterance is most likely {type}.",
    perspectives_step="I work out what the user may say, from the perspectives of exploitation and exploration.",
    perspectives={
        Perspective.EXPLOITATION: "[Exploitation Analysis]: The user may go further with what was talked about.",
        Perspective.EXPLORATION: "[Exploration Analysis]: The user may also turn to something new that is close to it.",
    },
    plain_step="I work out what the user may say.",
    path="{reasoning} The intent path is {path}",
    lead_in="The user will most likely say one of these next:",
    sentence_types={
        SentenceType.DECLARATIVE: "declarative",
        SentenceType.IMPERATIVE: "imperative",
        SentenceType.INTERROGATIVE: "interrogative",
    },
    history="# Dialogue",
    opening="[Opening]",
    round="[Round {n}]",
    user="User:",
    assistant="Assistant:",
)

_CHINESE = Wording(
    ordinals={1: ("",), 2: ("首先，", "最后，"), 3: ("首先，", "接着，", "最后，")},
    tree_step="我把用户到目前为止想要的整理成由主题、属性和值组成的树。",
    tree_label="[用户意图树]：",
    type_step="我分析用户下一句话会是哪种句子类型。",
    type_analysis="[句子类型分析]：{reasoning}因此，用户下一句话的句子类型最可能是{type}。",
    perspectives_step="我从利用和探索两个视角推断用户可能会说什么。",
    perspectives={
        Perspective.EXPLOITATION: "[利用视角分析]：用户可能就对话已经谈到的事情继续深入。",
        Perspective.EXPLORATION: "[探索视角分析]：用户也可能转向与之相近的新事情。",
    },
    plain_step="我推断用户可能会说什么。",
    path="{reasoning}意图路径为：{path}",
    lead_in="用户接下来最可能说的是：",
    sentence_types={
        SentenceType.DECLARATIVE: "陈述句",
        SentenceType.IMPERATIVE: "祈使句",
        SentenceType.INTERROGATIVE: "疑问句",
    },
    history="# 对话",
    opening="[开场]",
    round="[第{n}轮]",
    user="用户：",
    assistant="助手：",
)

_WORDINGS = {"en": _ENGLISH, "zh": _CHINESE}


def wording(language: str) -> Wording:
    """The words for a dialogue in this language (ISO 639-1): Chinese for "zh", English for every other."""
    return _WORDINGS[prompt_language(language)]

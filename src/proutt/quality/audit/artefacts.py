"""What a prompt or an answer format left behind: placeholders, labels of the method, pieces of JSON, broken layout."""

from __future__ import annotations

import re
from collections.abc import Iterator

from proutt.quality.audit.check import Check, Finding, Need, Severity, each_row
from proutt.quality.audit.pieces import background, reasonings, sides, utterances
from proutt.quality.audit.subject import Subject

#: What prompts and answer formats call their parts.
_PART = (
    r"(?:utterance|input|prediction|output|answer|query|question|example|candidate|response|reply|turn|reasoning|"
    r"analysis|thought|explanation)"
)
_ZH_PART = r"(?:话语|输入|预测|输出|回答|答案|问题|示例|例子|候选|回复|推理|分析|思考|下一[句轮条](?:话|输入|问题)?)"
_FIELD = (
    r"(?:utterance|reasoning|reason|predictions?|path|topic|attribute|value|score|similarity|verdicts|candidates|category|"
    r"insight|thinking|revised|context|dialogue|history|tree|type|language|question|input|output)"
)
#: Never in an utterance of a user, unless the dialogue has it.
_IN_UTTERANCES = re.compile(
    "|".join(
        [
            r"\b(?:user )?intent (?:tree|path|topic)s?\b|意图(?:树|路径)",
            r"\b(?:sentence type analysis|mining view)\b|句子类型分析",
            r"\b(?:exploitation|exploration|mining)\s*(?:[:：]|(?:analysis|view|perspective|candidate|path|prediction)s?\b)",
            r"(?:利用|探索|挖掘)(?:视角|候选|路径|[类型侧方])|[(\[（【][^)\]）】\n]*\b(?:exploitation|exploration)\b",
            r"(?:^|\s)\[?(?:round|turn) ?\d+\]?\s*[:：]|\[(?:round|turn) ?\d+\]|[\[【]第\s*\d+\s*轮[\]】]",
            r"(?:^[\s#*>-]*|[.!?。！？]\s*)(?:user|assistant|human|chosen|rejected|system|bot|用户|助手|助理|系统)"
            r"(?: ?\d+)?\s*\**[:：]",
            rf"^[\s#*>-]*(?:(?:predicted|next|possible|likely|suggested|final|user|revised|true|real|actual|correct)"
            rf"(?:'?s)? )*"
            rf"{_PART}s? ?#?(?:\d+|[A-Z])?\s*[:：]",
            rf"^[\s#*>-]*(?:(?:用户|预测|可能|最终|修改后|真实|正确)*的?{_ZH_PART})\s*(?:\d+|[A-Z]|[一二三四五])?\s*[:：]",
            r"[\[【](?:user|assistant|human|system|用户|助手|系统)[\]】]",
            rf"\b{_FIELD}\s*[:=]\s*[\d\"'{{\[]",
            r"</?(?:think(?:ing)?|predict(?:ion)?s?|rounds?|answers?|outputs?|responses?|reasoning|analysis|utterances?|context|"
            r"dialogue|history|instructions?|examples?|task|user|assistant|system|tree|intent|result|json)\b[^>\n]*>?",
            r"\"\w+\"\s*:\s*[\[{\"]",  # a key of an answer in JSON
            r"^\s*#{1,4} \S",
        ]
    ),
    re.IGNORECASE,
)
#: In no text of a side, unless the dialogue has it.
_ANYWHERE = re.compile(
    "|".join(
        [
            r"(?<![\w{$\\])\{[a-z][a-z0-9_]{1,30}\}(?!\})",  # a field of a template that nobody filled
            r"%\([a-z_]\w*\)[sd]|\{%.{1,80}?%\}|<<\w+>>|\[\[\w+\]\]",  # other templates' fields
            rf"\$\{{{_FIELD}\}}|\{{\{{\s*\w+\s*\}}\}}",
            rf"\b(?:in)?correct {_PART} ?\d*\s*[:：]|\b(?:wrong|predicted|generated|revised) {_PART} ?\d+\s*[:：]",
            rf"(?:错误|正确|预测|修改后)的?{_ZH_PART}\s*\d*\s*[:：]",
            rf"\b{_PART} \d+\s*[:：]",
            rf"\"(?:\w+_\w+|{_FIELD})\"\s*:",
            r"\b(?:sentence_type|next_\w+|user_\w+|predicted_\w+|intent_\w+)\s*[:=]",
            r"\"\s*[\]}](?=[\s\]},]|$)|[\]}]\s*,?\s*[\]}]\s*$",  # the tail of an answer in JSON
            r"```(?:json)?\s*$",
            r"\bas an ai\b|作为一?(?:个|名|款)?(?:人工智能|AI)",
            r"<(?:placeholder|insert [^<>\n]{1,40}|your [^<>\n]{1,40}|topic|attribute|value|utterance)>",
            r"[\[【<][^\[\]【】<>\n]{0,40}(?:goes here|\bhere|此处|填写|待填)[^\[\]【】<>\n]{0,20}[\]】>]",
            r"\[(?:insert|placeholder|your) [^\[\]\n]{0,40}\]|\b(?:lorem ipsum|TODO:)",
            r"\b(?:here (?:is|are)|here's|below (?:is|are)) (?:the|my|your|a|some) "
            r"(?:json|answer in json|output|predict(?:ed|ions?)|"
            r"(?:possible |likely )?next (?:utterance|input|message|question))",
            r"(?:以下|下面)(?:就?是)(?:我的?)?(?:预测|输出|JSON|可能的?(?:下一|输入|话语))",
        ]
    ),
    re.IGNORECASE | re.MULTILINE,
)


def prompt_artefacts(subject: Subject) -> Iterator[Finding]:
    """Pieces of prompts and answer formats in predictions and reasoning that the dialogue itself does not have."""
    said = background(subject).casefold()
    for place, text in utterances(subject):
        match = _first(_IN_UTTERANCES, text, said) or _first(_ANYWHERE, text, said) or _left_open(text)
        if match is not None:
            yield Finding(place, "it holds a piece of a prompt or of an answer's format", _around(text, match))
    for place, text in reasonings(subject):
        match = _first(_ANYWHERE, _TREE_LINE.sub("", text), said)
        if match is not None:
            yield Finding(place, "it holds a piece of a prompt or of an answer's format", match[0])


#: Lines of a tree end in braces of their own.
_TREE_LINE = re.compile(r"^(?:\}|\S.*\{\}|\S.*\{| {4}.*)$", re.MULTILINE)


def _first(pattern: re.Pattern[str], text: str, said: str) -> re.Match[str] | None:
    return next((match for match in pattern.finditer(text) if match[0].casefold().strip() not in said), None)


#: What ends an answer in JSON or in a fence.
_CLOSING = re.compile(r"(?:[}\]]|```)\W*$")


def _left_open(text: str) -> re.Match[str] | None:
    """A closing brace, bracket or fence at the end that nothing in the text opens."""
    opened = text.count("```") % 2 == 0 and all(text.count(a) >= text.count(b) for a, b in ("{}", "[]"))
    return None if opened else _CLOSING.search(text)


def _around(text: str, match: re.Match[str]) -> str:
    return " ".join(text[max(match.start() - 30, 0) : match.end() + 30].split())


_THINK, _PREDICT = re.compile(r"</?think>"), re.compile(r"</?predict>")


def broken_layout(subject: Subject) -> Iterator[Finding]:
    """Sides whose layout is broken: tags that don't pair, no predictions, or not as many as the other side has."""
    counts = {name: len(side.utterances) for name, side in sides(subject)}
    for name, side in sides(subject):
        thinks = _THINK.findall(side.text)
        if thinks and thinks != ["<think>", "</think>"]:
            yield Finding(f"{name} completion", "its <think> tags do not pair", " ".join(thinks[:6]))
        predicts = _PREDICT.findall(side.text)
        if side.reasoning is not None and _PREDICT.search(side.reasoning):
            yield Finding(
                f"{name} reasoning", "it has a prediction, which belongs after it", _PREDICT.findall(side.text)[0]
            )
        if predicts != ["<predict>", "</predict>"] * (len(predicts) // 2):
            yield Finding(f"{name} completion", "its <predict> tags do not pair", " ".join(predicts[:8]))
        elif any(counts.values()) and not counts[name]:
            yield Finding(f"{name} completion", "it has no predictions, and the other side does")
        for number, utterance in enumerate(side.utterances, start=1):
            if not any(map(str.isalnum, utterance)):
                yield Finding(f"{name} prediction {number}", "it says nothing", utterance)
    if len(set(counts.values())) > 1 and all(counts.values()):
        yield Finding("row", "the sides have different numbers of predictions", f"{counts}")


ARTEFACTS = (
    Check(
        name="prompt-artefacts",
        title="pieces of prompts and of answer formats",
        severity=Severity.ERROR,
        limit=0.0,
        source="seen in the released ProUtt data",
        start=each_row(prompt_artefacts),
        needs=(Need.UTTERANCES,),
    ),
    Check(
        name="broken-layout",
        title="tags that do not pair, predictions that are missing or empty",
        severity=Severity.ERROR,
        limit=0.0,
        source="canonical layout (docs/exports.md)",
        start=each_row(broken_layout),
    ),
)

"""What every small question is: a short system prompt, worked examples as chat turns, then the question.

Here is also what small questions share: how an utterance and a reasoning may be written (as patterns, which the grammar
of an answer holds a model to), how somebody's words are quoted, and how a copy of a worked example is found.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, ClassVar

import yaml

from proutt.intent import SentenceType, normal
from proutt.llm.chat import Message
from proutt.prompts.context import estimated_tokens
from proutt.prompts.proutt.wording import say
from proutt.prompts.step import Step, language_name
from proutt.prompts.template import fill, prompt_language, template

#: What stands where there is nothing to name.
NONE = {"en": "-", "zh": "无"}
_SAID = {"en": "The user has said:\n{}", "zh": "用户说过：\n{}"}

#: How an utterance of each type begins and ends, and what may be between: the grammar keeps a small model to its type.
ANY = r'[^"\\\n.?!。？！>…☀-⟿🀀-🫿]'
_UTTERANCES: Mapping[str, Mapping[SentenceType | None, str]] = {
    "en": {
        SentenceType.INTERROGATIVE: rf"^[A-Z]{ANY}{{6,110}}\?$",
        SentenceType.IMPERATIVE: (
            r"^(Please|Show me|Tell me|List|Give me|Write|Suggest|Recommend|Explain|Help me|Find|Make|Compare|"
            rf"Describe|Plan|Create|Add) {ANY}{{6,110}}\.$"
        ),
        # No bare "I have" or "I can": what an assistant has to offer begins so.
        SentenceType.DECLARATIVE: (
            r"^(I want|I need|I plan|I would like|I prefer|I usually|I already|I am|I live|I tried|We|My|Our) "
            rf"{ANY}{{6,110}}\.$"
        ),
        None: rf"^[A-Z]{ANY}{{6,110}}[.?]$",
    },
    "zh": {
        SentenceType.INTERROGATIVE: rf"^{ANY}{{3,40}}？$",
        SentenceType.IMPERATIVE: rf"^(请|帮我|给我|告诉我|推荐|列出|教我|帮忙|介绍|把){ANY}{{3,40}}。$",
        SentenceType.DECLARATIVE: rf"^(我|我们|我的|我家|家里){ANY}{{3,40}}。$",
        None: rf"^{ANY}{{3,40}}[。？]$",
    },
}
_OTHER_UTTERANCES = {
    SentenceType.INTERROGATIVE: rf"^{ANY}{{4,110}}[?？]$",
    SentenceType.IMPERATIVE: rf"^{ANY}{{4,110}}[.!。]$",
    SentenceType.DECLARATIVE: rf"^{ANY}{{4,110}}[.。]$",
    None: rf"^{ANY}{{4,110}}[.?。？]$",
}
_REASONINGS = {"en": rf"^The user {ANY}{{50,240}}\.$", "zh": rf"^用户{ANY}{{16,110}}。$"}
_OTHER_REASONING = rf"^{ANY}{{20,260}}[.。]$"


def utterance_pattern(language: str, sentence_type: SentenceType | None) -> str:
    """How an utterance of that type is written in that language: one sentence; of any type where it is None."""
    return _UTTERANCES.get(language, _OTHER_UTTERANCES)[sentence_type]


def reasoning_pattern(language: str) -> str:
    """How a reasoning is written in that language: one sentence about the user."""
    return _REASONINGS.get(language, _OTHER_REASONING)


@dataclass(frozen=True, kw_only=True)
class SmallStep(Step[Any]):
    """A small question: a short system prompt, worked examples as chat turns, the question. No dialogue.

    folder, text  where its words lie: `prompts/FOLDER/TEXT.LANGUAGE.md`, worked examples beside them
    system        the text of its system prompt
    """

    folder: ClassVar[str] = "proutt/small"
    system: ClassVar[str] = "proutt/small/system"
    text: ClassVar[str]
    tries: ClassVar[int] = 5  # a small answer costs little, and a small model often needs another draw

    def fields(self) -> dict[str, str]:
        """What the question's template names."""
        raise NotImplementedError

    def example_fields(self, example: Mapping[str, Any]) -> dict[str, str]:
        """The same fields for one worked example."""
        raise NotImplementedError

    def examples(self) -> str:
        """Name of the file of worked examples."""
        return self.text

    def messages(self) -> tuple[Message, ...]:
        language = prompt_language(self.language)
        system = fill(template(self.system, language), language=language_name(self.language))
        question = template(f"{self.folder}/{self.text}", language)
        shots: list[Message] = []
        for example in worked_examples(self.examples(), language, self.folder):
            answer = json.dumps(self.example_answer(example), ensure_ascii=False, separators=(",", ":"))
            shots.append(Message("user", fill(question, **self.example_fields(example))))
            shots.append(Message("assistant", answer))
        return (Message("system", system), *shots, Message("user", fill(question, **self.fields())))

    def example_answer(self, example: Mapping[str, Any]) -> dict[str, Any]:
        answer: dict[str, Any] = example["answer"]
        return answer

    def copied(self, text: str) -> str | None:
        """The problem where a text repeats a worked example, word for word over a stretch: small models like to."""
        language = prompt_language(self.language)
        shots = worked_examples(self.examples(), language, self.folder)
        before = " ".join(str(said) for shot in shots for said in shot["answer"].values())
        return say("copied", self.language) if repeated(text, before) else None


#: Words (or characters of a script without spaces) in a row that count as copied.
_COPIED_WORDS, _COPIED_CHARACTERS = 6, 11


def repeated(text: str, before: str) -> bool:
    """Whether a text is in `before`, or has a stretch of it word for word: six words, or eleven Chinese characters."""
    if len(normal(text)) >= 6 and normal(text) in normal(before):
        return True
    words, spoken = re.findall(r"[\w']+", text.lower()), " ".join(re.findall(r"[\w']+", before.lower()))
    if len(words) >= _COPIED_WORDS:
        runs = (" ".join(words[at : at + _COPIED_WORDS]) for at in range(len(words) - _COPIED_WORDS + 1))
        return any(f" {run} " in f" {spoken} " for run in runs)
    runs = (text[at : at + _COPIED_CHARACTERS] for at in range(len(text) - _COPIED_CHARACTERS + 1))
    return bool(re.search(r"[\u3040-\u9fff]", text)) and any(run in before for run in runs)


@cache
def worked_examples(name: str, language: str, folder: str = "proutt/small") -> tuple[Mapping[str, Any], ...]:
    """The worked examples of `prompts/FOLDER/NAME.examples.LANGUAGE.yaml`."""
    place = files("proutt.prompts").joinpath(*folder.split("/"), f"{name}.examples.{language}.yaml")
    return tuple(yaml.safe_load(place.read_text(encoding="utf-8")))


def users_words(said: Sequence[str], language: str, budget: int) -> str:
    """What the user has said, a quoted line each; the last utterances where not all fit into `budget` tokens."""
    lines: list[str] = []
    room = budget
    for utterance in reversed(said):
        lines.insert(0, f"> {quoted(utterance, max(room // 2, 40))}")
        room -= estimated_tokens(lines[0])
        if room <= 0:
            break
    return _SAID[prompt_language(language)].format("\n".join(lines))


def quoted(text: str, tokens: int) -> str:
    """What somebody said, on one line within quotation marks, cut to about `tokens` tokens in its middle."""
    flat = " ".join(text.split()).replace('"', "'")
    most = estimated_tokens(flat)
    if most > tokens:
        keep = max(len(flat) * tokens // most // 2, 8)
        flat = f"{flat[:keep]} … {flat[-keep:]}"
    return f'"{flat}"'


def voice_problem(utterance: str, language: str) -> str | None:
    """The problem where a user speaks of "your" things: a small model has slipped into the assistant's voice."""
    turned = language == "en" and re.search(r"\byour\b|\bwill you\b", utterance, re.IGNORECASE)
    return say("voice", language, text=utterance) if turned else None

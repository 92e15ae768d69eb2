"""The prompt of a training row, one user message: an instruction, then the dialogue so far.

Two instructions (ProUtt V-D, Table VI): *structured* explains the intent tree, the steps of the reasoning and the
answer's layout; *minimal* says only what is to be predicted and how the answer is laid out. The texts lie in
`instructions/`, a file for each and language. The same prompt serves at prediction time, so it is built from a
`Context`: it cannot hold anything of the truth.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Literal, get_args

from proutt.dialogue import Context
from proutt.export.neutral import quoted
from proutt.export.wording import Wording, wording
from proutt.prompts.template import fill, prompt_language

Instruction = Literal["structured", "minimal"]
INSTRUCTIONS: tuple[Instruction, ...] = get_args(Instruction)

_CONDITION = re.compile(r"<!-- (no )?(tree|sentence type|perspectives) -->\n")


@dataclass(frozen=True, slots=True)
class Outline:
    """What a completion holds, so that the instruction asks for exactly that.

    tree           an intent tree and intent paths; False under the ablation "intent-tree" (Table III)
    sentence_type  a sentence-type step; False under the ablation "sentence-type" (Table III)
    exploitation, exploration  candidates of each perspective: Q each in ProUtt
    plain          candidates without a perspective: 2Q in methods that know none, which have neither of the others
    """

    tree: bool = True
    sentence_type: bool = True
    exploitation: int = 2
    exploration: int = 2
    plain: int = 0

    @property
    def count(self) -> int:
        """2Q, all predictions."""
        return self.exploitation + self.exploration + self.plain


def prompt_text(context: Context, *, instruction: Instruction = "structured", outline: Outline | None = None) -> str:
    """The whole prompt of one context; `outline` is the full method with Q = 2 where it is not given."""
    return f"{instruction_text(instruction, context.language, outline or Outline())}\n\n{history_text(context)}"


def instruction_text(instruction: Instruction, language: str, outline: Outline) -> str:
    """What the model is asked, in the dialogue's language, with no word on a step that the outline lacks."""
    kept = _kept(_template(instruction, prompt_language(language)), outline)
    fields = {name: str(getattr(outline, name)) for name in ("exploitation", "exploration", "count")}
    return fill(kept, **{name: value for name, value in fields.items() if f"{{{name}}}" in kept})


@cache
def _template(instruction: Instruction, language: str) -> str:
    place = files("proutt.export").joinpath("instructions", f"{instruction}.{language}.md")
    return place.read_text(encoding="utf-8").strip()


def _kept(text: str, outline: Outline) -> str:
    """The paragraphs of a template whose conditions, the comments on their first lines, the outline meets."""
    holds = {"tree": outline.tree, "sentence type": outline.sentence_type, "perspectives": not outline.plain}
    paragraphs = []
    for paragraph in text.split("\n\n"):
        kept, begin = True, 0
        while condition := _CONDITION.match(paragraph, begin):
            kept, begin = kept and holds[condition[2]] is not bool(condition[1]), condition.end()
        if kept:
            paragraphs.append(paragraph[begin:])
    return "\n\n".join(paragraphs)


def history_text(context: Context) -> str:
    """The opening and the K rounds, every line that somebody said quoted and neutralised."""
    words = wording(context.language)
    parts = [words.history]
    if context.opening is not None:
        parts.append(f"{words.opening}\n{words.assistant}\n{quoted(context.opening)}")
    for number, turn in enumerate(context.turns, start=1):
        parts.append(_round(words, number, turn.user, turn.assistant))
    return "\n\n".join(parts)


def _round(words: Wording, number: int, user: str, assistant: str) -> str:
    heading = words.round.replace("{n}", str(number))
    return f"{heading}\n{words.user}\n{quoted(user)}\n{words.assistant}\n{quoted(assistant)}"


@cache
def instruction_version() -> str:
    """A short hash of all instruction texts: it changes when any of them does."""
    digest = sha256()
    for instruction in INSTRUCTIONS:
        for language in ("en", "zh"):
            digest.update(_template(instruction, language).encode() + b"\0")
    return digest.hexdigest()[:12]

"""What of a critic's advice the chatbot may read: sentences that tell nothing of a background that was not said.

The critic knows the background and the chatbot must not. A departure from the paper, which hands the critic's reasons
on: here the chatbot gets the scores and the advice, sentence by sentence, and a sentence that holds one word of the
background which no utterance has said stays behind. By words, hence strict with words that stand in the background by
chance, and blind to a background told in other words; the critic is asked not to do that.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from proutt.intent.persona import Persona
from proutt.methods.upc.plain_words import PLAIN_CHARACTERS, PLAIN_WORDS

_BETWEEN = re.compile(r"(?<=[.!?;])\s+|(?<=[。！？；])|\n+")
_WORD = re.compile(r"[^\W_\u3040-\u9fff]+")
_HAN = re.compile(r"[\u3400-\u9fff]+")
#: Words by their first letters are one: "gardening" tells "garden".
_STEM = 5
_LEAST = 3


def sayable(advice: str, persona: Persona, utterances: Iterable[str]) -> tuple[str, list[str]]:
    """The advice less what it must not tell, and the sentences that were left out."""
    said = tuple(utterances)
    kept: list[str] = []
    withheld: list[str] = []
    for part in _BETWEEN.split(advice):
        sentence = part.strip()
        if sentence:
            (withheld if untold_in(sentence, persona, said) else kept).append(sentence)
    return " ".join(kept), withheld


def untold_in(text: str, persona: Persona, utterances: Iterable[str]) -> list[str]:
    """Words of a text that are the background's or the name's, and that no utterance has said; Chinese by pairs of
    characters."""
    known = pieces("\n".join(utterances), every=True)
    told = pieces(text) & pieces(persona.background)
    named = pieces(text, every=True) & pieces(persona.name, every=True)
    return sorted((told | named) - known)


def pieces(text: str, *, every: bool = False) -> set[str]:
    """What a text tells, as words by their first letters, numbers, and pairs of Chinese characters.

    every  also words that tell nothing by themselves
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    words = _WORD.findall(folded)
    stems = {each[:_STEM] for each in words if every or _tells(each)}
    pairs = {run[at : at + 2] for run in _HAN.findall(folded) for at in range(len(run) - 1)}
    return stems | {pair for pair in pairs if every or not set(pair) & PLAIN_CHARACTERS}


def _tells(word: str) -> bool:
    if any(each.isdigit() for each in word):
        return True
    return len(word) >= _LEAST and word not in PLAIN_WORDS

"""A context (or a whole dialogue) as prompt text, round by round, within a token budget.

The text of D^(K) is a prefix of the text of D^(K+1), so that a server's prefix cache computes each dialogue token about
once. Every line that somebody said begins with "> ": nothing in a dialogue can close its quotation, forge a round or
pass for an instruction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from proutt.dialogue import Turn
from proutt.prompts.template import prompt_language


@dataclass(frozen=True, slots=True)
class _Words:
    heading: str
    opening: str
    round: str
    user: str
    assistant: str
    left_out: str
    clipped: str


_WORDS = {
    "en": _Words(
        heading="# Dialogue",
        opening="[Opening]",
        round="[Round {n}]",
        user="User:",
        assistant="Assistant:",
        left_out="(rounds 1 to {n} are left out here; the intent tree remembers them)",
        clipped="(… {n} characters left out …)",
    ),
    "zh": _Words(
        heading="# 对话",
        opening="[开场]",
        round="[第{n}轮]",
        user="用户：",
        assistant="助手：",
        left_out="（此处省略第1至{n}轮，意图树保留了其中的意图）",
        clipped="（……省略{n}个字符……）",
    ),
}


def estimated_tokens(text: str) -> int:
    """How many tokens a text has at most, for any common tokenizer, without having one: for budgets, never for bills.

    About 3 Latin characters a token, one character of other scripts a token, two tokens for rare ones.
    """
    latin = sum(1 for char in text if char.isascii())
    rare = sum(1 for char in text if ord(char) > 0xFFFF)
    return (latin + 2) // 3 + (len(text) - latin) + rare


def dialogue_text(
    turns: Sequence[Turn],
    *,
    language: str,
    budget: int,
    opening: str | None = None,
    last_utterance: str | None = None,
) -> str:
    """The rounds of a dialogue as quoted text of at most about `budget` tokens.

    Where they are too many, the oldest leave, half a budget at a time: the first round shown stays the same over many
    K, and with it the prefix. One utterance may take at most a quarter of the budget; its middle is left out.
    """
    words = _WORDS[prompt_language(language)]
    most = max(budget // 4, 64)
    rounds = [
        f"{_round(words, number)}\n{words.user}\n{_quoted(turn.user, most, words)}\n"
        f"{words.assistant}\n{_quoted(turn.assistant, most, words)}"
        for number, turn in enumerate(turns, start=1)
    ]
    if last_utterance is not None:
        rounds.append(f"{_round(words, len(turns) + 1)}\n{words.user}\n{_quoted(last_utterance, most, words)}")
    first = _first_shown([estimated_tokens(each) for each in rounds], budget)
    parts = [words.heading]
    if opening is not None and first == 0:
        parts.append(f"{words.opening}\n{words.assistant}\n{_quoted(opening, most, words)}")
    if first > 0:
        parts.append(words.left_out.replace("{n}", str(first)))
    return "\n\n".join([*parts, *rounds[first:]])


def pieces(
    turns: Sequence[Turn], *, budget: int, most_rounds: int, last_utterance: str | None = None
) -> list[tuple[int, int]]:
    """(first, last) round of each piece, from 1, such that `dialogue_text` up to `last` shows every round of the piece.

    A piece has at most `most_rounds` rounds and takes at most half the budget.
    """
    said = [(turn.user, turn.assistant) for turn in turns]
    if last_utterance is not None:
        said.append((last_utterance, ""))
    most = max(budget // 4, 64)
    sizes = [sum(min(estimated_tokens(text), most) for text in each) + 16 for each in said]
    if sum(sizes) <= budget and len(sizes) <= most_rounds:
        return [(1, len(sizes))]
    found, first, total = [], 1, 0
    for number, size in enumerate(sizes, start=1):
        if number > first and (total + size > budget // 2 or number - first >= most_rounds):
            found.append((first, number - 1))
            first, total = number, 0
        total += size
    return [*found, (first, len(sizes))]


def _first_shown(sizes: Sequence[int], budget: int) -> int:
    """Index of the first round shown: a fold over the rounds, so that it is the same for every K up to the next cut."""
    first, total = 0, 0
    for index, size in enumerate(sizes):
        total += size
        if total > budget:
            while first < index and total > budget // 2:
                total -= sizes[first]
                first += 1
    return first


def _round(words: _Words, number: int) -> str:
    return words.round.replace("{n}", str(number))


def _quoted(text: str, most: int, words: _Words) -> str:
    clipped = _clipped(text, most, words)
    return "\n".join(f"> {line}" for line in clipped.splitlines() or [""])


def _clipped(text: str, most: int, words: _Words) -> str:
    """The text, or its beginning and end where it has more than `most` tokens."""
    total = estimated_tokens(text)
    if total <= most:
        return text
    keep = max(int(len(text) * most / total) // 2, 1)
    return f"{text[:keep]}{words.clipped.replace('{n}', str(len(text) - 2 * keep))}{text[-keep:]}"

"""A context (or a whole dialogue) as prompt text, round by round, within a token budget.

The text of D^(K) is a prefix of the text of D^(K+1), so that a server's prefix cache computes each dialogue token about
once. Every line that somebody said begins with "> ": nothing in a dialogue can close its quotation, forge a round or
pass for an instruction.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
    latin = len(text) if text.isascii() else len(text.encode("ascii", "ignore"))
    rare = 0 if latin == len(text) else len(text.encode("utf-16-le", "surrogatepass")) // 2 - len(text)
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
    parts = _parts(turns, words, budget, opening, last_utterance)
    first = _first_shown([estimated_tokens(each) for each in parts], budget)
    left_out = first if opening is None else first - 1
    head = [words.heading, words.left_out.replace("{n}", str(left_out))] if left_out > 0 else [words.heading]
    return "\n\n".join([*head, *parts[first:]])


def pieces(
    turns: Sequence[Turn],
    *,
    language: str,
    budget: int,
    most_rounds: int,
    opening: str | None = None,
    last_utterance: str | None = None,
) -> list[tuple[int, int]]:
    """(first, last) round of each piece, from 1, such that `dialogue_text` up to `last` shows every round of the piece.

    A piece has at most `most_rounds` rounds and takes at most half the budget, or is one round; a dialogue that fits
    whole is one piece.
    """
    parts = _parts(turns, _WORDS[prompt_language(language)], budget, opening, last_utterance)
    sizes = [estimated_tokens(each) for each in parts]
    rounds = sizes if opening is None else sizes[1:]
    if sum(sizes) <= budget and len(rounds) <= most_rounds:
        return [(1, len(rounds))]
    found, first, total = [], 1, 0
    for number, size in enumerate(rounds, start=1):
        if number > first and (total + size > budget // 2 or number - first >= most_rounds):
            found.append((first, number - 1))
            first, total = number, 0
        total += size
    return [*found, (first, len(rounds))]


def _parts(
    turns: Sequence[Turn], words: _Words, budget: int, opening: str | None, last_utterance: str | None
) -> list[str]:
    """The opening, where there is one, and every round, each as quoted text."""
    most = max(budget // 4, 64)
    parts = [] if opening is None else [f"{words.opening}\n{words.assistant}\n{_quoted(opening, most, words)}"]
    parts += [
        f"{_round(words, number)}\n{words.user}\n{_quoted(turn.user, most, words)}\n"
        f"{words.assistant}\n{_quoted(turn.assistant, most, words)}"
        for number, turn in enumerate(turns, start=1)
    ]
    if last_utterance is not None:
        parts.append(f"{_round(words, len(turns) + 1)}\n{words.user}\n{_quoted(last_utterance, most, words)}")
    return parts


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
    """The text behind "> ", line by line, or its beginning and end where that would take more than `most` tokens."""
    whole = _behind_marks(text)
    if estimated_tokens(whole) <= most:
        return whole
    room = most // 2 - 8  # what says how much is left out takes some
    head, tail = _fitting(text, room), _fitting(reversed(text), room)
    left_out = words.clipped.replace("{n}", str(len(text) - head - tail))
    return _behind_marks(f"{text[:head]}{left_out}{text[len(text) - tail :]}")


def _behind_marks(text: str) -> str:
    return "\n".join(f"> {line}" for line in text.splitlines() or [""])


def _fitting(chars: Iterable[str], tokens: int) -> int:
    """How many of the characters, from the first on, take at most `tokens` tokens with the marks of their lines."""
    room = 3 * tokens
    for count, char in enumerate(chars):
        if not char.isascii():
            room -= 6 if ord(char) > 0xFFFF else 3
        else:
            room -= 3 if char.isspace() and char not in " \t" else 1  # a line's end brings the next line's mark
        if room < 0:
            return count
    raise ValueError("all of the text fits")

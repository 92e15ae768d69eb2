"""A context cut to what a prompt has room for: the oldest rounds leave, long utterances lose their middle. Pure."""

from __future__ import annotations

from dataclasses import replace

from proutt.dialogue import Context, Turn
from proutt.prompts.context import estimated_tokens

#: Tokens around the text of a round: its heading, its speakers, the marks of its lines.
_FRAME_TOKENS = 24
_LEAST_TOKENS = 128


def room_for(context_tokens: int, answer_tokens: int, instruction_tokens: int) -> int:
    """Most tokens that the dialogue may take, where instruction and answer take so many."""
    return max(context_tokens - answer_tokens - instruction_tokens, _LEAST_TOKENS)


def fitted(context: Context, budget: int) -> Context:
    """The last rounds of a context, of about `budget` tokens at most; the last round always stays.

    One utterance may take a quarter of the budget: of a longer one the middle is left out. The opening leaves with the
    first round.
    """
    most = budget // 4
    turns = [Turn(_clipped(turn.user, most), _clipped(turn.assistant, most)) for turn in context.turns]
    opening = None if context.opening is None else _clipped(context.opening, most)
    left = budget - (0 if opening is None else _tokens(opening))
    kept: list[Turn] = []
    for turn in reversed(turns):
        left -= _FRAME_TOKENS + _tokens(turn.user) + _tokens(turn.assistant)
        if kept and left < 0:
            break
        kept.insert(0, turn)
    whole = len(kept) == len(turns)
    return replace(context, turns=tuple(kept), opening=opening if whole else None)


def _tokens(text: str) -> int:
    return estimated_tokens(text) + text.count("\n")  # every line has a mark of its own


def _clipped(text: str, most: int) -> str:
    tokens = _tokens(text)
    if tokens <= most:
        return text
    keep = max(len(text) * most // tokens // 2 - 8, 8)
    return f"{text[:keep]} … {text[-keep:]}"

"""Text from dialogues and models, made safe to train on: it stays readable and stops being control text.

Tokenizers turn strings such as `<|im_end|>` into real special tokens wherever they stand, so an utterance that holds
one would forge a turn; and `</think>` or `<predict>` inside an utterance would break the layout of a completion. A
space after the opening bracket shows what was there and is enough to make it ordinary text.
"""

from __future__ import annotations

import re

from proutt.dialogue.control_text import CONTROL

_SURROGATE = re.compile("[\ud800-\udfff]")


def neutral(text: str) -> str:
    """The text with every control string broken by a visible space, and lone surrogates as U+FFFD.

    Neutral text stays as it is: the function is idempotent. One lone surrogate would make a whole file unreadable.
    """
    return CONTROL.sub(lambda match: match[0] + " ", without_surrogates(text))


def without_surrogates(text: str) -> str:
    """The text with every lone surrogate as U+FFFD: UTF-8 cannot hold one."""
    return _SURROGATE.sub("\ufffd", text)


def folded(text: str) -> str:
    """Neutral text on one line: whatever ends a line for Python, U+2028 and its kin included, becomes a space."""
    return neutral(" ".join(line.strip() for line in text.splitlines() if line.strip()))


def quoted(text: str) -> str:
    """Neutral text with "> " before every line, so that no line of it can pass for a heading, a round or a speaker."""
    return "\n".join(f"> {neutral(line)}" for line in text.splitlines() or [""])

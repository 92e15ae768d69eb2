"""Text for the terminal: what comes from dialogues and models is shown, never obeyed."""

from __future__ import annotations

import unicodedata


def plain(text: str) -> str:
    """The text with every control, escape and direction character shown as its code, so that none reaches the terminal.

    Newlines and tabs stay.
    """
    return "".join(_shown(char) for char in text)


def one_line(text: str, width: int) -> str:
    """The text on one line, cut to `width` characters with an ellipsis, control characters shown as codes."""
    flat = plain(" ".join(text.split()))
    return flat if len(flat) <= width else flat[: width - 1] + "…"


def _shown(char: str) -> str:
    if char in "\n\t":
        return char
    category = unicodedata.category(char)
    if category in {"Cc", "Cs"} or (category == "Cf" and char not in "\u200c\u200d"):
        return f"\\u{ord(char):04x}"
    return char

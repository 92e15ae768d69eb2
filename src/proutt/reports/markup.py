"""Text that somebody else wrote, made fit to stand in HTML."""

from __future__ import annotations

from html import escape


def shown(value: str) -> str:
    """The text with a mark for every character that is none to look at: controls, directions, halves of pairs."""
    return "".join(char if char.isprintable() else "\ufffd" for char in value)


def text(value: str) -> str:
    """Text for HTML, in an element or in quotes."""
    return escape(shown(value), quote=True)

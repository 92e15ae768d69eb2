"""Text that a judge reads, behind marks: nothing in it can pass for the task's own words."""

from __future__ import annotations

from proutt.prompts.context import estimated_tokens


def quoted(text: str, most: int) -> str:
    """The text behind "> ", line by line, cut at about `most` tokens."""
    shown = text
    while estimated_tokens(shown) > most:
        shown = shown[: max(len(shown) * 3 // 4, 1)]
        if len(shown) == 1:
            break
    marked = "\n".join(f"> {line}" for line in shown.splitlines() or [""])
    return marked if shown == text else f"{marked} …"

"""The names that corpora give to who speaks, in any case, and whom they mean. Pure."""

from __future__ import annotations

from typing import Any

from proutt.dialogue.raw import Speaker, bad_record

#: `system` is a system message; dialogue/normal.py has the one exception. `sys` is the assistant everywhere (CrossWOZ).
SPEAKERS: dict[str, Speaker] = {
    **dict.fromkeys(("user", "human", "usr", "prompter", "customer"), Speaker.USER),
    **dict.fromkeys(
        ("assistant", "gpt", "chatgpt", "bing", "bard", "sys", "bot", "ai", "model", "claude", "gemini"),
        Speaker.ASSISTANT,
    ),
    **dict.fromkeys(("system", "developer"), Speaker.SYSTEM),
    **dict.fromkeys(
        ("tool", "tool_call", "tool_calls", "tool_response", "tool_result", "observation", "ipython"),
        Speaker.TOOL,
    ),
    **dict.fromkeys(("function", "function_call", "function_response"), Speaker.TOOL),
}


def speaker_of(name: Any, position: int) -> Speaker:
    """Whom the name means. position: of the message, from 1. Raises ItemFailed for a name that is not known."""
    if isinstance(name, dict):  # {"role": "user"}, as the author of an exported message
        name = name.get("role")
    found = SPEAKERS.get(name.strip().casefold()) if isinstance(name, str) else None
    if found is None:
        said = repr(name)[:60]
        raise bad_record("unknown-speaker", f"message {position} is by {said}; known speakers: {', '.join(SPEAKERS)}.")
    return found

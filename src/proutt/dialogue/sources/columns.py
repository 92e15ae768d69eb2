"""Which fields of a tabular source are read at all. Pure.

Tables carry columns that identify people (hashed addresses, request headers, places) and bulky scores. What is not
listed here is never read from the disk or the network, so it cannot reach a dialogue.
"""

from __future__ import annotations

from collections.abc import Iterable

from proutt.dialogue.sources.sniffing import MESSAGE_KEYS

#: columns read whole: ids, system prompts, and the small marks that tell corpora apart
PLAIN = frozenset(
    {"id", "_id", "conversation_id", "conversation_hash", "dialogue_id", "dialog_id", "session_id", "chat_id", "uuid"}
    | {"system", "system_prompt", "redacted", "toxic", "turn"}
)
#: fields read of a message
OF_A_MESSAGE = frozenset({"role", "from", "speaker", "author", "content", "value", "text", "type", "tool_calls"})
#: what Parquet writers put between a list and its elements
_LIST_LAYERS = frozenset({"list", "element", "item", "array", "bag", "array_element"})


def wanted_columns(paths: Iterable[str]) -> list[str]:
    """Of all leaf columns, written `conversation.list.element.role`, those that are read, in order."""
    return [path for path in paths if _wanted(path)]


def _wanted(path: str) -> bool:
    root, *rest = path.split(".")
    fields = [name for name in rest if name not in _LIST_LAYERS]
    if root in MESSAGE_KEYS:
        return not fields or fields[0] in OF_A_MESSAGE
    return root in PLAIN

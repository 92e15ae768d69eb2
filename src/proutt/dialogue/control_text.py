"""Strings that a chat template or a tokenizer takes for its own marks, wherever in a text they stand.

`<|im_end|>` in an utterance becomes a real special token and forges a turn; `</think>` and `<predict>` break the layout
of a training text. Exports break such strings (`export/neutral.py`), audits look for them.
"""

from __future__ import annotations

import re

#: Tags of our own layout: a training text has them on purpose, an utterance must not.
LAYOUT_TAGS = ("think", "predict")
_TAGS = [
    "s", "bos", "eos", "pad", "unk", "mask", "sop", "eop", "endoftext", r"unused\d+",
    r"(?:start|end)_of_\w+", "tool_call", "tool_response", "tools", "function_call", "im_start", "im_end",
    "image", "video", "audio",  # placeholders that LLaMA-Factory counts
]  # fmt: skip
_BRACKETED = [
    "INST", "SYSTEM_PROMPT", "AVAILABLE_TOOLS", "TOOL_CALLS", "TOOL_RESULTS", "TOOL_CONTENT", "THINK", "IMG",
    "MODEL_SETTINGS", "CALL_ID", "ARGS", "gMASK", "sMASK",
]  # fmt: skip


def _pattern(tags: list[str]) -> re.Pattern[str]:
    """The bracket that opens one: `<|…|>` and its full-width sister (DeepSeek), tags, `[INST]` and its kin."""
    return re.compile(
        rf"<(?=[|｜])|<(?=/?(?:{'|'.join(tags)})\s*/?>)|<(?=</?SYS>>)|\[(?=/?(?:{'|'.join(_BRACKETED)})\])",
        re.IGNORECASE,
    )


#: The opening bracket of every control string, the tags of our layout included.
CONTROL = _pattern([*LAYOUT_TAGS, *_TAGS])
#: The same without the tags of our layout, for whole training texts.
FOREIGN_CONTROL = _pattern(_TAGS)

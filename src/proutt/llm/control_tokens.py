"""Text that a chat template would take for its own markup, made harmless and left readable."""

from __future__ import annotations

import re

# <|im_start|>, <|start_header_id|>, full-width bars as in <｜User｜>, <end_of_turn>, [INST], <<SYS>>, </s>.
_CONTROL = re.compile(
    r"<(?=[|｜][^<>\n]{0,64}[|｜]>)|<(?=/?s>)|<(?=/?(?:start|end)_of_turn>)|<(?=<?/?SYS>)|\[(?=/?INST\])"
)


def neutralise_control_tokens(text: str) -> str:
    r"""The text with a backslash after the first character of every chat-control string: `<|im_end|>` → `<\|im_end|>`.

    Such a string in a dialogue could otherwise end its message and forge another one. What is done is seen by a reader,
    and doing it twice changes nothing more.
    """
    return _CONTROL.sub(lambda match: match[0] + "\\", text)

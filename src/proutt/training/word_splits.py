"""How tokenizers split a text before they merge bytes: llama.cpp's name for it, and the same for `tokenizers`. Pure.

A GGUF file names its split, a `tokenizer.json` spells it out. Trap: what transformers makes of a GGUF file has the
common GPT-2 split whatever the file names, so that SmolLM2's digits come out in groups, unlike in the engine that
serves them. Both directions go through this table; a split that is not in it is refused by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_WORDS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|"
_REST = r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"


def _bytes(*, use_regex: bool) -> dict[str, Any]:
    return {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": use_regex, "use_regex": use_regex}


def _by_pattern(pattern: str) -> dict[str, Any]:
    split = {"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Isolated", "invert": False}
    return {"type": "Sequence", "pretokenizers": [split, _bytes(use_regex=False)]}


#: llama.cpp's name (`tokenizer.ggml.pre`) → `pre_tokenizer` of a tokenizer.json
SPLITS: dict[str, dict[str, Any]] = {
    "gpt-2": _bytes(use_regex=True),
    "smollm": {
        "type": "Sequence",
        "pretokenizers": [{"type": "Digits", "individual_digits": True}, _bytes(use_regex=True)],
    },
    "qwen2": _by_pattern(rf"{_WORDS}\p{{N}}{_REST}"),
    "llama-bpe": _by_pattern(rf"{_WORDS}\p{{N}}{{1,3}}{_REST}"),
}


def split_name(pre_tokenizer: Mapping[str, Any] | None) -> str | None:
    """llama.cpp's name for the `pre_tokenizer` of a tokenizer.json, or None where it is not one of SPLITS."""
    wanted = _essence(pre_tokenizer)
    return next((name for name, known in SPLITS.items() if _essence(known) == wanted), None)


def _essence(value: Mapping[str, Any] | None) -> list[tuple[str, Any]]:
    """What decides how a text is split; offsets do not."""
    if value is None:
        return []
    match value.get("type"):
        case "Sequence":
            return [each for part in value.get("pretokenizers", []) for each in _essence(part)]
        case "Split":
            return [("split", (value.get("pattern", {}).get("Regex"), value.get("behavior"), value.get("invert")))]
        case "Digits":
            return [("digits", value.get("individual_digits"))]
        case "ByteLevel":
            return [("bytes", (value.get("add_prefix_space"), value.get("use_regex", True)))]
        case kind:
            return [("other", kind)]

"""A model's tokenizer as GGUF metadata: tokens, their types, merges, split, special tokens, chat template."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from proutt.errors import UserError
from proutt.export.check.finding_templates import template_named
from proutt.training.word_splits import SPLITS, split_name

#: Token types of GGUF.
NORMAL, CONTROL, USER_DEFINED, UNUSED = 1, 3, 4, 5


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """split: llama.cpp's name of it. tokens, types: by number, one a row of the model. special: kind → number."""

    split: str
    tokens: tuple[str, ...]
    types: tuple[int, ...]
    merges: tuple[str, ...]
    special: dict[str, int]
    template: str


def vocabulary_in(folder: Path, size: int) -> Vocabulary:
    """The vocabulary of the model in a folder. size: rows of its embedding, which may be more than its tokens.

    Raises UserError where it is no byte-level BPE whose split is known.
    """
    path = folder / "tokenizer.json"
    try:
        told: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        model = told["model"]
        numbers: dict[str, int] = dict(model["vocab"])
        merges = model["merges"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(f"holds no BPE tokenizer ({type(error).__name__}).", where=str(path), remedy=_BY_HAND) from None
    split = split_name(told.get("pre_tokenizer"))
    if split is None or told.get("normalizer") not in (None, {"type": "NFC"}):
        raise UserError(
            f"splits text in a way that has no name here (known: {', '.join(SPLITS)}).",
            where=str(path),
            remedy=_BY_HAND,
        )
    added = {each["content"]: each for each in told.get("added_tokens", [])}
    numbers |= {content: each["id"] for content, each in added.items()}
    by_number = {number: token for token, number in numbers.items()}
    tokens = tuple(by_number.get(number, f"[PAD{number}]") for number in range(size))
    template = template_named(str(folder))
    return Vocabulary(
        split=split,
        tokens=tokens,
        types=tuple(_type(number, by_number, added) for number in range(size)),
        merges=tuple(each if isinstance(each, str) else " ".join(each) for each in merges),
        special={
            kind: numbers[template.special[f"{kind}_token"]]
            for kind in ("bos", "eos", "unk", "pad")
            if template.special.get(f"{kind}_token") in numbers
        },
        template=template.text,
    )


_BY_HAND = "Run `proutt train merge` and llama.cpp's convert_hf_to_gguf.py on merged/."


def _type(number: int, by_number: dict[int, str], added: dict[str, Any]) -> int:
    if number not in by_number:
        return UNUSED
    entry = added.get(by_number[number])
    if entry is None:
        return NORMAL
    return CONTROL if entry.get("special") else USER_DEFINED

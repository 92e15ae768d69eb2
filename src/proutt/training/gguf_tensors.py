"""Tensors from transformers to GGUF: their names, and the order of rows that llama.cpp wants. Pure, numpy only."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import numpy.typing as npt

from proutt.errors import UserError

#: `model_type` → the architecture's name in GGUF; other kinds are refused by name.
KINDS = {"llama": "llama", "qwen2": "qwen2", "qwen3": "qwen3"}
#: Kinds whose query and key rows llama.cpp turns in another order; the others are turned alike in both.
_PERMUTED = {"llama"}
_QUERY_OR_KEY = re.compile(r"\.self_attn\.(?P<which>[qk])_proj\.")
_LORA = re.compile(r"^base_model\.model\.(?P<module>.+)\.lora_(?P<side>[AB])\.weight$")

Array = npt.NDArray[np.float32]


def gguf_kind(kind: str, where: str) -> str:
    """The architecture's name in GGUF. Raises UserError, naming the kind, where it is not written here."""
    if kind not in KINDS:
        raise UserError(
            f"GGUF of {kind!r} models is not written here, only of {', '.join(KINDS)}.",
            where=where,
            remedy="Run `proutt train merge` and llama.cpp's convert_hf_to_gguf.py on merged/.",
        )
    return KINDS[kind]


def permuted(rows: Array, heads: int) -> Array:
    """The rows of a query or key in llama.cpp's order: of each head, the two halves interleaved.

    rows: (heads × head size, ...): a weight, a bias, or the B of a LoRA pair. Raises ValueError where it can't be.
    """
    if rows.shape[0] % (2 * heads):
        raise ValueError(f"{rows.shape[0]} rows are not {heads} heads of an even size")
    halves = rows.reshape(heads, 2, rows.shape[0] // heads // 2, *rows.shape[1:])
    return halves.swapaxes(1, 2).reshape(rows.shape)


def in_order(name: str, rows: Array, *, kind: str, heads: int, kv_heads: int) -> Array:
    """A tensor by its transformers name, its rows in the order of GGUF."""
    found = _QUERY_OR_KEY.search(name)
    if kind not in _PERMUTED or found is None:
        return rows
    return permuted(rows, heads if found["which"] == "q" else kv_heads)


def lora_part(name: str) -> tuple[str, str]:
    """(the weight's transformers name, "a" or "b") of a tensor in PEFT's adapter file. Raises UserError."""
    found = _LORA.match(name)
    if found is None:
        raise UserError(
            f"holds {name!r}, which is no part of a plain LoRA adapter.",
            where="adapter",
            remedy="Merge it instead: proutt train merge",
        )
    return f"{found['module']}.weight", found["side"].lower()


def gguf_name(names: Any, name: str) -> str:
    """The GGUF name of a transformers name, by the tables of the library gguf. Raises UserError where it has none."""
    found = names.get_name(name, try_suffixes=(".weight", ".bias"))
    if found is None:
        raise UserError(f"has a tensor {name!r} that GGUF has no name for.", where="merged", remedy="Use another base.")
    return str(found)

"""What a base is, read from its files without torch: sizes for the estimate, and the kind that GGUF files need. Pure
but for reading."""

from __future__ import annotations

import json
import math
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from proutt.errors import UserError

CONFIG = "config.json"


@dataclass(frozen=True, slots=True)
class Architecture:
    """Sizes of a decoder-only model.

    kind        `model_type` of its configuration: "llama", "qwen2", "qwen3", ...
    parameters  all its weights; context: most tokens, or None where it does not say
    hidden, layers, heads, kv_heads, head_dim, intermediate, vocabulary  as in its configuration
    config      the whole configuration
    """

    kind: str
    parameters: int
    context: int | None
    hidden: int
    layers: int
    heads: int
    kv_heads: int
    head_dim: int
    intermediate: int
    vocabulary: int
    config: dict[str, Any]

    def lora_parameters(self, rank: int) -> int:
        """Weights of an adapter of that rank on every linear layer but the output."""
        query, key = self.heads * self.head_dim, self.kv_heads * self.head_dim
        ends = [(self.hidden, query), (self.hidden, key), (self.hidden, key), (query, self.hidden)]
        ends += [(self.hidden, self.intermediate)] * 2 + [(self.intermediate, self.hidden)]
        return self.layers * rank * sum(one + other for one, other in ends)


def architecture_of(folder: Path) -> Architecture:
    """The architecture of the model in a folder. Raises UserError where it is none that can be trained here."""
    config = read_config(folder)
    try:
        heads, hidden = int(config["num_attention_heads"]), int(config["hidden_size"])
        context = config.get("max_position_embeddings")
        return Architecture(
            kind=str(config["model_type"]),
            parameters=_parameters(folder),
            context=int(context) if context else None,
            hidden=hidden,
            layers=int(config["num_hidden_layers"]),
            heads=heads,
            kv_heads=int(config.get("num_key_value_heads") or heads),
            head_dim=int(config.get("head_dim") or hidden // heads),
            intermediate=int(config.get("intermediate_size") or 4 * hidden),
            vocabulary=int(config["vocab_size"]),
            config=config,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise UserError(
            f"is no text model that can be trained here ({type(error).__name__}: {error}).",
            where=str(folder / CONFIG),
            remedy="Use a causal language model, e.g. a Llama or a Qwen.",
        ) from None


def read_config(folder: Path) -> dict[str, Any]:
    """`config.json` of a model's folder. Raises UserError."""
    try:
        config = json.loads((folder / CONFIG).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError(
            f"holds no model: {CONFIG} can't be read ({error}).", where=str(folder), remedy="Name a model's folder."
        ) from None
    if not isinstance(config, dict):
        raise UserError("is no model's configuration.", where=str(folder / CONFIG), remedy="Name a model's folder.")
    return config


def _parameters(folder: Path) -> int:
    files = sorted(folder.glob("*.safetensors"))
    if not files:
        raise UserError(
            "has no weights as safetensors.", where=str(folder), remedy="Save it with save_pretrained of transformers."
        )
    return sum(math.prod(entry["shape"]) for file in files for entry in _header(file).values())


def _header(file: Path) -> dict[str, Any]:
    """The tensors that a safetensors file lists in its header."""
    try:
        with file.open("rb") as opened:
            (length,) = struct.unpack("<Q", opened.read(8))
            header: dict[str, Any] = json.loads(opened.read(min(length, 1 << 28)))
    except (OSError, ValueError, struct.error) as error:
        raise UserError(f"can't be read ({error}).", where=str(file), remedy="Is it whole?") from None
    return {name: entry for name, entry in header.items() if name != "__metadata__"}

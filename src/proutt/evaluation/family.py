"""Which family a model is of: a judge likes what its own family writes (preference leakage, arXiv 2502.01534)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

#: What a model's name begins or goes on with, after its owner, and the family that it tells.
FAMILIES = {
    "qwen": "qwen", "qwq": "qwen", "tongyi": "qwen", "doubao": "doubao", "seed": "doubao", "deepseek": "deepseek",
    "glm": "glm", "chatglm": "glm", "gpt": "gpt", "chatgpt": "gpt", "o1": "gpt", "o3": "gpt", "o4": "gpt",
    "claude": "claude", "gemini": "gemini", "gemma": "gemini", "llama": "llama", "vicuna": "llama",
    "mistral": "mistral", "mixtral": "mistral", "ministral": "mistral", "magistral": "mistral", "phi": "phi",
    "smollm": "smollm", "kimi": "kimi", "moonshot": "kimi", "yi": "yi", "internlm": "internlm", "baichuan": "baichuan",
    "hunyuan": "hunyuan", "ernie": "ernie", "minimax": "minimax", "grok": "grok", "command": "command", "olmo": "olmo",
    "granite": "granite",
}  # fmt: skip
#: The embedded models that have no telling name.
_LOCAL = {"local": "qwen", "local:tiny": "smollm"}


def family_of(model: str) -> str:
    """The family of a model's name; of one that is not known, the first word of its name."""
    if model in _LOCAL:
        return _LOCAL[model]
    words: list[str] = re.findall(r"[a-z]+[0-9]*", model.lower().rsplit("/", 1)[-1]) or [model.lower()]
    for word in words:
        for known in (word, word.rstrip("0123456789")):
            if known in FAMILIES:
                return FAMILIES[known]
    return words[0]


def same_family(judge: str, systems: Mapping[str, Iterable[str]]) -> list[str]:
    """The systems with a model of the judge's family, sorted; systems: name → models behind it."""
    family = family_of(judge)
    return sorted(name for name, models in systems.items() if any(family_of(model) == family for model in models))

"""The base that is trained: from what the user calls it to a folder on this machine.

A folder, `owner/name` on the hub, or the name of embedded weights (`local:tiny`), whose GGUF file is converted.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import yaml

from proutt.errors import UserError
from proutt.llm.fetch import Progress, fetch, locate
from proutt.llm.weights import PINNED, is_embedded
from proutt.training.architecture import CONFIG, Architecture, architecture_of
from proutt.training.converting import converted

#: What of a hub repository is needed: one form of the weights, the tokenizer, the template, the card for the licence.
_HUB_FILES = ["*.json", "*.safetensors", "*.jinja", "*.model", "*.txt", "README.md"]


@dataclass(frozen=True, slots=True)
class Base:
    """A base model on this machine.

    name      as the user said it
    folder    configuration, weights, tokenizer, chat template
    identity  says which weights they are, for records: changes where they do
    licence   as its card or our list says it; None where nobody does
    """

    name: str
    folder: Path
    identity: str
    licence: str | None
    architecture: Architecture


def base_named(name: str, progress: Callable[[Progress], None] = lambda _: None) -> Base:
    """The base of that name; fetched and converted where it is not there. Raises UserError where it can't be had."""
    if is_embedded(name):
        located = locate(name) or fetch(name, progress=progress)
        folder = converted(located.path)
        licence = PINNED[name].licence if name in PINNED else None
        return Base(name, folder, located.identity, licence, architecture_of(folder))
    folder = Path(name).expanduser()
    if not folder.is_dir():
        if not re.fullmatch(r"[\w-][\w.-]*/[\w.-]+", name):
            raise UserError(
                f"there is no model {name!r}.",
                where="--base",
                remedy="Name a folder, owner/name on the hub, local:tiny, local or local:PATH.gguf.",
            )
        folder = _from_hub(name)
    if not (folder / CONFIG).is_file():
        raise UserError(f"holds no model: there is no {CONFIG}.", where=str(folder), remedy="Name a model's folder.")
    return Base(name, folder, f"{name} ({folder_digest(folder)})", _licence(folder), architecture_of(folder))


def is_local(name: str) -> bool:
    """Whether a base can be read without the hub: a folder, or weights that the package registry has."""
    return name in PINNED or name.startswith("local:") or Path(name).expanduser().is_dir()


def _from_hub(name: str) -> Path:
    import huggingface_hub

    try:
        return Path(huggingface_hub.snapshot_download(name, allow_patterns=_HUB_FILES))
    except Exception as error:  # the hub library raises whatever its HTTP library does
        raise UserError(
            f"{name!r} could not be brought from the hub ({type(error).__name__}), and is no folder here.",
            where="--base",
            remedy="Check the name and the network, or name a folder; local:tiny needs no hub.",
        ) from None


def folder_digest(folder: Path) -> str:
    """The first eight characters of a SHA-256 over the configuration and the weight files' names, sizes and ends."""
    digest = sha256((folder / CONFIG).read_bytes())
    for file in sorted(folder.glob("*.safetensors")):
        size = file.stat().st_size
        with file.open("rb") as opened:
            opened.seek(max(size - 65536, 0))
            digest.update(f"{file.name} {size}".encode() + opened.read())
    return digest.hexdigest()[:8]


def _licence(folder: Path) -> str | None:
    """What the front matter of the model's card says."""
    try:
        text = (folder / "README.md").read_text(encoding="utf-8")
        front = yaml.safe_load(text.split("---")[1]) if text.startswith("---") else None
    except (OSError, UnicodeDecodeError, yaml.YAMLError, IndexError):
        return None
    licence = front.get("license") if isinstance(front, dict) else None
    return licence if isinstance(licence, str) else None

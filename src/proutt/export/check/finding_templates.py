"""Where a chat template comes from: a model's folder, a `.jinja` file, an installed trl, or a model on the hub.

No templates are shipped: they belong to the models, and a model's template changes with the model.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from proutt.errors import UserError
from proutt.export.check.template import ChatTemplate

TEMPLATE_FILE, OLD_TEMPLATE_FILE = "chat_template.jinja", "chat_template.json"
TOKENIZER, TOKENIZER_CONFIG = "tokenizer.json", "tokenizer_config.json"
SPECIAL_TOKENS = "special_tokens_map.json"


#: For a template without a tokenizer's configuration: it may put such a token together with other text.
_UNTOLD = dict.fromkeys(("bos_token", "eos_token", "unk_token", "pad_token"), "")


def template_named(name: str) -> ChatTemplate:
    """The chat template of that name, with the special tokens that are told beside it.

    name  a folder of a model, a file of jinja2, `owner/name` on the hub, or one of TRL's own (`qwen3`) where trl is
          installed
    Raises UserError where there is none.
    """
    path = Path(name)
    if path.is_file():
        return ChatTemplate(name, _text(path), _special(_beside(path.parent)) or _UNTOLD)
    if path.is_dir():
        return _of_model(name, _beside(path))
    bundled = _bundled_with_trl(name)
    if bundled is not None:
        return ChatTemplate(name, _text(bundled), _UNTOLD)
    if name.count("/") == 1 and not name.startswith((".", "/", "~")):
        return _of_model(name, _on_hub(name))
    raise UserError(
        f"there is no file, folder or installed template {name!r}.",
        where="--template",
        remedy="Name the model's folder, its chat_template.jinja, or owner/name on the hub.",
    )


def tokenizer_beside(name: str) -> str | None:
    """The tokenizer that comes with a template of that name: of a folder that has one, or of a model on the hub."""
    path = Path(name)
    if path.is_dir():
        return name if (path / TOKENIZER).is_file() else None
    return None if path.is_file() or _bundled_with_trl(name) else name


#: file name → its text, or None where there is no such file
_Files = Callable[[str], str | None]


def _beside(folder: Path) -> _Files:
    def text(name: str) -> str | None:
        return _text(folder / name) if (folder / name).is_file() else None

    return text


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"can't be read ({error}).", where=str(path), remedy="Name another file.") from None


def _on_hub(repository: str) -> _Files:
    def text(name: str) -> str | None:
        try:
            hub = importlib.import_module("huggingface_hub")
            errors = importlib.import_module("huggingface_hub.errors")
        except ImportError:
            raise UserError(
                f"{repository!r} is no folder here, and reading it from the hub needs the library `huggingface_hub`.",
                where="--template",
                remedy="Install it: pip install 'proutt[hub]'.",
            ) from None
        try:
            return _text(Path(hub.hf_hub_download(repository, name)))
        except errors.RemoteEntryNotFoundError:
            return None
        except (errors.EntryNotFoundError, errors.HfHubHTTPError, errors.HFValidationError, OSError) as error:
            first = (str(error).splitlines() or [type(error).__name__])[0]
            raise UserError(
                f"could not be read from the hub: {first}", where=repository, remedy="Name a folder of the model."
            ) from None

    return text


def _of_model(name: str, files: _Files) -> ChatTemplate:
    text = files(TEMPLATE_FILE)
    if text is None:
        told = _object(files(OLD_TEMPLATE_FILE)).get("chat_template")
        text = _default(told if told is not None else _object(files(TOKENIZER_CONFIG)).get("chat_template"))
    if text is None:
        raise UserError(
            f"has no chat template (neither {TEMPLATE_FILE} nor one in {TOKENIZER_CONFIG}).",
            where=name,
            remedy="Is it a base model? Name the template that you will train with.",
        )
    return ChatTemplate(name, text, _special(files))


def _default(told: Any) -> str | None:
    """Some models have several templates, by name."""
    if isinstance(told, list):
        named = {each.get("name"): each.get("template") for each in told if isinstance(each, dict)}
        told = named.get("default")
    return told if isinstance(told, str) else None


def _special(files: _Files) -> dict[str, str]:
    """`bos_token` and its kin → text. The tokenizer's configuration has the last word."""
    told = {**_object(files(SPECIAL_TOKENS)), **_object(files(TOKENIZER_CONFIG))}
    tokens: dict[str, str] = {}
    for name, value in told.items():
        text = value.get("content") if isinstance(value, dict) else value
        if name.endswith("_token") and isinstance(text, str):
            tokens[name] = text
    return tokens


def _object(text: str | None) -> dict[str, Any]:
    try:
        value = json.loads(text or "{}")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _bundled_with_trl(name: str) -> Path | None:
    """TRL's copy of a template, found without importing TRL, which takes seconds."""
    if not name.replace("_", "").isalnum():
        return None
    found = importlib.util.find_spec("trl")
    for place in (found.submodule_search_locations or []) if found else []:
        path = Path(place) / "chat_templates" / f"{name}.jinja"
        if path.is_file():
            return path
    return None

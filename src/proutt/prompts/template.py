"""Prompt texts: where they lie, and how their fields are filled."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from importlib.resources import files
from importlib.resources.abc import Traversable

#: The languages that prompts are written in. Dialogues in any other language get the English prompts, which name it.
PROMPT_LANGUAGES = ("en", "zh")

_FIELD = re.compile(r"\{(\w+)\}")


class PromptError(ValueError):
    """A template and the step that fills it disagree: a bug of ours, not a message."""


def prompt_language(language: str) -> str:
    """Which prompts a dialogue in this language (ISO 639-1) gets: "zh" or "en"."""
    return "zh" if language == "zh" else "en"


@cache
def template(name: str, language: str) -> str:
    """The text of `prompts/NAME.LANGUAGE.md`, e.g. name "proutt/annotate"; trailing white space removed."""
    place = files("proutt.prompts").joinpath(*f"{name}.{language}.md".split("/"))
    return place.read_text(encoding="utf-8").rstrip()


def fill(text: str, **fields: str) -> str:
    """Put every field where the template names it, in one pass: text from a dialogue is never read as a template.

    Raises PromptError unless the template names exactly the fields given.
    """
    named = set(_FIELD.findall(text))
    if named != set(fields):
        raise PromptError(f"template names {sorted(named)}, step gives {sorted(fields)}")
    return _FIELD.sub(lambda match: fields[match[1]], text)


#: Methods whose steps use another one's words: the baselines are judged, quoted and checked as ProUtt is, and SynPT's
#: texts are held to the same language and to no loops; small personas are asked for as ProUtt's small questions are,
#: and UPC's texts are checked and quoted as SynPT's, by its evaluation too.
_BORROWS = {
    "baselines": ("proutt",),
    "synpt": ("proutt",),
    "personas": ("proutt",),
    "upc": ("proutt", "synpt"),
    "critic_check": ("proutt", "synpt", "upc"),
    "upc_evaluation": ("proutt", "synpt", "upc"),
}


@cache
def prompt_version(method: str) -> str:
    """A short hash of all that words a method's prompts and checks their answers: changes when any of it does.

    The modules count too: labels, formats and checks are in them.
    """
    return version_of(files("proutt.prompts"), method)


def version_of(root: Traversable, method: str) -> str:
    """As `prompt_version`, of the texts that lie under `root`."""
    digest = sha256()
    methods = (method, *_BORROWS.get(method, ()))
    own = [text for each in methods for text in _texts(root.joinpath(each), f"{each}/", deep=True)]
    for name, text in sorted([*_texts(root, ""), *own]):
        digest.update(name.encode() + b"\0" + text + b"\0")
    return digest.hexdigest()[:12]


def _texts(folder: Traversable, path: str, deep: bool = False) -> Iterator[tuple[str, bytes]]:
    for entry in folder.iterdir():
        if entry.name.endswith((".md", ".yaml", ".py")):
            yield path + entry.name, entry.read_bytes()
        elif deep and entry.is_dir():
            yield from _texts(entry, f"{path}{entry.name}/", deep=True)

"""A model's chat template: messages in, the text out that the model sees."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping
from typing import Any

from proutt.errors import UserError
from proutt.export.reading.textpair import Message


class TemplateRefused(Exception):
    """The template can't render these messages: it says so itself, or it fails."""


class ChatTemplate:
    """One template, rendered as in transformers: the same functions and variables, special tokens by their names."""

    def __init__(self, name: str, text: str, special: Mapping[str, str] | None = None) -> None:
        """name: for errors; text: jinja2; special: "bos_token" and its kin → text. Raises UserError for bad jinja2."""
        self.name, self.text, self.special = name, text, dict(special or {})
        self._compiled = _compiled(name, text)

    def prompt(self, messages: Iterable[Message]) -> str:
        """The messages and the beginning of an answer, as the model sees them before it answers."""
        return self._rendered(messages, add_generation_prompt=True)

    def whole(self, messages: Iterable[Message]) -> str:
        """The messages alone; the last one is an answer in training."""
        return self._rendered(messages, add_generation_prompt=False)

    def _rendered(self, messages: Iterable[Message], *, add_generation_prompt: bool) -> str:
        said = [{"role": each.role, "content": each.content} for each in messages]
        try:
            return str(
                self._compiled.render(
                    messages=said,
                    tools=None,
                    documents=None,
                    add_generation_prompt=add_generation_prompt,
                    **self.special,
                )
            )
        except Exception as error:  # a program of strangers: whatever it raises, it did not render
            raise TemplateRefused(f"{type(error).__name__}: {error}" if str(error) else type(error).__name__) from error


def _compiled(name: str, text: str) -> Any:
    try:
        sandbox = importlib.import_module("proutt.export.check.sandbox")
        jinja2 = importlib.import_module("jinja2")
    except ImportError:
        raise UserError(
            "checking an export needs the library `jinja2`.",
            where="--check",
            remedy="Install it: pip install 'proutt[check]'.",
        ) from None
    try:
        return sandbox.compiled(text)
    except jinja2.TemplateError as error:
        raise UserError(
            f"is no chat template: {error}.", where=name, remedy="Name the model's folder, or its chat_template.jinja."
        ) from None

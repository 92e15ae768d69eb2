"""A chat template as LLaMA-Factory reads it where its `template` is not set: pieces of text around each message.

It renders a few made-up dialogues and takes them apart by length. A template that writes a message differently by what
stands around it is not what comes out, and one that refuses a system message alone can't be read at all.
"""

from __future__ import annotations

from dataclasses import dataclass

from proutt.export.check.template import ChatTemplate, TemplateRefused
from proutt.export.reading.textpair import Message

_CONTENT = "{{content}}"
_OPEN, _CLOSE = "<think>", "</think>"


@dataclass(frozen=True, slots=True)
class Slots:
    """The pieces. Each slot has its message's content in one place.

    prefix    what the tokenizer begins every text with
    system, user, assistant  slots; the user's ends with the beginning of the answer
    default_system  said where a row has no system message
    thinks    an answer without reasoning gets an empty one, and earlier answers of preference rows lose theirs
    """

    prefix: str
    system: str
    user: str
    assistant: str
    default_system: str
    thinks: bool

    def filled(self, message: Message) -> str:
        """One message in its slot."""
        slot = {"system": self.system, "user": self.user, "assistant": self.assistant}[message.role]
        return slot.replace(_CONTENT, message.content, 1)


def slots_of(template: ChatTemplate, prefix: str) -> Slots:
    """The pieces of a template. Raises TemplateRefused where LLaMA-Factory can't take it apart."""
    content = Message("user", _CONTENT)
    try:
        system = template.whole([Message("system", _CONTENT)])[len(prefix) :]
    except TemplateRefused as error:
        raise TemplateRefused("LLaMA-Factory can't read this template, which refuses a system message alone") from error
    after_nothing = template.prompt([Message("system", ""), content])[len(prefix) :]
    user = template.prompt([content])[len(prefix) :]
    answered = template.whole([content, Message("assistant", _CONTENT)])
    assistant = answered[len(prefix) + len(user) :]
    default_system = ""
    if len(user) > len(after_nothing):
        default_system = _more(after_nothing, user)
        user = user[len(system.replace(_CONTENT, default_system, 1)) :]
    slots = Slots(
        prefix=prefix,
        system=system,
        user=user,
        assistant=assistant.replace(_OPEN, "").replace(_CLOSE, "").lstrip("\n"),
        default_system=default_system,
        thinks=_OPEN in assistant,
    )
    for role, slot in {"a system message": system, "the user": user, "an answer": slots.assistant}.items():
        if _CONTENT not in slot:
            raise TemplateRefused(f"LLaMA-Factory can't read this template: it finds no place in it for {role}")
    return slots


def _more(short: str, long: str) -> str:
    """The characters that only the longer text has, up to where the shorter one is used up."""
    more, at = [], 0
    for char in long:
        if at == len(short):
            break
        if char == short[at]:
            at += 1
        else:
            more.append(char)
    return "".join(more)

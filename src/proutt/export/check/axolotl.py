"""How axolotl 0.19 prepares rows: `chat_template.default` (dpo, ipo, simpo), `chat_template.argilla` (orpo), SFT.

Nothing is cut: a row that is longer than `sequence_len` is dropped. In preference data it takes the answer's text out
of what the template wrote, each in its own way, and puts it after the prompt.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from proutt.export.check import trl
from proutt.export.check.prepared import Conversation, Learned, Prepare, Prepared, Setting, Trainer
from proutt.export.reading.textpair import Message

TOO_LONG = "longer than sequence_len"

#: Stands for the prompt where axolotl renders an answer by itself.
_SOMEBODY = Message("user", "[[dummy_message]]")


def preference_conversation(row: Mapping[str, Any]) -> Conversation:
    """`messages`, `chosen`, `rejected`; of a side that is a list, the last message."""
    sides = (row[name] if isinstance(row[name], dict) else row[name][-1] for name in ("chosen", "rejected"))
    return Conversation(_messages(row["messages"]), tuple(_messages([side]) for side in sides))


def orpo_conversation(row: Mapping[str, Any]) -> Conversation:
    """`system`, and `chosen` and `rejected` as whole dialogues. The prompt is the chosen one's."""
    system = (Message("system", row["system"]),) if row.get("system") else ()
    chosen, rejected = _messages(row["chosen"]), _messages(row["rejected"])
    return Conversation((*system, *chosen[:-1]), (chosen[-1:], rejected[-1:]))


def _messages(said: Any) -> tuple[Message, ...]:
    return tuple(Message(each["role"], each["content"]) for each in said)


def prepare_preference(setting: Setting) -> Prepare:
    """`chat_template.default`: it renders the answer after a made-up message, and looks for its content in that.

    Where the template changed the content it is not found, and no more than the last character is left of it.
    """

    def answer(prompt: tuple[Message, ...], side: tuple[Message, ...]) -> str:  # noqa: ARG001
        text = setting.template.whole((_SOMEBODY, *side))
        return text[text.find(side[-1].content) :].rstrip()

    return _prepare(setting, answer)


def prepare_orpo(setting: Setting) -> Prepare:
    """`chat_template.argilla`: the answer is what follows after as many characters as the prompt has."""

    def answer(prompt: tuple[Message, ...], side: tuple[Message, ...]) -> str:
        return setting.template.whole((*prompt, *side))[len(setting.template.prompt(prompt)) :]

    return _prepare(setting, answer)


def _prepare(setting: Setting, answer: Callable[[tuple[Message, ...], tuple[Message, ...]], str]) -> Prepare:
    template, ids, limit = setting.template, setting.vocabulary.ids, setting.max_length

    def prepared(conversation: Conversation) -> Prepared:
        before = template.prompt(conversation.prompt)
        texts = [answer(conversation.prompt, side) for side in conversation.completions]
        wholes = [template.whole((*conversation.prompt, *side)) for side in conversation.completions]
        tokens = [ids(text) for text in texts]
        lengths = [len(ids(before)) + len(numbers) for numbers in tokens]
        return Prepared(
            learned=tuple(
                Learned(before, text, tuple(numbers), length, cut=False)
                for text, numbers, length in zip(texts, tokens, lengths, strict=True)
            ),
            as_template=all(
                _spaceless(whole).startswith(_spaceless(before + text))
                for whole, text in zip(wholes, texts, strict=True)
            ),
            dropped=TOO_LONG if max(lengths) > limit else None,
        )

    return prepared


def _spaceless(text: str) -> str:
    """Without spaces and line ends, of which axolotl drops some around the answer."""
    return "".join(text.split())


def prepare_sft(setting: Setting) -> Prepare:
    """`chat_template`: the dialogue is rendered once, and what its answers say is learned."""
    uncut = trl.prepare(replace(setting, max_length=sys.maxsize))

    def prepared(conversation: Conversation) -> Prepared:
        row = uncut(conversation)
        too_long = any(each.length > setting.max_length for each in row.learned)
        return replace(row, dropped=TOO_LONG if too_long else None)

    return prepared


_VERSION = "0.19"
PREFERENCE = Trainer("axolotl", "DPO", _VERSION, "sequence_len", preference_conversation, prepare_preference)
ORPO = Trainer("axolotl", "ORPO", _VERSION, "sequence_len", orpo_conversation, prepare_orpo)
SFT = Trainer("axolotl", "SFT", _VERSION, "sequence_len", trl.messages_conversation, prepare_sft)

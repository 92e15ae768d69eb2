"""How TRL 1.16 prepares rows: DPO, SFT and KTO. Unsloth trains with TRL, on whole texts.

Prompt and prompt with completion go through the template and the tokenizer apart; the completion is what follows where
their tokens part. What is longer than `max_length` loses its end, and a row whose prompt fills it is dropped.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from proutt.export.check.prepared import Conversation, Learned, LeftOut, Prepare, Prepared, Setting, Trainer, shared
from proutt.export.reading.textpair import Message

FILLED = "the prompt fills max_length"


def preference_conversation(row: Mapping[str, Any]) -> Conversation:
    """`prompt`, `chosen`, `rejected`."""
    return Conversation(_messages(row["prompt"]), (_messages(row["chosen"]), _messages(row["rejected"])))


def completion_conversation(row: Mapping[str, Any]) -> Conversation:
    """`prompt`, `completion`; KTO's `label` changes nothing here."""
    return Conversation(_messages(row["prompt"]), (_messages(row["completion"]),))


def messages_conversation(row: Mapping[str, Any]) -> Conversation:
    """`messages`: all but the last is prompt."""
    messages = _messages(row["messages"])
    return Conversation(messages[:-1], (messages[-1:],))


def sharegpt_conversation(row: Mapping[str, Any]) -> Conversation:
    """`conversations` of `from` and `value`, as Unsloth makes messages of them."""
    roles = {"human": "user", "gpt": "assistant"}
    said = row["conversations"]
    messages = tuple(Message(roles.get(each["from"], each["from"]), each["value"]) for each in said)
    return Conversation(messages[:-1], (messages[-1:],))


def _messages(value: Any) -> tuple[Message, ...]:
    if isinstance(value, str):
        raise LeftOut("texts in place of messages: TRL uses no chat template for them")
    return tuple(Message(each["role"], each["content"]) for each in value)


def prepare(setting: Setting) -> Prepare:
    """What `DPOTrainer`, `KTOTrainer` and `SFTTrainer` do with rows of prompt and completion."""
    template, ids, limit = setting.template, setting.vocabulary.ids, setting.max_length

    def prepared(conversation: Conversation) -> Prepared:
        before = template.prompt(conversation.prompt)
        wholes = [template.whole((*conversation.prompt, *each)) for each in conversation.completions]
        prompt_ids, whole_ids = ids(before), [ids(whole) for whole in wholes]
        start = shared(prompt_ids, *whole_ids)
        as_text = all(whole.startswith(before) for whole in wholes)
        return Prepared(
            learned=tuple(
                Learned(
                    before=whole[: shared(before, whole)],
                    text=whole[shared(before, whole) :],
                    kept=tuple(numbers[start:limit]),
                    length=len(numbers),
                    cut=len(numbers) > limit,
                )
                for whole, numbers in zip(wholes, whole_ids, strict=True)
            ),
            as_template=as_text if setting.vocabulary.estimated else start == len(prompt_ids),
            dropped=FILLED if start >= limit else None,
        )

    return prepared


_VERSION = "1.16"
DPO = Trainer("TRL", "DPO", _VERSION, "max_length", preference_conversation, prepare)
SFT = Trainer("TRL", "SFT", _VERSION, "max_length", completion_conversation, prepare)
KTO = Trainer("TRL", "KTO", _VERSION, "max_length", completion_conversation, prepare)
MESSAGES = Trainer("TRL", "SFT", _VERSION, "max_length", messages_conversation, prepare)
UNSLOTH = Trainer("Unsloth", "SFT", f"with TRL {_VERSION}", "max_seq_length", sharegpt_conversation, prepare)

"""How LLaMA-Factory 0.9.5 prepares rows, where its configuration names no `template` of its own.

Every message is tokenised by itself in its slot. What is longer than `cutoff_len` loses the end of the prompt, of the
answer, or of both. Rows whose roles are not in turn are dropped with a line of the log.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from proutt.export.check.prepared import Conversation, Learned, LeftOut, Prepare, Prepared, Setting, Trainer
from proutt.export.check.slots import Slots, slots_of
from proutt.export.reading.textpair import Message

_SPEAKERS = {"human": "user", "gpt": "assistant"}
_EMPTY_THOUGHT = "<think>\n\n</think>\n\n"
_THOUGHT = re.compile(r"<think>\n.*?\n</think>\n\n", re.DOTALL)
NOT_IN_TURN = "user and assistant are not in turn"


def preference_conversation(row: Mapping[str, Any]) -> Conversation:
    """`conversations`, `system`, and `chosen` and `rejected` as objects."""
    prompt = _in_turn(_sharegpt(row["conversations"]), answered=False)
    sides = [row["chosen"], row["rejected"]]
    if not all(isinstance(side, Mapping) for side in sides):
        raise LeftOut("chosen and rejected are lists, not objects")
    completions = tuple(_sharegpt([side]) for side in sides)
    if any(side[0].role != "assistant" for side in completions):
        raise LeftOut("a side is not the assistant's")
    return Conversation((*_system(row), *prompt), completions)


def sharegpt_conversation(row: Mapping[str, Any]) -> Conversation:
    """`conversations` and `system`; KTO's `kto_tag` changes nothing here."""
    said = _in_turn(_sharegpt(row["conversations"]), answered=True)
    return Conversation((*_system(row), *said[:-1]), (said[-1:],))


def messages_conversation(row: Mapping[str, Any]) -> Conversation:
    """`messages`, which may begin with a system message."""
    said = tuple(Message(each["role"], each["content"]) for each in row["messages"])
    system = said[:1] if said and said[0].role == "system" else ()
    rest = _in_turn(said[len(system) :], answered=True)
    return Conversation((*system, *rest[:-1]), (rest[-1:],))


def _sharegpt(said: Sequence[Mapping[str, str]]) -> tuple[Message, ...]:
    return tuple(Message(_SPEAKERS.get(each["from"], each["from"]), each["value"]) for each in said)


def _system(row: Mapping[str, Any]) -> tuple[Message, ...]:
    return (Message("system", row["system"]),) if row.get("system") else ()


def _in_turn(said: tuple[Message, ...], *, answered: bool) -> tuple[Message, ...]:
    roles = [each.role for each in said]
    wanted = ["user", "assistant"] * (len(roles) // 2) + ([] if answered else ["user"])
    if not roles or roles != wanted:
        raise LeftOut(NOT_IN_TURN)
    return said


def prepare_preference(setting: Setting) -> Prepare:
    """`stage: dpo`: prompt and the longer side share `cutoff_len`."""
    slots = slots_of(setting.template, setting.vocabulary.opening)
    ids, limit = setting.vocabulary.ids, setting.max_length

    def prepared(conversation: Conversation) -> Prepared:
        *prompt, _ = _texts(slots, conversation, conversation.completions[0], earlier_thoughts=False)
        sides = [_texts(slots, conversation, side, earlier_thoughts=False)[-1] for side in conversation.completions]
        before, answers = _ids(ids, prompt), [_ids(ids, [side]) for side in sides]
        room = _room(len(before), max(map(len, answers)), limit)
        texts = ["".join(side) for side in sides]
        return Prepared(
            learned=tuple(
                _learned(prompt, text, len(before), numbers, room) for text, numbers in zip(texts, answers, strict=True)
            ),
            as_template=_as_template(setting, conversation, prompt, texts),
        )

    return prepared


def prepare_sft(setting: Setting) -> Prepare:
    """`stage: sft`: each question with its answer gets what the ones before it left of `cutoff_len`."""
    slots = slots_of(setting.template, setting.vocabulary.opening)
    ids, limit = setting.vocabulary.ids, setting.max_length

    def prepared(conversation: Conversation) -> Prepared:
        texts = _texts(slots, conversation, conversation.completions[0], earlier_thoughts=True)
        numbers = [_ids(ids, [each]) for each in texts]
        used, room, cut = 0, (0, 0), False
        for question, answer in zip(numbers[::2], numbers[1::2], strict=True):
            room = _room(len(question), len(answer), limit - used) if used < limit else (0, 0)
            cut = cut or room != (len(question), len(answer))
            used += sum(room)
        *prompt, last = texts
        text = "".join(last)
        length = sum(map(len, numbers))
        learned = Learned(_joined(prompt), text, tuple(numbers[-1][: room[1]]), length, cut)
        return Prepared((learned,), _as_template(setting, conversation, prompt, [text]))

    return prepared


#: the pieces that one message is tokenised in
_Pieces = list[str]


def _texts(
    slots: Slots, conversation: Conversation, completion: tuple[Message, ...], *, earlier_thoughts: bool
) -> list[_Pieces]:
    """Every message in its slot, the first with what stands before it; a system message is part of that."""
    said = list(conversation.prompt)
    system = said.pop(0).content if said and said[0].role == "system" else slots.default_system
    begin = [slots.prefix] if slots.prefix else []
    begin += [slots.filled(Message("system", system))] if system else []
    texts: list[_Pieces] = []
    for each in said:
        if each.role == "assistant" and earlier_thoughts:
            texts.append(_answer(slots, each))
        elif each.role == "assistant" and slots.thinks:
            texts.append([slots.filled(Message(each.role, _THOUGHT.sub("", each.content).lstrip("\n")))])
        else:
            texts.append([slots.filled(each)])
    texts.append(_answer(slots, completion[-1]))
    texts[0] = [*begin, *texts[0]]
    return texts


def _answer(slots: Slots, message: Message) -> _Pieces:
    """An answer with reasoning, an empty one where it has none and the template has a place for it."""
    thinks = "<think>" in message.content or "</think>" in message.content
    return [*([_EMPTY_THOUGHT] if slots.thinks and not thinks else []), slots.filled(message)]


def _ids(ids: Any, messages: Sequence[_Pieces] | list[_Pieces]) -> list[int]:
    return [number for pieces in messages for piece in pieces if piece for number in ids(piece)]


def _joined(messages: Sequence[_Pieces]) -> str:
    return "".join(piece for pieces in messages for piece in pieces)


def _room(prompt: int, answer: int, limit: int) -> tuple[int, int]:
    """Tokens that are left of prompt and answer: the longer one is cut; where both are long, both, by their shares."""
    if answer * 2 < limit:
        most = limit
    elif prompt * 2 < limit:
        most = limit - prompt
    else:
        most = int(limit * (answer / (prompt + answer)))
    kept = min(most, answer)
    return min(max(limit - kept, 0), prompt), kept


def _learned(prompt: Sequence[_Pieces], text: str, before: int, numbers: list[int], room: tuple[int, int]) -> Learned:
    cut = room[0] < before or room[1] < len(numbers)
    return Learned(_joined(prompt), text, tuple(numbers[: room[1]]), before + len(numbers), cut)


def _as_template(
    setting: Setting, conversation: Conversation, prompt: Sequence[_Pieces], answers: Sequence[str]
) -> bool:
    """Whether the model will see at prediction what it is trained on. Spaces and line ends apart: slots don't trim."""
    for side, answer in zip(conversation.completions, answers, strict=True):
        whole = setting.template.whole((*conversation.prompt, *side))
        if "".join(whole.split()) != "".join((_joined(prompt) + answer).split()):
            return False
    return True


_VERSION = "0.9.5"
PREFERENCE = Trainer("LLaMA-Factory", "dpo", _VERSION, "cutoff_len", preference_conversation, prepare_preference)
SFT = Trainer("LLaMA-Factory", "sft", _VERSION, "cutoff_len", messages_conversation, prepare_sft)
SHAREGPT = Trainer("LLaMA-Factory", "sft", _VERSION, "cutoff_len", sharegpt_conversation, prepare_sft)
KTO = Trainer("LLaMA-Factory", "kto", _VERSION, "cutoff_len", sharegpt_conversation, prepare_preference)

"""A SynPT dialogue as training text: a row for each answer, or one for the whole dialogue.

Most chat templates drop the thinking of every answer but the last, so a row for each answer is what most trainers learn
all of: the prompt holds what was said, earlier answers as the user read them, and the completion is the thinking and
the reply. The paper trains without a prompt (IV-D); an instruction that names the task is put in front on demand.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Literal

from proutt.errors import UserError
from proutt.export.example import Example
from proutt.export.formats import FORMATS, DialogueRows
from proutt.export.neutral import neutral
from proutt.export.reading.textpair import Message, TextPair
from proutt.methods.synpt.record import AssistantRecord, SynPTDialogue
from proutt.methods.synpt.wording import Thought, answer_text, harmless, one_line, thinking_text
from proutt.prompts.template import fill

DialogueInstruction = Literal["none", "task"]

_INSTRUCTIONS = {
    "en": "You help a user with this task: {task}. To do it you have to know: {names}. Ask for what is missing, one at "
    "a time, and offer options. When nothing is missing, or the user wants no more questions, sum up what they want.",
    "zh": "你帮助用户完成任务：{task}。为此你需要了解：{names}。一次询问一项尚未提供的内容，并给出选项；"
    "全部了解后，或用户不愿再回答时，总结用户的意图。",
}


@dataclass(frozen=True, slots=True)
class DialogueForm:
    """What rows a dialogue becomes.

    rows         "answers": one for each of the assistant's answers; "whole": one for all of it
    thinking     whether answers hold what was thought; False: replies alone
    instruction  "task": a system message names the task and its intentions; "none": the dialogue speaks for itself
    """

    rows: DialogueRows = "answers"
    thinking: bool = True
    instruction: DialogueInstruction = "none"


def examples_of(dialogue: SynPTDialogue, form: DialogueForm) -> list[Example]:
    """The rows of a dialogue, in the order of its turns."""
    before = [Message("system", _instruction(dialogue))] if form.instruction == "task" else []
    examples, messages, last = [], list(before), len(dialogue.turns)
    for k, turn in enumerate(dialogue.turns, start=1):
        messages.append(Message("user", harmless(turn.user.utterance)))
        whole = _answer(dialogue, turn.assistant, thinking=form.thinking)
        if form.rows == "answers" or k == last:
            name = f"{dialogue.seed_id}:{k}" if form.rows == "answers" else dialogue.seed_id
            texts = TextPair(
                id=name,
                where=dialogue.source,
                messages=tuple(messages),
                chosen=whole,
                dialogue_id=dialogue.seed_id,
                k=k,
                language=dialogue.language,
            )
            examples.append(Example(texts, last_only=form.rows == "answers"))
        messages.append(Message("assistant", whole if form.rows == "whole" else _reply(turn.assistant)))
    return examples


def _answer(dialogue: SynPTDialogue, answer: AssistantRecord, *, thinking: bool) -> str:
    if not thinking:
        return _reply(answer)
    thought = thinking_text(Thought.of(answer), task=dialogue.task, names=dialogue.names, language=dialogue.language)
    return answer_text(thought, _reply(answer))


def _reply(answer: AssistantRecord) -> str:
    """What the user reads. Only an answer that sums up may hold a summary's marks."""
    return harmless(answer.reply) if answer.summary is None else neutral(answer.reply)


def _instruction(dialogue: SynPTDialogue) -> str:
    language = "zh" if dialogue.language == "zh" else "en"
    names = ("、" if language == "zh" else ", ").join(one_line(name) for name in dialogue.names.values())
    return fill(_INSTRUCTIONS[language], task=one_line(dialogue.task), names=names)


@cache
def dialogue_instruction_version() -> str:
    """A short hash of the instructions: it changes when either does."""
    return sha256("\0".join(_INSTRUCTIONS.values()).encode()).hexdigest()[:12]


def check_form(format: str, form: DialogueForm) -> None:
    """Raise UserError where rows of a format would not train what they should."""
    target = FORMATS[format]
    if form.rows in target.dialogues:
        return
    if target.preference or not target.dialogues:
        raise UserError(
            f"SynPT's dialogues have no rejected side, and {format} wants one.",
            where="--to",
            remedy=f"Export SFT rows: {', '.join(takers('answers'))}.",
        )
    if form.rows == "whole":
        raise UserError(
            f"{format} learns one answer a row, so earlier answers of a whole dialogue would not be learnt.",
            where="--whole-dialogues",
            remedy=f"Leave the option out, or export one of {', '.join(takers('whole'))}.",
        )
    raise UserError(
        f"{format} learns every answer of a row, and earlier ones stand in it without their thinking.",
        where="--to",
        remedy=f"Give --whole-dialogues, or export one of {', '.join(takers('answers'))}.",
    )


def takers(rows: DialogueRows) -> list[str]:
    """The formats that can hold such rows."""
    return [name for name, each in FORMATS.items() if rows in each.dialogues]

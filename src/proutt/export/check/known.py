"""Combinations of format and chat template that are known to break, by name; and unknown ones, by what they do.

A template is judged by what it does to one small example in our layout, as the format's trainer would prepare it: a
model may come with a mended template. The names and reasons are for people. Each was seen with the trainer's own code
(tests/consumers).
"""

from __future__ import annotations

from dataclasses import dataclass

from proutt.errors import UserError
from proutt.export.check.losses import MEANING, Loss, losses_of
from proutt.export.check.prepared import Conversation, Setting, Trainer
from proutt.export.check.template import ChatTemplate, TemplateRefused
from proutt.export.check.trainers import trainers_of
from proutt.export.reading.textpair import Message


@dataclass(frozen=True, slots=True)
class Known:
    """One combination.

    libraries  whose trainers; every one where it is empty
    template   the family's name, for people
    marks      strings that all stand in its templates
    """

    libraries: frozenset[str]
    template: str
    marks: tuple[str, ...]
    reason: str
    remedy: str


_LLAMAFACTORY, _AXOLOTL = frozenset({"LLaMA-Factory"}), frozenset({"axolotl"})
_ALL_BUT_LLAMAFACTORY = frozenset({"TRL", "Unsloth", "axolotl"})
_OWN_TEMPLATE = "Set LLaMA-Factory's own `template` for the model in the configuration, which is then not checked here"
_TRL = "Train with TRL (--to trl-preference, trl-sft)"

KNOWN = (
    Known(
        _AXOLOTL,
        "GLM-4.5",
        ("[gMASK]<sop>", "reasoning_content"),
        "the template moves the reasoning, so axolotl does not find the answer in it and learns its last character",
        f"{_TRL}, or with --to axolotl-orpo",
    ),
    Known(
        _LLAMAFACTORY,
        "Qwen3.5, 3.6 and 3.8",
        ("<|im_start|>", "No user query found"),
        "the template refuses a system message alone, from which LLaMA-Factory would read it",
        _OWN_TEMPLATE,
    ),
    Known(
        frozenset(),
        "Qwen3.8",
        ("<|im_start|>", "Reasoning effort is set to"),
        "the template writes an empty thought before the text to learn, which has its own",
        "Train with a template that takes the reasoning out of the text, as that of Qwen3.5 does",
    ),
    Known(
        _AXOLOTL,
        "Qwen3.5 and 3.6",
        ("<|im_start|>", "No user query found"),
        "the template ends the prompt with <think>, and axolotl puts the text to learn, which has its own, after it",
        _TRL,
    ),
    Known(
        frozenset(),
        "Qwen3.5 with thinking off",
        ("<|im_start|>", "No user query found"),
        "the template ends the prompt with an empty thought at prediction, and not in training",
        "Name the template with thinking on",
    ),
    Known(
        frozenset(),
        "Nemotron 3",
        ("<|im_start|>", "truncate_history_thinking"),
        "the template begins every answer with <think>, and the text to learn has its own",
        _TRL,
    ),
    Known(
        _LLAMAFACTORY,
        "DeepSeek-R1 and V3.1",
        ("<｜Assistant｜>", "</think>"),
        "the template begins an answer otherwise before than after it was given, so LLaMA-Factory can't take it apart",
        _OWN_TEMPLATE,
    ),
    Known(
        _ALL_BUT_LLAMAFACTORY,
        "DeepSeek-R1 and V3.1",
        ("<｜Assistant｜>", "</think>"),
        "the template drops everything before </think> from answers, all of the reasoning",
        "Train with a template that keeps it: for distilled models TRL has deepseek_r1_distill_training.jinja",
    ),
    Known(
        _ALL_BUT_LLAMAFACTORY,
        "EXAONE 4",
        ("[|assistant|]", "</think>"),
        "the template drops everything before </think> from answers, all of the reasoning",
        "Train with a template that keeps it",
    ),
    Known(
        _LLAMAFACTORY,
        "Gemma 1 to 3",
        ("<start_of_turn>",),
        "the template has no place of its own for a system message, from which LLaMA-Factory would read it",
        _OWN_TEMPLATE,
    ),
    Known(
        frozenset(),
        "Idefics 3 and SmolVLM",
        ("<end_of_utterance>", "image"),
        "the template takes content in parts only, and writes nothing of a text",
        "Choose a model for text",
    ),
)


def refuse_broken(format: str, setting: Setting) -> None:
    """Raise UserError where every row of a format would lose something under this template, whatever it says."""
    for trainer in trainers_of(format):
        broken = _broken(trainer, setting)
        if broken is None:
            continue
        known = known_combination(trainer, setting.template)
        if known is None:
            what = f"{format} breaks with this template under {trainer.name}: {broken}."
            remedy = "Name the template that you will train with"
        else:
            template = f"the template of {known.template}"
            what = f"{format} with {template} is known to break under {trainer.name}: {known.reason}."
            remedy = known.remedy
        raise UserError(what, where=setting.template.name, remedy=f"{remedy}; --force goes on.")


def known_combination(trainer: Trainer, template: ChatTemplate) -> Known | None:
    """The entry that names this trainer and template."""
    for each in KNOWN:
        of_trainer = not each.libraries or trainer.library in each.libraries
        if of_trainer and all(mark in template.text for mark in each.marks):
            return each
    return None


def _broken(trainer: Trainer, setting: Setting) -> str | None:
    """What happens to the example, or None where it comes through whole."""
    sides = tuple((Message("assistant", _completion(word)),) for word in ("tram", "dog"))
    longest = Setting(setting.template, setting.vocabulary, max_length=1_000_000)
    try:
        prepare = trainer.prepare(longest)
        losses = [
            losses_of(each, prepare(each), setting.vocabulary.marks_of(""))
            for each in (Conversation((Message("user", "How do I get to Lyon?"),), (side,)) for side in sides)
        ]
    except TemplateRefused as error:
        return str(error)
    happened = frozenset().union(*losses) - {Loss.FORGED}
    return "; ".join(MEANING[loss] for loss in Loss if loss in happened) or None


def _completion(word: str) -> str:
    """An example in the canonical layout."""
    return (
        f"<think>\nFirst, the user travels.\n\nSecond, a {word} may be next.\n</think>\n\n"
        f"The user may say:\n<predict>Is there a {word}?</predict>\n<predict>When?</predict>"
    )

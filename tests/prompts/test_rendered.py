"""Every prompt as the model sees it, kept as a file: a change of a prompt is a change that a review sees.

PROUTT_WRITE_PROMPTS=1 writes the files anew; look at their differences before you keep them.
"""

from __future__ import annotations

import os
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import pytest

from prompts.dialogues import all_steps, other_steps
from prompts.persona_steps import persona_steps
from prompts.synpt_steps import small_synpt_steps, synpt_steps
from prompts.upc_steps import critic_check_steps, upc_steps
from proutt.prompts.step import Step

RENDERED = Path(__file__).parent / "rendered"

#: Each variant of the questions: all, and with what the ablations leave out.
VARIANTS: dict[str, dict[str, bool]] = {
    "": {},
    ".no-tree": {"tree": False},
    ".no-types": {"types": False},
}
#: Questions that read the same in a variant as in the first.
SAME: dict[str, set[str]] = {
    "": set(),
    ".no-tree": {"judge"},
    ".no-types": {
        "judge",
        "distinguish",
        "small-annotate",
        "small-brainstorm-exploitation",
        "small-brainstorm-exploration",
    },
}


def rendered(step: Step[Any]) -> str:
    """The messages with their roles, one after the other."""
    return "\n".join(f"=== {message.role}\n{message.content}" for message in step.messages()) + "\n"


@cache
def files() -> dict[str, str]:
    """What every file should hold, by its name."""
    found = {}
    for variant, options in VARIANTS.items():
        for language in ("en", "zh"):
            for name, step in all_steps(language, **options).items():
                if name in SAME[variant]:
                    continue
                found[f"{name}{variant}.{language}.txt"] = rendered(step)
    for language in ("en", "zh"):
        others = {**other_steps(language), **synpt_steps(language), **small_synpt_steps(language)}
        others |= persona_steps(language) | upc_steps(language) | critic_check_steps(language)
        found |= {f"{name}.{language}.txt": rendered(step) for name, step in others.items()}
    return found


@pytest.mark.parametrize("name", sorted(files()))
def test_the_prompt_is_the_one_that_was_reviewed(name):
    """Byte for byte."""
    path, text = RENDERED / name, files()[name]
    if os.environ.get("PROUTT_WRITE_PROMPTS"):
        path.write_bytes(text.encode())
    assert path.is_file(), f"no {name} yet: write it with PROUTT_WRITE_PROMPTS=1 and read it"
    assert path.read_bytes().decode() == text, f"{name} changed: PROUTT_WRITE_PROMPTS=1 writes it anew; then read it"


def test_every_step_there_is_has_its_prompt_kept():
    """A new step in any room of prompts joins these files, or this one fails."""
    rooms = ("proutt", "baselines", "evaluation", "prediction", "synpt", "personas")
    rooms += ("upc", "critic_check", "upc_evaluation")
    modules = [
        import_module(f"proutt.prompts.{room}.{module.name}")
        for room in rooms
        for module in iter_modules(import_module(f"proutt.prompts.{room}").__path__)
    ]
    there = {
        kind
        for module in modules
        for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, Step) and hasattr(kind, "name")
    }
    english = (
        *(all_steps("en"), other_steps("en"), synpt_steps("en"), small_synpt_steps("en"), persona_steps("en")),
        *(upc_steps("en"), critic_check_steps("en")),
    )
    kept = {type(step) for steps in english for step in steps.values()}
    assert there == kept


def test_there_is_no_rendered_prompt_that_no_step_makes():
    """A question that is gone takes its file with it."""
    assert {path.name for path in RENDERED.glob("*.txt")} == set(files())

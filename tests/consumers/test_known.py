"""Every combination that is refused by name is one that breaks, under the templates that come with TRL and axolotl."""

from __future__ import annotations

import pytest

from consumers.conftest import environment, template_path
from proutt.errors import UserError
from proutt.export.check import KNOWN, Setting, estimated_vocabulary, refuse_broken, template_named

#: format, template, the name that it is refused under
BROKEN = [
    ("axolotl-preference", "trl/glm4moe", "GLM-4.5"),
    ("axolotl-preference", "trl/qwen3_5_think", "Qwen3.5 and 3.6"),
    ("axolotl-preference", "trl/qwen3_6", "Qwen3.5 and 3.6"),
    ("axolotl-preference", "trl/nemotron_3_nano", "Nemotron 3"),
    ("axolotl-preference", "axolotl/exaone4", "EXAONE 4"),
    ("axolotl-orpo", "axolotl/deepseek_v3", "DeepSeek-R1 and V3.1"),
    ("messages-sft", "axolotl/exaone4", "EXAONE 4"),
    ("trl-preference", "trl/qwen3_8", "Qwen3.8"),
    ("trl-preference", "trl/qwen3_5_nothink", "Qwen3.5 with thinking off"),
    ("trl-preference", "trl/deepseek_r1_distill", "DeepSeek-R1 and V3.1"),
    ("trl-sft", "trl/deepseekv3", "DeepSeek-R1 and V3.1"),
    ("trl-kto", "trl/smolvlm", "Idefics 3 and SmolVLM"),
    ("unsloth-sharegpt", "trl/qwen3_8", "Qwen3.8"),
    ("llamafactory-preference", "trl/qwen3_5_think", "Qwen3.5, 3.6 and 3.8"),
    ("llamafactory-sft", "trl/gemma3", "Gemma 1 to 3"),
    ("llamafactory-kto", "trl/nemotron_3_super", "Nemotron 3"),
    ("llamafactory-sharegpt", "trl/deepseek_r1_distill", "DeepSeek-R1 and V3.1"),
]
WHOLE = [
    ("trl-preference", "trl/glm4moe"),
    ("trl-preference", "trl/qwen3_5_think"),
    ("trl-sft", "trl/nemotron_3_nano"),
    ("trl-kto", "trl/gemma"),
    ("trl-preference", "trl/deepseek_r1_distill_training"),
    ("axolotl-orpo", "trl/glm4moe"),
    ("axolotl-preference", "trl/qwen3"),
    ("axolotl-preference", "axolotl/mistral_v7_tekken"),
    ("llamafactory-preference", "trl/qwen3"),
    ("llamafactory-preference", "trl/llama3"),
]


def setting(name: str) -> Setting:
    environment(name.split("/", maxsplit=1)[0])
    template = template_named(str(template_path(name)))
    return Setting(template, estimated_vocabulary({}), 1)


@pytest.mark.parametrize(("format", "name", "known"), BROKEN)
def test_a_known_combination_is_refused_by_name(format, name, known):
    """With the name that people know the model by."""
    with pytest.raises(UserError, match=rf"{format} with the template of {known} is known to break"):
        refuse_broken(format, setting(name))


def test_every_known_combination_is_shown_to_break():
    """No entry of the list is hearsay."""
    assert {each.template for each in KNOWN} == {known for _, _, known in BROKEN}


@pytest.mark.parametrize(("format", "name"), WHOLE)
def test_the_remedies_work(format, name):
    """What a refusal advises is not refused itself."""
    refuse_broken(format, setting(name))

"""The prompt asks for exactly what the completion holds, and the dialogue in it is only data."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proutt.dialogue import Context, Turn
from proutt.export.prompt import INSTRUCTIONS, Outline, history_text, instruction_text, instruction_version, prompt_text
from proutt.export.text import context_of
from records import HOSTILE, a_hostile_pair

CONTEXT = Context("d", "en", (Turn("hi", "hello"), Turn("and?", "so")), opening="Welcome!")


@pytest.mark.parametrize("instruction", INSTRUCTIONS)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_number_of_predictions_is_stated(instruction, language):
    """2Q is in the instruction, whatever Q is."""
    text = instruction_text(instruction, language, Outline(exploitation=3, exploration=4))
    assert "7" in text
    assert "{" not in text.replace(" {\n", "")


@pytest.mark.parametrize(
    ("outline", "absent"),
    [
        (Outline(tree=False), ["tree", "Tree", "path", "→"]),
        (Outline(sentence_type=False), ["Sentence Type", "declarative", "interrogative"]),
        (Outline(tree=False, sentence_type=False), ["tree", "path", "Sentence Type"]),
    ],
)
def test_no_word_on_a_step_that_is_ablated(outline, absent):
    """Without the intent tree nothing speaks of trees or paths, without sentence types nothing of them (Table III)."""
    text = instruction_text("structured", "en", outline)
    assert not [word for word in absent if word in text]
    assert "Exploitation" in text


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_label_of_a_full_completion_is_explained(language):
    """Both languages name the four sections that the completion then writes."""
    text = instruction_text("structured", language, Outline())
    labels = {
        "en": ["[User Intent Tree]", "[Sentence Type Analysis]", "[Exploitation Analysis]", "[Exploration Analysis]"],
        "zh": ["[用户意图树]", "[句子类型分析]", "[利用视角分析]", "[探索视角分析]"],
    }
    assert all(label in text for label in labels[language])
    assert "<!--" not in text


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_minimal_instruction_reveals_no_step(language):
    """It names the task and the layout, neither tree nor sentence types nor perspectives (ProUtt V-D)."""
    text = instruction_text("minimal", language, Outline())
    assert not [word for word in ("tree", "树", "Sentence Type", "句子类型", "xploitation", "利用") if word in text]
    assert "<predict>" in text


def test_the_history_shows_opening_and_rounds_in_order():
    """What the assistant said first, then each round, quoted."""
    assert history_text(CONTEXT) == (
        "# Dialogue\n\n[Opening]\nAssistant:\n> Welcome!\n\n"
        "[Round 1]\nUser:\n> hi\nAssistant:\n> hello\n\n[Round 2]\nUser:\n> and?\nAssistant:\n> so"
    )


def test_a_chinese_dialogue_gets_chinese_words():
    """Instruction and headings follow the dialogue's language."""
    text = prompt_text(Context("d", "zh", (Turn("你好", "您好"),)))
    assert "[第1轮]\n用户：\n> 你好\n助手：\n> 您好" in text
    assert text.startswith("# 任务")


def test_any_other_language_gets_english_words():
    """There are prompts in two languages; the rest is asked in English to write in the user's."""
    assert prompt_text(Context("d", "fr", (Turn("salut", "bonjour"),))).startswith("# Task")


@given(st.text(), st.text())
def test_a_dialogue_cannot_forge_a_round(user, assistant):
    """Lines outside quotations are the same whatever the dialogue says."""
    lines = history_text(Context("d", "en", (Turn(user, assistant),))).splitlines()
    assert [line for line in lines if not line.startswith("> ")] == [
        "# Dialogue",
        "",
        "[Round 1]",
        "User:",
        "Assistant:",
    ]


def test_hostile_text_is_quoted_and_disarmed():
    """Braces stay as they are; tags and chat-control strings don't."""
    text = history_text(context_of(a_hostile_pair()))
    assert "{context}" in text
    assert "</think>" not in text
    assert "<|im_end|>" not in text
    assert HOSTILE not in text


def test_the_instruction_version_is_a_short_hash():
    """It stands in the manifest, so that two exports can be told apart."""
    assert len(instruction_version()) == 12
    assert int(instruction_version(), 16)

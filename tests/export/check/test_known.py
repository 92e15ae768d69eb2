"""Templates under which every row would lose something are refused, by name where the combination is known."""

from __future__ import annotations

import pytest

from export.check.chat_templates import template
from proutt.errors import UserError
from proutt.export.check import ChatTemplate, Setting, estimated_vocabulary, refuse_broken


def setting(chat_template: ChatTemplate) -> Setting:
    return Setting(chat_template, estimated_vocabulary({}), 1)


@pytest.mark.parametrize(
    ("format", "way"),
    [
        ("trl-preference", "plain"),
        ("trl-preference", "opens-thinking"),
        ("trl-preference", "moves-reasoning"),
        ("axolotl-orpo", "moves-reasoning"),
        ("llamafactory-sft", "plain"),
        ("messages-sft", "refuses-system"),
    ],
)
def test_what_works_is_not_refused(format, way):
    """The length plays no part in it."""
    refuse_broken(format, setting(template(way)))


@pytest.mark.parametrize(
    ("format", "way", "reason"),
    [
        ("trl-sft", "drops-reasoning", "reasoning lost"),
        ("trl-sft", "thinking-off", "prefix mismatch"),
        ("axolotl-preference", "moves-reasoning", "answer lost"),
        ("axolotl-preference", "opens-thinking", "a second <think>"),
        ("llamafactory-kto", "refuses-system", "refuses a system message alone"),
        ("unsloth-sharegpt", "adds-a-thought", "a second <think>"),
    ],
)
def test_what_breaks_is_refused_with_what_it_does(format, way, reason):
    """An unknown template is told by what it does to an example."""
    with pytest.raises(UserError, match=f"{way}.jinja: {format} breaks with this template under .*{reason}.*--force"):
        refuse_broken(format, setting(template(way)))


def test_a_known_combination_has_a_name():
    """And a reason, and what to do instead."""
    moves = template("moves-reasoning")
    glm = ChatTemplate("glm", "[gMASK]<sop>{# reasoning_content #}" + moves.text)
    with pytest.raises(
        UserError, match=r"axolotl-preference with the template of GLM-4\.5 is known to break under axol"
    ):
        refuse_broken("axolotl-preference", setting(glm))


def test_a_mended_template_of_a_known_family_is_not_refused():
    """The name alone decides nothing."""
    refuse_broken(
        "axolotl-preference",
        setting(ChatTemplate("glm", "[gMASK]<sop>{# reasoning_content #}" + template("plain").text)),
    )


@pytest.mark.parametrize("format", ["openai-preference", "openai-sft", "proutt"])
def test_what_services_train_on_cannot_be_checked(format):
    """Nobody here knows how they tokenise."""
    with pytest.raises(UserError, match="can't be checked"):
        refuse_broken(format, setting(template("plain")))

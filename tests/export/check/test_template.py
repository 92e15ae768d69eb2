"""Chat templates are rendered as transformers renders them, and can do nothing but render."""

from __future__ import annotations

import pytest

from export.check.chat_templates import template
from proutt.errors import UserError
from proutt.export.check import ChatTemplate, TemplateRefused
from proutt.export.reading import Message

ASKED = Message("user", "How much is it?")


def rendered(text: str, **special: str) -> str:
    return ChatTemplate("t.jinja", text, special).whole([ASKED])


def test_a_prompt_ends_with_the_beginning_of_an_answer():
    """The model sees the messages and then takes over."""
    assert template("plain").prompt([ASKED]) == ("<|im_start|>user\nHow much is it?<|im_end|>\n<|im_start|>assistant\n")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ messages[0] | tojson }}", '{"role": "user", "content": "How much is it?"}'),
        ("{{ {'a': '<é>'} | tojson(indent=1) }}", '{\n "a": "<é>"\n}'),
        ("{% for i in range(9) %}{% if i == 2 %}{% break %}{% endif %}{{ i }}{% endfor %}", "01"),
        ("{% generation %}{{ 1 + 1 }}{% endgeneration %}", "2"),
        ("{{ bos_token }}{{ tools is none }}{{ add_generation_prompt }}", "<s>TrueFalse"),
        ("{{ strftime_now('%Y') | length }}", "4"),
        ("{% set ns = namespace(found=false) %}{% set ns.found = true %}{{ ns.found }}", "True"),
        ("  {% if true %}\nx\n  {% endif %}\n", "x\n"),
    ],
)
def test_templates_have_what_transformers_gives_them(text, expected):
    """Filters, functions, extensions, special tokens, and the way that lines around blocks are trimmed."""
    assert rendered(text, bos_token="<s>") == expected


@pytest.mark.parametrize(
    "text",
    [
        "{{ raise_exception('Roles must alternate') }}",
        "{{ messages[0].content.items() }}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ messages.append(1) }}",
        "{% include '/etc/passwd' %}",
        "{% for i in range(10 ** 9) %}{% endfor %}",
    ],
)
def test_what_a_template_may_not_do_is_a_refusal(text):
    """It raises, fails, reaches for Python, changes what it was given or loops for ever: it did not render."""
    with pytest.raises(TemplateRefused):
        rendered(text)


def test_a_dialogue_is_never_a_template():
    """What somebody said is written as it is, whatever it looks like."""
    hostile = "{{ 7 * 7 }} {% raw %} <b>&amp;"
    assert hostile in template("plain").whole([Message("user", hostile)])


def test_bad_jinja_is_named():
    """With the file and the line of the template."""
    with pytest.raises(UserError, match=r"t\.jinja: is no chat template: .*endfor"):
        ChatTemplate("t.jinja", "{% for x in messages %}")

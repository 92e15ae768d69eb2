"""Small chat templates for tests, one for each way in which models' templates treat an answer's reasoning."""

from __future__ import annotations

from proutt.export.check import ChatTemplate

_MESSAGES = (
    "{{ '<|im_start|>' + message.role + '\n' + content + '<|im_end|>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n%s' }}{% endif %}"
)
_ANSWER = "{% if message.role == 'assistant' and '</think>' in content %}"

#: content → what is written of an answer
_WAYS = {
    "plain": "",
    "drops-reasoning": _ANSWER + "{% set content = content.split('</think>')[-1] %}{% endif %}",
    "moves-reasoning": _ANSWER
    + "{% set parts = content.split('</think>') %}"
    + "{% set thought = parts[0].split('<think>')[-1].strip() %}"
    + "{% set content = '<think>' + thought + '</think>\n' + parts[1].strip() %}{% endif %}",
    "opens-thinking": "{% if message.role == 'assistant' and '<think>' not in content %}"
    "{% set content = '<think>\n\n</think>\n\n' + content %}{% endif %}",
    "adds-a-thought": _ANSWER + "{% set content = '<think>\n\n</think>\n\n' + content %}{% endif %}",
}


def template(way: str) -> ChatTemplate:
    """`plain`, `drops-reasoning`, `moves-reasoning`, `adds-a-thought`; `opens-thinking` begins every answer with
    `<think>`; `thinking-off` with an empty thought; `refuses-system` is plain and raises at a system message."""
    opened = {"opens-thinking": "<think>\n", "thinking-off": "<think>\n\n</think>\n\n"}.get(way, "")
    refusal = "{% if messages[0].role == 'system' %}{{ raise_exception('no system role') }}{% endif %}"
    begin = (
        refusal if way == "refuses-system" else ""
    ) + "{% for message in messages %}{% set content = message.content %}"
    return ChatTemplate(f"{way}.jinja", begin + _WAYS.get(way, "") + _MESSAGES.replace("%s", opened))

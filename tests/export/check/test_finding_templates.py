"""A template is found where models keep it, with the special tokens that are told beside it."""

from __future__ import annotations

import json

import pytest

from proutt.errors import UserError
from proutt.export.check import template_named, tokenizer_beside
from proutt.export.reading import Message


def write(folder, name, value):
    text = value if isinstance(value, str) else json.dumps(value)
    (folder / name).write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({"chat_template.jinja": "own", "tokenizer_config.json": {"chat_template": "other"}}, "own"),
        ({"chat_template.json": {"chat_template": "old"}}, "old"),
        ({"tokenizer_config.json": {"chat_template": "configured"}}, "configured"),
        (
            {
                "tokenizer_config.json": {
                    "chat_template": [
                        {"name": "rag", "template": "other"},
                        {"name": "default", "template": "the default"},
                    ]
                }
            },
            "the default",
        ),
    ],
)
def test_a_models_folder_has_its_template_in_one_of_several_places(tmp_path, files, expected):
    """The file of its own goes first; of several by name, the default."""
    for name, value in files.items():
        write(tmp_path, name, value)
    assert template_named(str(tmp_path)).text == expected


def test_special_tokens_are_texts_or_objects(tmp_path):
    """The tokenizer's configuration has the last word over the older file."""
    write(tmp_path, "chat_template.jinja", "{{ bos_token }}")
    write(tmp_path, "special_tokens_map.json", {"bos_token": "<old>", "eos_token": "</s>"})
    write(
        tmp_path, "tokenizer_config.json", {"bos_token": {"content": "<s>"}, "model_max_length": 9, "pad_token": None}
    )
    assert template_named(str(tmp_path)).special == {"bos_token": "<s>", "eos_token": "</s>"}


def test_a_file_of_jinja_will_do(tmp_path):
    """Special tokens are read beside it, too."""
    write(tmp_path, "mine.jinja", "x")
    write(tmp_path, "tokenizer_config.json", {"eos_token": "<end>"})
    found = template_named(str(tmp_path / "mine.jinja"))
    assert (found.text, found.special) == ("x", {"eos_token": "<end>"})


def test_a_tokenizer_comes_with_a_models_folder(tmp_path):
    """Of a folder that has one, and not of a lone template."""
    write(tmp_path, "chat_template.jinja", "x")
    assert tokenizer_beside(str(tmp_path)) is None
    write(tmp_path, "tokenizer.json", {})
    assert tokenizer_beside(str(tmp_path)) == str(tmp_path)
    assert tokenizer_beside(str(tmp_path / "chat_template.jinja")) is None


@pytest.mark.parametrize("name", ["nothing", "./nothing/here", "a/b/c"])
def test_what_is_not_there_is_named(name):
    """With the ways to name a template."""
    with pytest.raises(UserError, match="--template: there is no file, folder or installed template"):
        template_named(name)


def test_a_base_model_has_no_template(tmp_path):
    """Then the one to train with must be named."""
    write(tmp_path, "tokenizer_config.json", {"eos_token": "x"})
    with pytest.raises(UserError, match="has no chat template"):
        template_named(str(tmp_path))


def test_a_lone_template_may_join_special_tokens_to_text(tmp_path):
    """Nothing tells them, so they are left out, and do not make the template fail."""
    write(tmp_path, "llama.jinja", "{{ bos_token + messages[0].content }}")
    assert template_named(str(tmp_path / "llama.jinja")).whole([Message("user", "Hi")]) == "Hi"

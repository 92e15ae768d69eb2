"""Prompt texts: fields are filled once, all or none, and both languages keep the same parts."""

from __future__ import annotations

import re
import shutil
from importlib.resources import files
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from proutt.prompts import prompt_version
from proutt.prompts.template import PROMPT_LANGUAGES, PromptError, fill, prompt_language, template, version_of

ROOT = files("proutt.prompts")


def names(ending: str) -> list[str]:
    """Every prompt text by its name, as `template` takes it, without the language."""
    found = set()
    for folder in ("", "proutt", "proutt/small", "baselines", "baselines/small", "prediction", "evaluation"):
        place = ROOT.joinpath(*folder.split("/")) if folder else ROOT
        for entry in place.iterdir():
            match = re.fullmatch(rf"(.+)\.(?:{'|'.join(PROMPT_LANGUAGES)})\.{ending}", entry.name)
            if match:
                found.add(f"{folder}/{match[1]}".lstrip("/"))
    return sorted(found)


def test_every_field_is_put_where_the_template_names_it():
    """More than once where it is named more than once."""
    assert fill("{a} and {b}, {a}", a="1", b="2") == "1 and 2, 1"


@pytest.mark.parametrize("text", ["{context}", "{b}", "{}", "{{a}}", '{"a": 1}', "{0}", "\\1", "\\g<0>", "%s", "$a"])
def test_what_a_dialogue_says_is_never_read_as_a_template(text):
    """Braces, and even the name of a field, are data."""
    assert fill("<{a}|{b}>", a=text, b="2") == f"<{text}|2>"


@given(st.text(), st.text())
def test_any_text_arrives_as_it_is(one, other):
    """One pass: what is filled in is not looked at again."""
    assert fill("<{a}|{b}>", a=one, b=other) == f"<{one}|{other}>"


@pytest.mark.parametrize("fields", [{}, {"a": "1"}, {"a": "1", "b": "2", "c": "3"}])
def test_a_missing_or_spare_field_is_a_bug_of_ours(fields):
    """The message says what the template names and what the step gives."""
    with pytest.raises(PromptError, match=r"template names \['a', 'b'\], step gives"):
        fill("{a} {b}", **fields)


@pytest.mark.parametrize("name", names("md"))
def test_both_languages_of_a_text_name_the_same_fields(name):
    """A translation that loses a part would ask another question."""
    en, zh = (sorted(re.findall(r"\{(\w+)\}", template(name, language))) for language in PROMPT_LANGUAGES)
    assert en == zh


@pytest.mark.parametrize("name", names("yaml"))
def test_both_languages_of_worked_examples_have_the_same_shape(name):
    """As many examples, with the same keys."""
    both = [
        yaml.safe_load(ROOT.joinpath(*f"{name}.{language}.yaml".split("/")).read_text(encoding="utf-8"))
        for language in PROMPT_LANGUAGES
    ]
    en, zh = ([sorted(each) + sorted(each["answer"]) for each in examples] for examples in both)
    assert en == zh


@pytest.mark.parametrize(("language", "prompts"), [("en", "en"), ("zh", "zh"), ("fi", "en"), ("und", "en")])
def test_a_language_without_prompts_gets_the_english_ones(language, prompts):
    """They name the language that the answer is to be in."""
    assert prompt_language(language) == prompts


@pytest.fixture
def texts(tmp_path) -> Path:
    """A copy of the prompt texts."""
    return Path(shutil.copytree(Path(str(ROOT)), tmp_path / "prompts"))


def test_the_version_is_that_of_the_texts_and_not_of_their_place(texts):
    """A copy has the same version; a record's version can be compared between machines."""
    assert version_of(texts, "proutt") == prompt_version("proutt")


@pytest.mark.parametrize("name", ["system.en.md", "proutt/revise.zh.md", "proutt/small/word.examples.en.yaml"])
def test_the_version_changes_with_a_text(texts, name):
    """One letter more, in a shared text, in one of the method's, or in a worked example."""
    with (texts / name).open("a", encoding="utf-8") as file:
        file.write("x")
    assert version_of(texts, "proutt") != prompt_version("proutt")


def test_the_version_of_the_baselines_changes_with_the_words_that_they_take_from_proutt(texts):
    """They are judged by ProUtt's judge, and a small model's answers go through the same checks."""
    assert version_of(texts, "baselines") == prompt_version("baselines")
    with (texts / "proutt" / "judge.en.md").open("a", encoding="utf-8") as file:
        file.write("x")
    assert version_of(texts, "baselines") != prompt_version("baselines")


def test_the_version_changes_with_a_texts_name_and_not_with_another_methods_texts(texts):
    """What a step asks depends on which text it takes; other methods' texts it never sees."""
    (texts / "other").mkdir()
    (texts / "other" / "step.en.md").write_text("x")
    assert version_of(texts, "proutt") == prompt_version("proutt")
    (texts / "proutt" / "judge.en.md").rename(texts / "proutt" / "judged.en.md")
    assert version_of(texts, "proutt") != prompt_version("proutt")

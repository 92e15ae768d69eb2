"""What is asked of a model that writes personas: the small form's grammar, its worked examples, and its checks."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pydantic import ValidationError

from prompts.persona_steps import BRIEFS, GROUP
from proutt.prompts.personas.brief import background_words, word_bounds
from proutt.prompts.personas.small_write import WritePerson
from proutt.prompts.proutt.small_step import worked_examples


def step(language: str, **drawn: str) -> WritePerson:
    return WritePerson(code=language, group=GROUP[language], brief=replace(BRIEFS[language][0], **drawn))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_worked_example_is_an_answer_that_its_step_would_take(language):
    """By its grammar, in its fields' order, and of the length that is asked for."""
    for example in worked_examples("person", language, "personas/small"):
        answer = example["answer"]
        name = answer["name"]
        given, family = (name[0], name.split()[1][0]) if language == "en" else (name[-1], name[:-1])
        sex = "woman" if example["sex"] in {"woman", "女"} else "man"
        asked = step(language, given=given, family=family, sex=sex)
        checked = asked.answer_model().model_validate(answer)
        assert list(answer) == list(type(checked).model_fields)
        least, most = word_bounds(language)
        assert least <= background_words(asked.found(checked).background) <= most
        assert asked.problems(checked) != [], "a copy of a worked example is nobody new"


@pytest.mark.parametrize("name", ["Bea Sol", "Ana Ruiz", "Ana", "Ana Sol Ruiz", "Dr Ana Sol"])
def test_the_grammar_holds_a_name_to_what_was_drawn(name):
    """Given and family name, with the initials A and S."""
    (example, *_) = worked_examples("person", "en", "personas/small")
    with pytest.raises(ValidationError):
        step("en").answer_model().model_validate({**example["answer"], "name": name})


@pytest.mark.parametrize(
    ("text", "count"),
    [("Ana's well-known don’t-care shop, 24 km off.", 7), ("陈婷开了9年公交车。", 9), ("", 0)],
)
def test_words_are_counted_as_people_do(text, count):
    """What a hyphen or an apostrophe joins is one word; a Chinese character is one."""
    assert background_words(text) == count

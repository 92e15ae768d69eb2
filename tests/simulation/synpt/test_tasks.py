"""Task files: what is read of them, and what is said of those that can't be."""

from __future__ import annotations

import json
from importlib.resources import files

import pytest

from proutt.errors import UserError
from proutt.simulation.synpt.tasks import read_tasks, shipped_tasks, shipped_text, tasks_schema

PIANO = """language: en
tasks:
  - name: Piano lessons
    turns: 5
    also: [piano]
    intentions:
      - {key: pupil, name: pupil, description: who is to learn}
      - {key: level, name: level, description: how much the pupil knows, weight: 0.4}
      - {key: days, name: days, description: when}
"""


@pytest.fixture
def refused(tmp_path):
    """What is said of a task file with this text."""

    def said(text: str) -> str:
        path = tmp_path / "tasks.yaml"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(UserError) as error:
            read_tasks(path)
        return str(error.value).replace(str(path), "tasks.yaml")

    return said


def test_what_is_left_out_is_the_papers(tmp_path):
    """The mean is half the number of intentions, the deviation 2, a weight 1, and no preference is "any"."""
    (tmp_path / "tasks.yaml").write_text(PIANO, encoding="utf-8")
    (task,) = read_tasks(tmp_path / "tasks.yaml")
    assert (task.mean, task.deviation, task.any_value, task.turns, task.also) == (1.5, 2.0, "any", 5, ("piano",))
    assert [each.weight for each in task.intentions] == [1.0, 0.4, 1.0]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_table_one_ships(language):
    """Six tasks with the paper's numbers of intentions and turns; both languages have the same keys and weights."""
    tasks, others = shipped_tasks(language), shipped_tasks("zh" if language == "en" else "en")
    assert [len(task.keys) for task in tasks] == [6, 3, 4, 6, 3, 6]
    assert [task.turns for task in tasks] == [7, 4, 5, 7, 4, 7]
    assert [task.mean for task in tasks] == [3, 1.5, 2, 3, 1.5, 3]
    for task, other in zip(tasks, others, strict=True):
        weights = [(each.key, each.weight) for each in task.intentions]
        assert weights == [(each.key, each.weight) for each in other.intentions]


def test_a_language_without_a_file_is_named():
    """Who asks for one that does not ship is told which do."""
    with pytest.raises(UserError, match="There are: en, zh"):
        shipped_text("fr")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("turns: 5", "trns: 5", "tasks.yaml:3: the key 'turns' is missing."),
        ("also:", "als:", "tasks.yaml:5: unknown key 'als'. Did you mean 'also'?"),
        ("weight: 0.4", "weigth: 0.4", "tasks.yaml:8: unknown key 'weigth'. Did you mean 'weight'?"),
        ("weight: 0.4", "weight: 0", "tasks.yaml:8: tasks.0.intentions.1.weight: Input should be greater than 0."),
        ("turns: 5", "turns: 0", "tasks.yaml:4: tasks.0.turns: Input should be greater than or equal to 1."),
        ("key: level", "key: pupil", "tasks.yaml:8: the intention 'pupil' is there twice."),
        ("key: level", "key: id", "tasks.yaml:8: 'id' can't be an intention's key."),
        ("name: level", "name: Pupil", "tasks.yaml:8: two intentions are called 'Pupil'."),
        ("name: Piano lessons", "name: ' '", "tasks.yaml:3: tasks.0.name: it is empty."),
        ("language: en", "language: English please", "tasks.yaml:1: 'English please' is not a language code."),
        ("language: en", "language: en\nlanguage: zh", "tasks.yaml:2: the key 'language' is there twice."),
        ("language: en", "language: [", "not YAML"),
    ],
)
def test_a_file_that_can_not_be_is_named_with_its_line(refused, old, new, said):
    """The message names file, line and remedy."""
    assert said in refused(PIANO.replace(old, new))


def test_two_tasks_of_one_name_are_refused(refused):
    """Another name of a task must not be a second task's."""
    second = PIANO.split("tasks:\n")[1].replace("Piano lessons", "PIANO").replace("    also: [piano]\n", "")
    assert "tasks.yaml:10: two tasks are called 'PIANO'." in refused(PIANO + second)


def test_an_empty_file_is_told_where_to_start(refused):
    """No mapping at all: the verb that prints a file to start from is named."""
    assert "synpt-tasks" in refused("")


def test_the_schema_ships_as_it_is():
    """`tasks.schema.json` is what the models say."""
    text = files("proutt.simulation.synpt").joinpath("tasks.schema.json").read_text(encoding="utf-8")
    assert json.loads(text) == tasks_schema()

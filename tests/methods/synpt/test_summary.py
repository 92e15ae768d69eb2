"""The summary as text, and read again."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from methods.synpt.script import SEED, TASK, TASK_ZH
from proutt.methods.synpt.summary import read_summary, summary_text

values = st.dictionaries(st.sampled_from(TASK.keys), st.text().filter(lambda text: bool("".join(text.split()))))


@given(values, st.sampled_from([TASK, TASK_ZH]))
@example({"city": "</summary>Nice\nCuisine: x"}, TASK)
@example({"city": "City: Lyon", "price": "- 5: 6"}, TASK)
@example({"city": "：x"}, TASK_ZH)
def test_a_summary_is_read_again_as_it_was_whatever_its_values_hold(found, task):
    """One line a value: nothing in it closes the block, opens another line, or names another intention."""
    text = summary_text(task, found)
    read = read_summary(f"Here you are.\n{text}\nGoodbye.", task)
    assert read is not None
    assert set(read) == set(found)
    assert len(text.splitlines()) == len(found) + 3
    for key, value in found.items():
        assert read[key] == " ".join(value.replace("<", "‹").replace(">", "›").split())


@given(st.text())
def test_any_text_can_be_read(text):
    """A text without a block has no summary; a summary holds intentions of the task alone."""
    found = read_summary(text, TASK)
    assert found is None or set(found) <= set(TASK.keys)


def test_reading_forgives_what_does_not_matter():
    """Keys for names, case, bullets, order, a block that was not closed, lines of something else."""
    text = "<SUMMARY>\n* budget : any\nWeather: fine\n- **city**: Lyon\nCUISINE：Thai curry"
    assert read_summary(text, TASK) == dict(SEED.values) | {"city": read_summary(text, TASK)["city"]}
    assert read_summary("Lyon, Thai curry.", TASK) is None

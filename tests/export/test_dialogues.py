"""SynPT's dialogues as training rows: what is learnt of each, what is left out, what stays together in a split."""

from __future__ import annotations

import json

import pytest

from proutt.errors import UserError
from proutt.export import FORMATS, ExportSettings, Split
from proutt.export.dialogue_rows import DialogueForm, examples_of
from proutt.export.dialogues import DialogueExport, export_dialogues
from proutt.export.reading.dialogues import DialogueRow
from proutt.methods.synpt.reading import parted, read_thinking
from proutt.methods.synpt.summary import read_summary
from proutt.methods.synpt.wording import Thought
from records import HOSTILE
from synpt_records import TRIP, a_dialogue, changed_turn, without_thinking

WHOLE = DialogueForm(rows="whole")


ANSWERS = DialogueForm()


def export(dialogues, out, format="trl-sft", form=ANSWERS, split=None, **order):
    rows = (DialogueRow(each, each.source, "dialogues") for each in dialogues)
    settings = ExportSettings(format=format, split=split)
    return export_dialogues(rows, out, settings, DialogueExport(form, **order))


def lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_answer_is_a_row(language):
    """The prompt is what was said, earlier answers as the user read them; the completion has thinking and reply."""
    dialogue = a_dialogue(language=language)
    examples = examples_of(dialogue, DialogueForm())
    assert [len(each.texts.messages) for each in examples] == [1, 3, 5]
    assert [each.texts.k for each in examples] == [1, 2, 3]
    for example, turn in zip(examples, dialogue.turns, strict=True):
        assert all("<think>" not in message.content for message in example.texts.messages)
        assert example.texts.messages[-1].content == turn.user.utterance
        thinking, reply = parted(example.texts.chosen)
        assert read_thinking(thinking, TRIP[language]) == Thought.of(turn.assistant)
        assert reply == turn.assistant.reply


def test_the_last_answer_is_the_summary():
    """What is learnt for the end reads back as the seed's values."""
    from proutt.intent.task import IntentionType, Task

    task = Task("Trip", "en", tuple(IntentionType(k, n, n) for k, n in TRIP["en"].items()), "any", turns=3, mean=1)
    last = examples_of(a_dialogue(), DialogueForm())[-1]
    assert read_summary(parted(last.texts.chosen)[1], task) == a_dialogue().values


def test_a_whole_dialogue_thinks_in_every_answer():
    """One row, whose answers are each whole."""
    (example,) = examples_of(a_dialogue(), WHOLE)
    answers = [each.content for each in example.texts.messages if each.role == "assistant"]
    assert [text.count("<think>") for text in [*answers, example.texts.chosen]] == [1, 1, 1]
    assert example.texts.id == "s1"


def test_without_thinking_replies_are_left():
    """By wish, and of methods that think nothing."""
    quiet = examples_of(a_dialogue(), DialogueForm(thinking=False))
    assert [each.texts.chosen for each in quiet] == [turn.assistant.reply for turn in a_dialogue().turns]
    dual = examples_of(without_thinking(a_dialogue()), DialogueForm())
    assert [each.texts.chosen for each in dual] == [each.texts.chosen for each in quiet]


def test_the_paper_trains_without_a_prompt():
    """The task is named on demand, with the intentions it has."""
    assert examples_of(a_dialogue(), DialogueForm())[0].texts.messages[0].role == "user"
    first = examples_of(a_dialogue(), DialogueForm(instruction="task"))[0].texts.messages[0]
    assert first.role == "system"
    assert "Trip" in first.content
    assert "Destination, Days, Month" in first.content


@pytest.mark.parametrize("form", [DialogueForm(), WHOLE])
def test_no_text_forges_a_turn_or_ends_the_thinking(form):
    """Hostile utterances, values, replies and reasoning stay text."""
    hostile = changed_turn(
        a_dialogue(values={"destination": HOSTILE, "days": HOSTILE, "month": "May"}),
        0,
        user={"utterance": HOSTILE},
        assistant={"reply": HOSTILE + "<summary>Task: x</summary>"},
    )
    for example in examples_of(hostile, form):
        texts = [message.content for message in example.texts.messages] + [example.texts.chosen]
        assert all("<|im_end|>" not in text and "<predict>" not in text for text in texts)
        assert all(text.count("</think>") <= 1 for text in texts)
        assert sum(text.count("<summary>") for text in texts) <= 1


@pytest.mark.parametrize("format", [name for name, each in FORMATS.items() if each.dialogues])
def test_only_an_answer_that_is_whole_is_learnt(tmp_path, format):
    """Where a trainer learns every answer of a row, the row or its configuration keeps it from the earlier ones."""
    form = DialogueForm() if "answers" in FORMATS[format].dialogues else WHOLE
    export([a_dialogue()], tmp_path, format, form)
    rows = lines(tmp_path / "train.jsonl")
    if form is WHOLE:
        assert len(rows) == 1
    elif format == "trl-sft":
        assert [len(row["completion"]) for row in rows] == [1, 1, 1]
    elif format == "messages-sft":
        assert [[each["train"] for each in row["messages"]] for row in rows][1] == [False, False, False, True]
        assert "message_field_training: train" in (tmp_path / "axolotl-sft.yaml").read_text()
        assert not (tmp_path / "trl-sft.yaml").exists()
    elif format == "openai-sft":
        assert [each.get("weight") for each in rows[1]["messages"]] == [None, 0, None, 1]
    else:
        assert "mask_history: true" in (tmp_path / "sft.yaml").read_text()


@pytest.mark.parametrize("format", ["messages-sft", "llamafactory-sft", "openai-sft"])
def test_of_a_whole_dialogue_every_answer_is_learnt(tmp_path, format):
    """Nothing is masked there."""
    export([a_dialogue()], tmp_path, format, WHOLE)
    written = "".join(path.read_text() for path in tmp_path.iterdir())
    assert "mask_history" not in written
    assert "message_field_training" not in written
    assert '"weight"' not in written


@pytest.mark.parametrize(
    ("format", "form", "says"),
    [
        ("trl-preference", DialogueForm(), "no rejected side"),
        ("trl-kto", WHOLE, "no rejected side"),
        ("proutt", DialogueForm(), "no rejected side"),
        ("trl-sft", WHOLE, "one answer a row"),
        ("unsloth-sharegpt", DialogueForm(), "every answer of a row"),
    ],
)
def test_a_format_that_would_train_something_else_is_refused(tmp_path, format, form, says):
    """With the formats that take such rows."""
    with pytest.raises(UserError, match=says) as raised:
        export([a_dialogue()], tmp_path / "out", format, form)
    assert "llamafactory-sft" in str(raised.value)
    assert not (tmp_path / "out").exists()


def test_flagged_and_incomplete_dialogues_are_left_out_and_counted(tmp_path):
    """Until they are wanted."""
    made = [
        a_dialogue(),
        a_dialogue(seed_id="s2", flags=["asked-twice"]),
        a_dialogue(seed_id="s3", end="most-turns"),
        a_dialogue(seed_id="s4", end="reluctant"),
    ]
    manifest = export(made, tmp_path)
    assert manifest["synpt"]["left_out"] == {"cut off before a summary": 1, "flagged by a check": 1}
    assert {row["dialogue_id"] for row in lines(tmp_path / "train.meta.jsonl")} == {"s1", "s4"}
    assert export(made, tmp_path, include_flagged=True)["synpt"]["exported"] == 4


def test_nothing_left_says_why(tmp_path):
    """And what takes them."""
    with pytest.raises(UserError, match=r"1 flagged by a check.*--include-flagged"):
        export([a_dialogue(flags=["x"])], tmp_path)
    with pytest.raises(UserError, match="no dialogues"):
        export([], tmp_path)


def seeds(count):
    """Dialogues about other things, two of each city; their texts have little in common."""
    for number in range(count):
        words = " ".join(f"w{number}x{at}" for at in range(30))
        values = {"destination": f"city{number // 2}", "days": f"{number}", "month": "May"}
        yield changed_turn(a_dialogue(seed_id=f"s{number}", values=values), 0, user={"utterance": words})


def sides(folder):
    return {row["dialogue_id"]: part for part in ("train", "test") for row in lines(folder / f"{part}.meta.jsonl")}


def test_a_seed_stays_on_one_side(tmp_path):
    """All rows of a dialogue are in one part, and of seeds with the same values, too."""
    made = [*seeds(30), a_dialogue(seed_id="again", values={"destination": "city3", "days": "7", "month": "May"})]
    export(made, tmp_path, split=Split((0.5, 0.5)))
    found = sides(tmp_path)
    assert len(found) == 31
    assert found["again"] == found["s7"]
    for part in ("train", "test"):
        own = {row["dialogue_id"] for row in lines(tmp_path / f"{part}.meta.jsonl")}
        assert own == {name for name, side in found.items() if side == part}


def test_cities_are_kept_apart_where_that_is_wanted(tmp_path):
    """As the paper's test set has other cities than its training set (IV-A)."""
    manifest = export(seeds(30), tmp_path, split=Split((0.5, 0.5)), apart="destination")
    found = sides(tmp_path)
    assert all(found[f"s{number}"] == found[f"s{number + 1}"] for number in range(0, 30, 2))
    assert manifest["synpt"]["apart"] == "destination"
    export(seeds(30), tmp_path, split=Split((0.5, 0.5)))
    together = sides(tmp_path)
    assert any(together[f"s{number}"] != together[f"s{number + 1}"] for number in range(0, 30, 2))
    with pytest.raises(UserError, match="no seed has an intention 'city'"):
        export(seeds(4), tmp_path, split=Split((0.5, 0.5)), apart="city")


def test_what_is_written_is_read_as_training_rows(tmp_path):
    """An export of dialogues is SFT data like any other, each row with its dialogue."""
    from proutt.export.reading import rows_in

    export([a_dialogue()], tmp_path)
    rows = [row.pair for row in rows_in(tmp_path)]
    assert [(row.dialogue_id, row.k) for row in rows] == [("s1", 1), ("s1", 2), ("s1", 3)]
    assert "proutt" in (tmp_path / "README.md").read_text()

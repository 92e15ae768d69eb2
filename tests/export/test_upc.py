"""UPC's dialogues as training rows: what is learnt of each, what is left out, and what no row may hold."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from methods.upc.script import PERSONA, PERSONA_ZH, Script, dialogue_of
from proutt.errors import UserError
from proutt.export import FORMATS, ExportSettings, Split
from proutt.export.reading.upc import UPCRow
from proutt.export.upc import UPCExport, export_upc
from proutt.export.upc_rows import UPCForm, check_whole, examples_of, rows_of
from proutt.methods.record import UsageRecord
from proutt.methods.upc.difficulty import Difficulty
from proutt.methods.upc.simulated import record_of
from records import HOSTILE
from upc_records import ADVICE, CANARIES, EASY, REASON, WITHHELD, a_chat, a_turn

TAKERS = [name for name, each in FORMATS.items() if not each.records]
PASSED = a_turn(("A pass at once.", (4, 4, 4)), user="So it goes.")
LOW = a_turn(("A low one.", (2, 4, 4)), user="Perhaps not.")
UNGUIDED = (a_turn(("Nobody scored this.", None)),)


def export(dialogues, out, format="messages-sft", split=None, **order):
    rows = (UPCRow(each, each.source) for each in dialogues)
    return export_upc(rows, out, ExportSettings(format=format, split=split), UPCExport(**order))


def lines(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def exported(folder):
    return {row["dialogue_id"] for path in folder.glob("*.meta.jsonl") for row in lines(path)}


# What a row is.


@pytest.mark.parametrize("persona", [PERSONA, PERSONA_ZH])
async def test_the_prompt_is_what_the_chatbot_was_asked(persona):
    """To the character, so a chatbot that learnt from it is asked the same when it makes the next corpus."""
    zh = {
        "greet": lambda _: "你好！你是谁呀？",
        "respond": lambda step: f"听起来很特别，第{len(step.heard.utterances)}次说到这里。",
        "introduce": lambda _: {"utterance": "我叫欧阳铁柱，住在山里。"},
        "reply": lambda step: {"utterance": f"是啊，已经{len(step.heard.utterances)}年了。"},
        "criticise": lambda _: {
            **{name: {"reason": "还算合适，可以继续。", "score": 4} for name in ("relevance", "value", "interest")},
            "advice": "说得具体一些。",
        },
    }
    script = Script(**(zh if persona.language == "zh" else {}))
    made = await dialogue_of(script, persona, small_steps=False)
    usage = UsageRecord(calls=0, prompt_tokens=0, completion_tokens=0)
    record = record_of(made, models={}, usage=usage, usage_by_module={})
    asked = [each for each in script.model.requests if each.step in ("greet", "respond")]
    rows = examples_of(record, UPCForm(rows="answers"))
    assert len(rows) == len(asked) == 5
    for row, request in zip(rows, asked, strict=True):
        assert [(each.role, each.content) for each in row.texts.messages] == [
            (each.role, each.content) for each in request.messages
        ]
    assert [row.texts.chosen for row in rows] == [record.greeting, *(turn.response for turn in record.turns)]
    assert [row.texts.k for row in rows] == [1, 2, 3, 4, 5]


def test_a_whole_dialogue_ends_with_the_chatbots_last_words():
    """The user's answer to them teaches nothing; the greeting is learnt after the opening line."""
    (row,) = examples_of(a_chat(turns=(*EASY, PASSED)), UPCForm())
    roles = [each.role for each in row.texts.messages]
    assert roles == ["system", "user", "assistant", "user", "assistant", "user"]
    assert row.texts.chosen == "A pass at once."
    assert [each.content for each in row.texts.messages[2:5]] == [
        "Hello! Who are you?",
        "I'm Quillon.",
        "Spring must be busy. What comes first?",
    ]
    assert not row.last_only


def test_without_the_instruction_the_opening_stays():
    """No row begins with the assistant: trainers drop such rows."""
    for rows in ("whole", "answers", "pairs"):
        for row in examples_of(a_chat(), UPCForm(rows=rows, instruction="none")):
            assert row.texts.messages[0].role == "user"
            assert "opened the chat" in row.texts.messages[0].content


def test_the_reply_that_was_said_is_learnt():
    """Not the last attempt, where that one was worse."""
    turn = a_turn(("First.", (3, 3, 3)), ("Best.", (4, 4, 3)), ("Last.", (2, 2, 2)), kept=1)
    (row,) = examples_of(a_chat(turns=[turn]), UPCForm())
    assert row.texts.chosen == "Best."
    (pair,) = examples_of(a_chat(turns=[turn]), UPCForm(rows="pairs"))
    assert (pair.texts.chosen, pair.texts.rejected) == ("Best.", "First.")


@given(st.lists(st.lists(st.tuples(*[st.integers(1, 5)] * 3), min_size=1, max_size=4), min_size=1, max_size=5))
def test_a_pair_is_a_reply_that_the_critic_preferred(turns):
    """Of each turn whose said reply scores higher than its first attempt one pair, and of no other."""
    made = []
    for triples in turns:
        totals = [sum(each) for each in triples]
        kept = totals.index(max(totals))
        made.append(a_turn(*((f"t{len(made)}a{at}", each) for at, each in enumerate(triples)), kept=kept))
    rows = examples_of(a_chat(turns=made), UPCForm(rows="pairs"))
    wanted = [n for n, turn in enumerate(made) if turn.scores.total > turn.first_scores.total]
    assert [row.texts.k - 2 for row in rows] == wanted
    for row, n in zip(rows, wanted, strict=True):
        assert (row.texts.chosen, row.texts.rejected) == (made[n].response, f"t{n}a0")
        assert row.texts.messages[-1].role == "user"


@pytest.mark.parametrize("rows", ["whole", "answers", "pairs"])
def test_no_text_forges_a_turn(rows):
    """Hostile words of either side stay text."""
    hostile = a_turn((HOSTILE, (3, 3, 3)), (HOSTILE + "!", (4, 4, 4)), user=HOSTILE)
    for row in examples_of(a_chat(turns=[hostile, hostile], said=(HOSTILE, HOSTILE)), UPCForm(rows=rows)):
        texts = [each.content for each in row.texts.messages] + [row.texts.chosen, row.texts.rejected or ""]
        assert all("<|im_end|>" not in text and "</think>" not in text for text in texts)


# What every format writes.


@pytest.mark.parametrize("format", TAKERS)
def test_no_file_holds_the_background_or_the_critics_words(tmp_path, format):
    """Canaries of the background, reasons, advice and what was withheld are nowhere in the folder; and every row
    begins with the user, after what system message there is."""
    export([a_chat()], tmp_path, format)
    written = "".join(path.read_text(encoding="utf-8") for path in tmp_path.iterdir())
    assert not [each for each in (*CANARIES, REASON, ADVICE, WITHHELD) if each in written]
    assert "Spring must be busy" in written
    for row in lines(tmp_path / "train.jsonl"):
        said = next(row[key] for key in ("messages", "conversations", "prompt", "input", "chosen") if key in row)
        said = said["messages"] if isinstance(said, dict) else said
        speakers = [each.get("role") or each["from"] for each in said]
        assert next(each for each in speakers if each != "system") in ("user", "human")


def test_a_format_gets_the_rows_that_it_can_learn(tmp_path):
    """Whole dialogues where every answer of a row is learnt, else a row for each reply."""
    assert {name: rows_of(name) for name in ("trl-sft", "messages-sft", "llamafactory-sft", "openai-sft")} == {
        "trl-sft": "answers",
        "messages-sft": "whole",
        "llamafactory-sft": "whole",
        "openai-sft": "whole",
    }
    for name in ("messages-sft", "openai-sft", "llamafactory-sft"):
        export([a_chat()], tmp_path / name, name)
        written = "".join(path.read_text() for path in (tmp_path / name).iterdir())
        assert not [mark for mark in ("mask_history", "message_field_training", '"weight"') if mark in written]
    with pytest.raises(UserError, match="one reply a row"):
        check_whole("trl-sft")
    with pytest.raises(UserError, match="record of a preference pair"):
        export([a_chat()], tmp_path / "none", "proutt")


# What is left out.


def test_difficult_dialogues_are_for_pairs_alone(tmp_path):
    """The curriculum trains on easy ones (Algorithm 2); a preference is one whoever it was found with."""
    made = [a_chat("a"), a_chat("b", turns=[*EASY, LOW])]
    manifest = export(made, tmp_path / "sft")
    assert exported(tmp_path / "sft") == {"a"}
    assert manifest["upc"]["left_out"] == {"difficult": 1}
    assert manifest["upc"]["difficulty"] == {"taken": "easy", "alpha": 3, "beta": 2, "untouched": "pass"}
    assert export(made, tmp_path / "dpo", "trl-preference")["upc"]["difficulty"] == {"taken": "all"}
    assert exported(tmp_path / "dpo") == {"a", "b"}
    assert export(made, tmp_path / "all", difficulty="all")["upc"]["exported"] == 2
    assert export(made, tmp_path / "easy", "trl-preference", difficulty="easy")["upc"]["exported"] == 1


def test_what_is_easy_can_be_said(tmp_path):
    """By α, β and how a turn counts that was not written again."""
    made = [a_chat("a"), a_chat("b", turns=[*EASY, PASSED])]
    assert export(made, tmp_path / "pass")["upc"]["exported"] == 2
    export(made, tmp_path / "letter", measure=Difficulty(untouched="letter"))
    assert exported(tmp_path / "letter") == {"a"}
    with pytest.raises(UserError, match=r"2 difficult\).*--difficulty all"):
        export(made, tmp_path / "none", measure=Difficulty(alpha=5))


def test_what_nobody_scored_is_taken_unless_easy_ones_are_asked_for(tmp_path):
    """SFT alone in Table 2 trains on all of it."""
    made = [a_chat("a", turns=UNGUIDED)]
    manifest = export(made, tmp_path / "sft")
    assert (manifest["upc"]["exported"], manifest["upc"]["unscored"]) == (1, 1)
    assert manifest["upc"]["strategies"] == {"unguided": 1}
    with pytest.raises(UserError, match="1 scored by nobody"):
        export(made, tmp_path / "easy", difficulty="easy")
    with pytest.raises(UserError, match=r"1 without a reply that the critic preferred.*SFT rows"):
        export(made, tmp_path / "dpo", "trl-preference")


def test_flagged_dialogues_and_personal_data_are_left_out_and_counted(tmp_path):
    """Until they are wanted."""
    mail = a_chat("c", said=("Hello!", "I'm Quillon, write to quillon.z@bees-of-ours.com any time."))
    made = [a_chat("a"), a_chat("b", flags=["repetition"]), mail]
    manifest = export(made, tmp_path)
    assert manifest["upc"]["left_out"] == {"flagged by a check": 1}
    assert manifest["pairs"]["left_out"] == {"personal data or a secret": 1}
    assert exported(tmp_path) == {"a"}
    assert export(made, tmp_path, include_flagged=True)["upc"]["exported"] == 3
    with pytest.raises(UserError, match="no dialogues"):
        export([], tmp_path / "empty")


# Splits and what stands beside the rows.


def test_a_group_stays_on_one_side_where_that_is_wanted(tmp_path):
    """As the paper splits its personas by occupation."""

    def unlike(number):
        said = " ".join(f"w{number}x{at}" for at in range(40))
        return a_chat(f"p{number}", said=("Hello! Who are you?", said), group=f"g{number // 5}")

    made = [unlike(number) for number in range(40)]
    manifest = export(made, tmp_path, split=Split((0.5, 0.5)), apart=True)
    sides = {row["dialogue_id"]: part for part in ("train", "test") for row in lines(tmp_path / f"{part}.meta.jsonl")}
    assert all(len({sides[f"p{group * 5 + n}"] for n in range(5)}) == 1 for group in range(8))
    assert manifest["upc"]["apart"] == "group"
    with pytest.raises(UserError, match="has a group"):
        export([a_chat(group=None)], tmp_path / "none", split=Split((0.5, 0.5)), apart=True)


def test_what_is_written_is_read_as_training_rows(tmp_path):
    """An export is SFT or preference data like any other, each row with its dialogue; the card says what was taken."""
    from proutt.export.reading import rows_in

    export([a_chat()], tmp_path / "sft", "trl-sft")
    assert [(row.pair.dialogue_id, row.pair.k) for row in rows_in(tmp_path / "sft")] == [("bee", 1), ("bee", 2)]
    card = (tmp_path / "sft" / "README.md").read_text()
    assert "Conversations with personas" in card
    assert "difficulty: easy (alpha 3, beta 2, untouched pass)" in card
    export([a_chat()], tmp_path / "dpo", "trl-preference")
    (row,) = rows_in(tmp_path / "dpo")
    assert row.pair.rejected == "Which season is busy?"


def test_training_refuses_rows_that_it_would_learn_the_end_of(tmp_path):
    """Its rows have one answer each; the refusal names the format that has them."""
    from proutt.training.rows import write_rows
    from proutt.training.settings import TrainSettings

    export([a_chat()], tmp_path / "whole")
    run = tmp_path / "dialogues.jsonl"
    run.write_text(a_chat().model_dump_json() + "\n", encoding="utf-8")
    for data in (tmp_path / "whole", tmp_path / "whole" / "train.jsonl", run):
        with pytest.raises(UserError, match="--to trl-sft"):
            write_rows(str(data), tmp_path / "rows", ["trl-sft"], TrainSettings(base="any", stages=()))
    export([a_chat()], tmp_path / "answers", "trl-sft")
    made = write_rows(str(tmp_path / "answers"), tmp_path / "rows", ["trl-sft"], TrainSettings(base="any", stages=()))
    assert made["trl-sft"].rows == 2

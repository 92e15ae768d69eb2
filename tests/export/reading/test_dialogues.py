"""SynPT's dialogues are read: a run's own, and the released ones, whose thinking is free text."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from proutt.errors import UserError
from proutt.export.reading.dialogues import DIALOGUES, dialogues_in, holds_dialogues
from synpt_records import a_dialogue

REFERENCE = Path(__file__).resolve().parents[3] / "../shared/data/synpt_reference.jsonl"


@pytest.fixture(scope="module")
def reference():
    """The three real dialogues; skipped where they are not at hand."""
    if not REFERENCE.exists():
        pytest.skip("the samples are not beside this checkout")
    return REFERENCE


@pytest.fixture
def run(tmp_path):
    """A run of two dialogues."""
    lines = [
        a_dialogue(seed_id=name, language=language).model_dump_json() for name, language in (("1", "en"), ("2", "zh"))
    ]
    (tmp_path / DIALOGUES).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return tmp_path


def released(**changes):
    """A released row of one question and its summary."""
    asked = {
        "role": "assistant",
        "intention_thought": "咨询任务：火车票\n用户已经提供的意图：[出发时间段: 06:00-12:00, 出发城市: 成都]\n"
        "用户尚未提供的意图：[到达城市]\n本轮次要求用户补充的意图类型是：到达城市。\n",
        "emotion_thought": "用户很急。<anxiety>",
        "options_thought": "### 思考过程：\n常见。\n### 参考选项：\n参考选项：北京，上海（虹桥，浦东）, 广州",
        "content": "去哪里？",
    }
    summed = {
        "role": "assistant",
        "intention_thought": "用户已经提供的意图：[出发时间段: 06:00-12:00, 出发城市: 成都]\n"
        "用户尚未提供的意图：[到达城市]",
        "summary": "```用户意图: [时间段: 06:00-12:00, 出发城市: 成都]```",
    }
    says = [{"role": "user", "content": "成都早上的票"}, asked, {"role": "user", "content": "快点"}, summed]
    row = {
        "state": True,
        "model": "user:a, assistant:b",
        "id": 7,
        "category": "火车票",
        "anxiety": True,
        "messages": says,
    }
    return row | {"prompt_tokens": 5, "completion_tokens": 3} | changes


def read(tmp_path, *rows):
    path = tmp_path / "released.jsonl"
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return list(dialogues_in(path))


def test_a_run_is_read_as_it_was_written(run):
    """Of a run, or of its file, every dialogue comes back whole, with its line."""
    rows = list(dialogues_in(run))
    assert [row.dialogue for row in rows] == [a_dialogue(seed_id="1"), a_dialogue(seed_id="2", language="zh")]
    assert rows[1].where.endswith("dialogues.jsonl:2")
    assert holds_dialogues(run)
    assert holds_dialogues(run / DIALOGUES)


def test_of_the_real_dialogues_nothing_is_left_unread(reference):
    """States, what is asked for, verdicts, three options a question and the summary: all are found."""
    rows = list(dialogues_in(reference))
    assert [row.dialogue.seed_id for row in rows] == ["4", "2", "1"]
    assert [row.unread for row in rows] == [(), (), ()]
    for row in rows:
        *asking, last = row.dialogue.turns
        assert {len(turn.assistant.options.options) for turn in asking} == {3}
        assert {turn.assistant.emotion.willing for turn in asking} == {True}
        assert all(turn.assistant.ask in turn.assistant.state.missing for turn in asking)
        assert set(last.assistant.summary) == set(row.dialogue.names) == set(last.assistant.state.given)
        assert row.dialogue.end == "nothing-missing"
    assert sum(row.dialogue.usage.prompt_tokens for row in rows) == 2401 + 6233 + 8099


def test_values_with_colons_and_options_with_commas_stay_whole(tmp_path):
    """What only looks like a separator is none; a name that the summary alone has is known by its place."""
    (row,) = read(tmp_path, released())
    first, last = row.dialogue.turns
    assert first.assistant.state.given == {"出发时间段": "06:00-12:00", "出发城市": "成都"}
    assert first.assistant.options.options == ["北京", "上海（虹桥，浦东）", "广州"]
    assert first.assistant.options.reasoning == "常见。"
    assert first.assistant.emotion.willing is False
    assert last.assistant.summary == {"出发时间段": "06:00-12:00", "出发城市": "成都"}
    assert (row.dialogue.end, row.dialogue.reluctant, row.unread) == ("reluctant", True, ())


def test_what_can_not_be_read_is_null_and_named(tmp_path):
    """Thinking of another form loses its structure, not the dialogue."""
    row = released()
    row["messages"][1] |= {"intention_thought": "嗯", "emotion_thought": "嗯", "options_thought": "嗯"}
    (found,) = read(tmp_path, row)
    answer = found.dialogue.turns[0].assistant
    assert (answer.state, answer.emotion, answer.options, answer.reply) == (None, None, None, "去哪里？")
    assert found.unread == ("turn 1: intentions", "turn 1: emotion", "turn 1: options")


def test_a_dialogue_that_was_cut_off_keeps_its_turns(tmp_path):
    """An utterance that nobody answered is left out and named."""
    (found,) = read(tmp_path, released(state=False, messages=released()["messages"][:3]))
    assert (found.dialogue.end, len(found.dialogue.turns)) == ("most-turns", 1)
    assert found.unread == ("message 3: an utterance without an answer",)


def test_other_files_hold_no_dialogues(tmp_path, run):
    """Pairs, chats and folders of them are not taken for dialogues, whatever the file is called."""
    chats = tmp_path / "other" / DIALOGUES
    chats.parent.mkdir()
    chats.write_text('{"id": "1", "messages": [{"role": "user", "content": "hello"}]}\n')
    assert not holds_dialogues(chats)
    assert not holds_dialogues(chats.parent)
    assert not holds_dialogues(tmp_path / "missing")
    (run / "pairs.jsonl").touch()
    assert not holds_dialogues(run)


def test_a_bad_line_is_named_with_its_place(run):
    """It ends the reading with file and line, or is handed over and the reading goes on."""
    broken = json.loads(a_dialogue().model_dump_json()) | {"end": "never"}
    with (run / DIALOGUES).open("a", encoding="utf-8") as file:
        file.write(json.dumps(broken) + "\n" + a_dialogue(seed_id="4").model_dump_json() + "\n")
    with pytest.raises(UserError, match=r"dialogues\.jsonl:3: not a dialogue of SynPT: end"):
        list(dialogues_in(run))
    bad = []
    assert [row.dialogue.seed_id for row in dialogues_in(run, on_bad=bad.append)] == ["1", "2", "4"]
    assert [problem.place.rpartition(":")[2] for problem in bad] == ["3"]

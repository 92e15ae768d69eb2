"""Writing the normal form: all or nothing, and never over what is being read."""

from __future__ import annotations

import json

import pytest

from proutt.dialogue import read_dialogues
from proutt.dialogue.writing import messages_line, write_messages
from proutt.errors import UserError


def test_a_line_is_id_and_messages(jsonl, chat):
    """Nothing else is in the normal form."""
    (dialogue,) = read_dialogues([jsonl(chat("a", user="你好"))])
    assert json.loads(messages_line(dialogue)) == chat("a", user="你好")


def test_dialogues_are_written_whole(jsonl, chat, tmp_path):
    """What was there before is replaced, and nothing else is left behind."""
    source, target = jsonl(chat("a"), chat("b")), tmp_path / "out.jsonl"
    target.write_text("old")
    write_messages(read_dialogues([source]), str(target), inputs=[source])
    assert [json.loads(line)["id"] for line in target.read_text().splitlines()] == ["a", "b"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["chats.jsonl", "out.jsonl"]


def test_a_reading_that_fails_leaves_the_old_file(jsonl, chat, tmp_path):
    """Half a file is never seen."""
    target = tmp_path / "out.jsonl"
    target.write_text("old")
    with pytest.raises(UserError):
        write_messages(read_dialogues([jsonl(chat("a"), "{")], strict=True), str(target))
    assert target.read_text() == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["chats.jsonl", "out.jsonl"]


def test_an_input_is_never_overwritten(jsonl, chat, tmp_path):
    """Neither by name, nor through its folder, nor through a link."""
    source = jsonl(chat("a"))
    link = tmp_path / "link"
    link.symlink_to(source)
    for to, inputs in [(source, [source]), (source, [str(tmp_path)]), (str(link), [source])]:
        with pytest.raises(UserError, match="being read"):
            write_messages([], to, inputs=inputs)


@pytest.mark.parametrize("to", ["", "missing/out.jsonl"])
def test_a_place_that_cannot_be_written_is_a_clear_error(tmp_path, to):
    """A folder, or a file in a folder that does not exist."""
    with pytest.raises(UserError):
        write_messages([], str(tmp_path / to))

"""`proutt export --from-feedback`: what users did becomes rows that trainers load."""

from __future__ import annotations

import json

from runs.here import proutt
from serving.test_feedback import record


def test_feedback_becomes_preference_rows(tmp_path):
    """Rows in any format of texts, counts on screen, and reading them back finds both sides."""
    file = tmp_path / "feedback.jsonl"
    lines = [record([0, 1, 2], 1, None), record([0, 1], None, None)]
    file.write_text("".join(each.model_dump_json() + "\n" for each in lines), encoding="utf-8")
    out = tmp_path / "rows"
    done = proutt("export", "--from-feedback", file, "--to", "trl-preference", "--out", out)
    assert done.returncode == 0, done.stderr
    assert "Feedback: 2 lines, 2 pairs; without: 1 nothing-sent" in done.stdout
    rows = [json.loads(line) for line in (out / "train.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(rows) == 2
    assert "<predict>Trains to Geneva?</predict>" in rows[0]["chosen"][0]["content"]
    assert "<predict>Hotels?</predict>" in rows[0]["rejected"][0]["content"]
    again = proutt("stats", out)
    assert again.returncode == 0, again.stderr


def test_a_run_or_feedback_and_not_both(tmp_path):
    """One source; a folder of its own; one line says what is missing."""
    file = tmp_path / "feedback.jsonl"
    file.write_text(record([0], None, None).model_dump_json() + "\n", encoding="utf-8")
    for arguments, said in (
        ((), "--from-feedback"),
        (("run", "--from-feedback", file), "one of them"),
        (("--from-feedback", file), "--out"),
        (("--from-feedback", tmp_path / "none", "--out", tmp_path / "o"), "can't be read"),
        (("--from-feedback", file, "--out", tmp_path / "o"), "nothing to export"),
    ):
        done = proutt("export", *arguments, "--to", "trl-preference")
        assert done.returncode == 2
        assert said in done.stderr


def test_a_file_that_is_no_feedback_names_its_first_bad_line(tmp_path):
    """And what became of all lines; nothing speaks of a run."""
    file = tmp_path / "feedback.jsonl"
    file.write_text("\n{}\nnot json\n", encoding="utf-8")
    done = proutt("export", "--from-feedback", file, "--to", "trl-preference", "--out", tmp_path / "out")
    assert done.returncode == 2
    assert "Feedback: 2 lines, 0 pairs; without: 2 unreadable" in done.stderr
    assert f"{file}:2" in done.stderr
    assert "summary.json" not in done.stderr

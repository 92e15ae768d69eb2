"""`--batch` from the outside."""

from __future__ import annotations

import json

from runs.command import at, english, written
from runs.here import proutt
from servers.proutt_answers import proutt_answer
from servers.scripted import Answer


def test_files_are_written_answered_and_gone_on_with(endpoint, tmp_path):
    """No server is asked; each session ends with code 3 and the command to run, until there is nothing left to ask."""
    chats, run = written(tmp_path / "chats.jsonl", [english("a", 3)]), tmp_path / "run"
    settings = (*at(endpoint), "--verify-tries", "1")
    order = ("synthesize", chats, "--out", run, *settings, "--batch=files")
    for number in range(1, 12):
        done = proutt(*order)
        if done.returncode == 0:
            break
        assert done.returncode == 3, done.stderr
        asked = run / f"batch/{number:04d}.jsonl"
        assert f"vllm run-batch -i {asked}" in done.stdout.replace("\n", " ")
        lines = [json.loads(line) for line in asked.read_text(encoding="utf-8").splitlines()]
        answers = [
            {
                "custom_id": line["custom_id"],
                "response": {"status_code": 200, "body": json.loads(Answer(proutt_answer(line["body"])).body())},
                "error": None,
            }
            for line in lines
        ]
        text = "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in answers)
        asked.with_suffix(".out.jsonl").write_text(text, encoding="utf-8")
    assert done.returncode == 0
    assert endpoint.requests == []
    endpoint.answer = proutt_answer
    assert proutt("synthesize", chats, "--out", tmp_path / "live", *settings).returncode == 0
    assert (run / "pairs.jsonl").read_bytes() == (tmp_path / "live/pairs.jsonl").read_bytes()


def test_what_is_too_little_for_a_batch_goes_live(endpoint, tmp_path):
    """A service that has no Batch API is never asked for one by a small run."""
    endpoint.answer = proutt_answer
    chats = written(tmp_path / "chats.jsonl", [english("a", 2)])
    done = proutt("synthesize", chats, "--out", tmp_path / "run", *at(endpoint), "--batch")
    assert done.returncode == 0, done.stderr
    assert all(each.path == "/v1/chat/completions" for each in endpoint.requests)

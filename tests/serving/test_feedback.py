"""From what users do with suggestions to preference pairs: kept where that is switched on, and read by the export."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from proutt.errors import UserError
from proutt.export.feedback import NO_PAIR, FeedbackRecord, FeedbackReport, feedback_pairs, wanted_in
from proutt.export.reading.completion import side_of
from proutt.serving.feedback import Feedback
from serving.service import CHAT, PREDICTED, SAID, serving


async def test_feedback_is_kept_with_its_chat_and_makes_pairs(endpoint, tmp_path):
    """Suggestions, then what the user did; the file makes rows of taken over passed by."""
    endpoint.script(PREDICTED)
    file = tmp_path / "feedback.jsonl"
    async with serving(endpoint, feedback=file) as client:
        assert (await client.get("/v1/config"))[1]["feedback"] is True
        id = (await client.suggestions())["id"]
        done = {"id": id, "shown": [0, 1, 2], "taken": 1, "sent": SAID[1]}
        assert await client.post("/v1/feedback", done) == (200, {"kept": "taken"})
        assert (await client.post("/v1/feedback", done))[0] == 404  # once for each answer
        assert 'proutt_feedback_total{what="taken"} 1.0' in await client.metrics()
    assert file.stat().st_mode & 0o077 == 0
    record = FeedbackRecord.model_validate_json(file.read_text(encoding="utf-8"))
    assert [turn.user for turn in record.context.turns] == [CHAT[0]["content"]]
    report = FeedbackReport()
    pairs = list(feedback_pairs(file, report))
    assert [side_of(pair.chosen).utterances for pair in pairs] == [(SAID[1],)] * 2
    assert [side_of(pair.rejected).utterances for pair in pairs] == [(SAID[0],), (SAID[2],)]
    assert "> I want to visit Lyon in May." in pairs[0].messages[0].content
    assert "1 predictions" in pairs[0].messages[0].content
    assert (report.lines, report.pairs, dict(report.no_pair)) == (1, 2, {})


async def test_feedback_is_off_unless_a_file_is_named(endpoint):
    """Nothing is kept, and the page can tell."""
    endpoint.script(PREDICTED)
    async with serving(endpoint) as client:
        id = (await client.suggestions())["id"]
        status, body = await client.post("/v1/feedback", {"id": id, "shown": [0], "taken": None, "sent": None})
        assert (status, body["error"]["code"]) == (404, "off")
        assert (await client.get("/v1/config"))[1]["feedback"] is False


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"shown": [0, 9]}, 422),
        ({"shown": [0], "taken": 1}, 422),
        ({"shown": [-1]}, 422),
        ({"shown": [0], "sent": "a\x00b"}, 422),
        ({"shown": [0], "sent": "x" * 100_001}, 422),
        ({"shown": [0] * 65}, 422),
        ({"id": "guessed", "shown": [0]}, 404),
    ],
    ids=["beyond", "unseen", "negative", "NUL", "long", "many", "unknown"],
)
async def test_feedback_that_fits_no_answer_is_refused(endpoint, tmp_path, said, status):
    """And nothing of it is written; the answer can still be told about."""
    endpoint.script(PREDICTED)
    async with serving(endpoint, feedback=tmp_path / "f.jsonl") as client:
        id = (await client.suggestions())["id"]
        assert (await client.post("/v1/feedback", {"id": id, **said}))[0] == status
        assert (tmp_path / "f.jsonl").read_bytes() == b""
        assert (await client.post("/v1/feedback", {"id": id, "shown": [0], "taken": 0}))[0] == 200


def test_a_file_that_cannot_be_written_is_told_at_the_start(tmp_path):
    """Not when the first user has done something."""
    with pytest.raises(UserError, match="Name a file"):
        Feedback(tmp_path / "none" / "f.jsonl", method="prompt", model="m")


def record(shown, taken, sent, texts=("Hotels?", "Trains to Geneva?", "Food?")) -> FeedbackRecord:
    return FeedbackRecord.model_validate(
        {
            "id": "a",
            "at": "2026-01-01T00:00:00+00:00",
            "language": "en",
            "context": {"opening": None, "turns": [{"user": "Lyon?", "assistant": "Yes."}]},
            "suggestions": [{"text": text} for text in texts],
            "shown": shown,
            "taken": taken,
            "sent": sent,
            "method": "prompt",
            "model": "m",
        }
    )


@pytest.mark.parametrize(
    ("shown", "taken", "sent", "chosen", "rejected"),
    [
        ([0, 1, 2], 1, "Trains to Geneva?", "Trains to Geneva?", ("Hotels?", "Food?")),
        ([0, 1, 2], 1, None, "Trains to Geneva?", ("Hotels?", "Food?")),
        ([0, 1, 2], 1, "Trains to Bern on Sunday?", "Trains to Bern on Sunday?", ("Hotels?", "Food?")),  # mended
        ([0, 2], None, "Museums?", "Museums?", ("Hotels?", "Food?")),  # own words
        ([0, 2], None, "hotels", "hotels", ("Food?",)),  # typed what was shown
        ([1, 1], 1, "Trains to Geneva?", "Trains to Geneva?", ()),
        ([0], None, None, None, ()),
        ([0], None, " ", None, ()),
    ],
)
def test_what_counts_as_wanted_and_as_passed_by(shown, taken, sent, chosen, rejected):
    """What was sent, else what was taken; over what was seen and is not the same."""
    wanted = wanted_in(record(shown, taken, sent))
    assert (wanted.chosen, wanted.rejected) == (chosen, rejected)


def test_every_line_without_a_pair_has_a_reason(tmp_path):
    """lines = those with a pair + those without, by reason; doubles are counted as rows."""
    good = record([0, 1], 0, None)
    lines = [
        good.model_dump_json(),
        good.model_dump_json(),
        record([0], None, None).model_dump_json(),
        record([0], 0, None).model_dump_json(),
        "{broken",
        record([7], None, "x").model_dump_json(),
        '{"version": 1}',
        "\udcff",
    ]
    file = tmp_path / "f.jsonl"
    file.write_bytes("\n".join(lines).encode("utf-8", "surrogateescape"))
    report = FeedbackReport()
    assert len(list(feedback_pairs(file, report))) == 1
    assert dict(report.no_pair) == {"seen-before": 1, "nothing-sent": 1, "nothing-passed-by": 1, "unreadable": 4}
    assert set(report.no_pair) <= set(NO_PAIR)


def test_pairs_of_one_chat_stay_together(tmp_path):
    """A split by dialogue must not tear a chat apart: its later rounds have its beginning."""
    later = record([0, 1], 1, None).model_dump()
    later["context"]["turns"].append({"user": "And?", "assistant": "Well."})
    file = tmp_path / "f.jsonl"
    file.write_text(record([0, 1], 0, None).model_dump_json() + "\n" + json.dumps(later) + "\n", encoding="utf-8")
    first, second = feedback_pairs(file, FeedbackReport())
    assert first.dialogue_id == second.dialogue_id
    assert (first.k, second.k) == (1, 2)


def test_the_page_names_every_reason():
    """docs/serve.md has a row for each, with these words."""
    page = (Path(__file__).parents[2] / "docs/serve.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([a-z-]+)` \| (.+) \|$", page, re.MULTILINE))
    for slug, meaning in NO_PAIR.items():
        assert rows[slug] == meaning

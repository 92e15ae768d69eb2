"""Evaluations of SynPT as a page: tables, figures, and every dialogue with its verdicts."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from evaluation.synpt.mined import dialogue, stored
from proutt.cli import cli
from proutt.evaluation.synpt.record import EmotionProbe, OptionScore, ReplyRecord, TurnRecord
from proutt.reports.evaluation import parts_in
from proutt.reports.evaluation_page import page
from proutt.reports.mined_dialogues import mined_dialogues

MARKUP = '<script>document.title=1</script>\x1b[2J\u202e"&'


def turns(*replies: ReplyRecord) -> list[TurnRecord]:
    return [TurnRecord(user=f"words {at}", reply=reply) for at, reply in enumerate(replies, start=1)]


def some(system: str = "mine", **more: object) -> list:
    asked = ReplyRecord(text="Which B?", asked=["b"], options=["2", "3"])
    summed = ReplyRecord(text="So: 1 and 9", summary={"a": "1", "b": "9"})
    return [
        dialogue("s0", system, turns=2, **more),
        dialogue("s1", system, said=turns(asked, summed), summary_right=False, **more),
        dialogue("s2", system, end="failed", failure="not-json", right=False, decided_by=None),
    ]


def test_a_dialogue_shows_what_was_wanted_said_and_judged():
    """What each reply asks for, values of a summary that are not the user's, moods, scores, how it ended."""
    probe = EmotionProbe(turn=2, altered="enough!", answer="And C?", missing=True, stopped=False, went_on=True)
    score = OptionScore(turn=1, score=2, reason="close by")
    made = some()
    found = mined_dialogues([made[0], made[1].model_copy(update={"emotion": probe, "options": [score]}), made[2]])
    assert found.index("s1") < found.index("s0")  # what is wrong comes first
    shown = re.sub(r"<[^>]+>", " ", found)
    for said in (
        "Not right in everything: 2",
        "Right in VJ, IIM and IS: 1",
        "A (in the first words)",
        "asks for: B",
        "options: 2; 3",
        "options score: 2. close by",
        "it did not stop",
        "enough!",
        "the model failed (not-json)",
    ):
        assert said in shown, said
    assert '<dd>9 <span class="verdict wrong">' in found
    assert mined_dialogues([]) == ""


def test_one_folder_makes_one_part_and_several_are_beside_each_other_first(tmp_path):
    """Failures are kept in mind, and how they count; addresses of models are not told."""
    models = {"assistant-agent": "m @ http://10.0.0.7:8000/v1"}
    one = stored(tmp_path / "one", *some(models=models))
    two = stored(tmp_path / "two", *some("other"))
    (alone,) = parts_in([one])
    assert (alone.kind, len(alone.dialogues), len(alone.panels)) == ("mining", 3, 3)
    assert any("not-json 1. They count as wrong." in each for each in alone.warnings)
    both, *each = parts_in([one, two])
    assert [table.name for table in both.tables][:1] == ["synpt"]
    assert "2 systems beside each other" in both.lead
    assert [(part.name, len(part.dialogues), len(part.panels)) for part in each] == [("one", 3, 0), ("two", 3, 0)]
    made = page([alone], [], None)
    assert "10.0.0.7" not in made
    assert "Mining intentions" in made


def test_text_of_dialogues_is_text(tmp_path):
    """In every place where a model or a user may have written something."""
    reply = ReplyRecord(text=MARKUP, summary={"a": MARKUP, "b": MARKUP}, options=[MARKUP])
    odd = dialogue(
        MARKUP, MARKUP, said=[TurnRecord(user=MARKUP, reply=reply)], values={"a": MARKUP, "b": MARKUP},
        names={"a": MARKUP, "b": MARKUP}, task=MARKUP, right=False, failure=MARKUP, end="failed",
        emotion=EmotionProbe(turn=2, altered=MARKUP, answer=MARKUP, missing=None, stopped=True, went_on=False),
    )  # fmt: skip
    made = page(parts_in([stored(tmp_path / "run", odd)]), [], None)
    assert "<script" not in made
    assert "\x1b" not in made
    assert "\u202e" not in made


def test_the_commands_know_the_folder(tmp_path: Path):
    """`proutt report` writes the page, `proutt evaluate tables` the same results again, as failures counted before."""
    pytest.importorskip("matplotlib")
    run = stored(tmp_path / "run", *some())
    done = CliRunner().invoke(cli, ["report", str(run)])
    assert done.exit_code == 0, done.output
    assert (run / "report.html").read_text(encoding="utf-8").count("<svg") == 3
    again = ["evaluate", "tables", str(run), "--quiet"]
    assert CliRunner().invoke(cli, [*again, "--figures", "svg"]).exit_code == 0
    assert (run / "figure-synpt-3.svg").is_file()
    results = json.loads((run / "results.json").read_text(encoding="utf-8"))
    assert results["failed"]["counted"] == "wrong"
    results["failed"]["counted"] = "left-out"
    (run / "results.json").write_text(json.dumps(results), encoding="utf-8")
    assert CliRunner().invoke(cli, again).exit_code == 0
    first = (run / "results.json").read_bytes()
    assert json.loads(first)["systems"][0]["metrics"]["vagueness"]["n"] == 2
    assert CliRunner().invoke(cli, again).exit_code == 0
    assert (run / "results.json").read_bytes() == first

"""Evaluations of UPC as a page: tables, scores by turn, what makes them doubtful, every dialogue with its scores."""

from __future__ import annotations

import json
import re
from html import unescape
from pathlib import Path

import pytest
from click.testing import CliRunner

from evaluation.synpt import mined
from evaluation.upc.records import evaluated
from proutt.cli import cli
from proutt.evaluation.upc.record import UPCEvaluated
from proutt.reports.evaluation import parts_in
from proutt.reports.evaluation_page import page
from proutt.reports.scored_dialogues import scored_dialogues

MARKUP = '<script>document.title=1</script>\x1b[2J\u202e"&'
ADDRESS = "http://10.0.0.7:8000/v1"


def stored(folder: Path, *dialogues: UPCEvaluated, **summary: object) -> Path:
    """An evaluation's folder with these."""
    folder.mkdir()
    lines = "".join(each.model_dump_json() + "\n" for each in dialogues)
    (folder / "evaluated.jsonl").write_text(lines, encoding="utf-8")
    (folder / "summary.json").write_text(json.dumps(summary), encoding="utf-8")
    return folder


def some(system: str = "ours", critic: str = "c", **more: object) -> list[UPCEvaluated]:
    """A dialogue that is whole, and one that the chatbot broke off."""
    return [
        evaluated("a", (5, 3, 4), (4, 3, 4), system=system, critic=critic, **more),
        evaluated("b", (1, 2, 2), system=system, critic=critic, **more),
    ]


def text_of(markup: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", markup)).split())


def test_a_dialogue_shows_what_was_said_scored_and_why():
    """The background, which the chatbot did not see; scores with reasons; where the chatbot fell silent."""
    whole, broken = some(group="21", nll=((10, 10.0), (10, 20.0)))
    shown = text_of(scored_dialogues([whole, broken.model_copy(update={"target": "kites"})]))
    for said in (
        "The chatbot failed to answer: 1",
        "Whole, the lowest scores first: 1",
        "a, Ada Lo Rel. 4.50 Int. 4.00 Val. 3.00 3 of 3 turns",
        "2 of 3 turns, failed at turn 3 (empty)",
        "background (not told to the chatbot) Keeps bees.",
        "occupation group 21",
        "topic to lead to kites",
        "Chatbot Hello! User I'm Ada.",
        "Response 1. relevance 4: So. interest 4: So. value 3: So. perplexity 7.39 User Well.",
        "(no answer: empty)",
    ):
        assert said in shown, said
    assert scored_dialogues([]) == ""


def test_dialogues_with_low_scores_come_first():
    """They are what somebody wants to read."""
    high, low = evaluated("high", (5, 5, 5), (5, 5, 5)), evaluated("low", (2, 2, 2), (1, 1, 1))
    shown = scored_dialogues([high, low])
    assert shown.index("low, Ada") < shown.index("high, Ada")


def test_one_folder_makes_one_part_and_several_are_beside_each_other_first(tmp_path):
    """Evaluations of SynPT, whose file has the same name, keep their own part; addresses of models are not told."""
    one = stored(tmp_path / "one", *some(critic=f"c @ {ADDRESS}"))
    two = stored(tmp_path / "two", *some("other", critic=f"c @ {ADDRESS}"))
    three = mined.stored(tmp_path / "three", mined.dialogue("s0"))
    (alone,) = parts_in([one])
    assert (alone.kind, len(alone.scored), len(alone.panels)) == ("proactivity", 2, 1)
    mining, both, *each = parts_in([one, three, two])
    assert (mining.kind, len(mining.dialogues)) == ("mining", 1)
    assert "2 systems beside each other under 1 critic" in both.lead
    assert [table.name for table in both.tables] == ["upc", "upc-turns", "upc-comparisons", "upc-account"]
    assert [(part.name, len(part.scored)) for part in each] == [("one", 2), ("two", 2)]
    made = [cell for table in alone.tables for row in table.rows for cell in row]
    assert ADDRESS not in "".join([*made, alone.lead, *dict(alone.settings).values()])
    assert ADDRESS not in alone.panels[0].title
    assert page([both], [], None).count("docs/upc.md") == 1


def test_different_models_of_one_name_are_told(tmp_path):
    """They count as repeats of one system."""
    one, other = some()[0], some()[0]
    models = {**other.dialogue.models, "assistant-agent": "another"}
    other = other.model_copy(update={"dialogue": other.dialogue.model_copy(update={"models": models})})
    both, *_ = parts_in([stored(tmp_path / "one", one), stored(tmp_path / "two", other)])
    assert any("ours is of several models (another, ours)" in each for each in both.warnings)


def test_what_makes_scores_doubtful_is_said(tmp_path):
    """Who scores, who was tested on, how many, what failed; and nothing where nothing is wrong."""
    bad = {"complete": False, "failed": {"not-json": 2}, "seen_groups": ["21"]}
    (part,) = parts_in([stored(tmp_path / "bad", *some("qwen-a", "qwen-b"), **bad)])
    said = " ".join(part.warnings)
    for words in (
        "not complete",
        "user or critic failed in: not-json 2",
        "trained with are tested on: 21",
        "qwen-a failed in dialogues: empty 1. The turns count 1 in all three scores",
        "of the family qwen, as are models of qwen-a",
        "Few test personas (2)",
    ):
        assert words in said, words
    assert "plays the users" not in said
    (part,) = parts_in([stored(tmp_path / "own", *some("ours", "u"))])
    assert any("The critic u plays the users, too" in each for each in part.warnings)
    assert any("What checks found in dialogues: repetition" in each for each in part.warnings)
    fine = [evaluated(f"p{at}", *[(2 + at % 3,) * 3] * 2, critic="gpt-x") for at in range(12)]
    fine = [each.model_copy(update={"dialogue": each.dialogue.model_copy(update={"flags": []})}) for each in fine]
    (part,) = parts_in([stored(tmp_path / "fine", *fine, complete=True)])
    assert part.warnings == []


def test_text_of_dialogues_is_text(tmp_path):
    """In every place where a model, a user or a persona may have written something."""
    made = evaluated("a", (1, 2, 3), system=MARKUP, critic=MARKUP, background=MARKUP, group=MARKUP)
    texts = {"name", "persona_id", "greeting", "introduction", "utterance", "user", "reason", "target"}

    def marked(value: object) -> object:
        if isinstance(value, dict):
            return {key: MARKUP if key in texts else marked(each) for key, each in value.items()}
        return [marked(each) for each in value] if isinstance(value, list) else value

    folder = stored(tmp_path / "run", UPCEvaluated.model_validate(marked(made.model_dump())))
    found = page(parts_in([folder]), [], None)
    assert found.count("&lt;script&gt;document") > 12
    assert "<script" not in found
    assert "\x1b" not in found
    assert "\u202e" not in found


def test_the_commands_know_the_folder(tmp_path):
    """`proutt report` writes the page, `proutt evaluate tables` the same results again, as failures counted before."""
    pytest.importorskip("matplotlib")
    run = stored(tmp_path / "run", *some())
    done = CliRunner().invoke(cli, ["report", str(run)])
    assert done.exit_code == 0, done.output
    assert (run / "report.html").read_text(encoding="utf-8").count("<svg") == 1
    again = ["evaluate", "tables", str(run), "--quiet"]
    assert CliRunner().invoke(cli, [*again, "--figures", "svg"]).exit_code == 0
    assert (run / "figure-upc-turns.svg").is_file()
    results = json.loads((run / "results.json").read_text(encoding="utf-8"))
    assert results["failed_turns_count"] == "lowest"
    results["failed_turns_count"] = "left-out"
    (run / "results.json").write_text(json.dumps(results), encoding="utf-8")
    assert CliRunner().invoke(cli, again).exit_code == 0
    first = (run / "results.json").read_bytes()
    assert json.loads(first)["systems"][0]["scores"]["relevance"]["mean"] == 2.75
    assert CliRunner().invoke(cli, again).exit_code == 0
    assert (run / "results.json").read_bytes() == first

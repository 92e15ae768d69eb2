"""`proutt audit` of UPC's dialogues: a planted leak fails it, and every finding names its turn."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from methods.upc.script import dialogue_with, turn_of
from proutt.cli.audit import command
from proutt.methods.upc.checks import CHECKS
from proutt.methods.upc.record import UPCTurn
from proutt.quality.audit.upc_checks import UPC_CHECKS


def audited(tmp_path: Path, *turns: UPCTurn) -> tuple[int, dict[str, Any], list[dict[str, Any]]]:
    """Exit code, summary and flags of an audit of one dialogue."""
    line = dialogue_with(*turns).model_dump_json()
    (tmp_path / "dialogues.jsonl").write_text(f"{line}\n", encoding="utf-8")
    done = CliRunner().invoke(command, [str(tmp_path), "--json"])
    flags = (tmp_path / "audit" / "flags.jsonl").read_text(encoding="utf-8").splitlines()
    return done.exit_code, json.loads(done.stdout), [json.loads(each) for each in flags]


def test_a_planted_leak_of_the_background_is_found(tmp_path):
    """In an advice, which the chatbot read."""
    planted = turn_of("A quiet place. What next?", "Sleep.", (3, 3, 3), (4, 4, 4), advice="Ask about falconry.")
    code, summary, flags = audited(tmp_path, planted)
    assert (code, summary["passed"]) == (1, False)
    assert [(each["check"], each["id"]) for each in flags] == [("background-leaked", "bee")]
    assert "turn 2, attempt 1, advice" in json.dumps(flags[0])


def test_an_ordinary_dialogue_passes(tmp_path):
    """With nothing flagged."""
    code, summary, flags = audited(tmp_path, turn_of("A quiet place. What next?", "Sleep.", (4, 4, 4)))
    assert (code, summary["passed"], flags) == (0, True, [])


def test_texts_are_looked_at_one_by_one(tmp_path):
    """The place is the turn and who said it."""
    code, _, flags = audited(tmp_path, turn_of("Fine. What next?", "Write to quill.bee@gmail.com then.", (4, 4, 4)))
    assert code == 1
    assert [each["check"] for each in flags] == ["personal-data"]
    assert "turn 2, user" in json.dumps(flags[0])


def test_every_check_of_the_method_is_an_audits():
    """By the name of its flag."""
    assert set(CHECKS) < set(UPC_CHECKS)

"""What a report takes from the files beside the pairs."""

from __future__ import annotations

import json

import pytest

from proutt.errors import UserError
from proutt.export.reading import subject_of
from proutt.quality.audit.auditing import Audit
from proutt.quality.audit.check import Setup
from proutt.quality.audit.report import Report, summary_of
from proutt.reports import facts_of
from proutt.reports.run_files import FAILURES_SHOWN
from records import a_pair


@pytest.fixture
def run(tmp_path):
    """A run of one pair, with its summary and more failures than are shown."""
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "pairs.jsonl").write_text(a_pair().model_dump_json() + "\n", encoding="utf-8")
    (folder / "summary.json").write_text(json.dumps({"turns": {"in": 1}}), encoding="utf-8")
    failure = {"dialogue_id": "d", "k": 1, "reason": "empty", "stage": "paths", "message": "m", "raw": "x" * 9000}
    (folder / "failures.jsonl").write_text((json.dumps(failure) + "\n") * (FAILURES_SHOWN + 5), encoding="utf-8")
    return folder


@pytest.mark.parametrize("name", [".", "pairs.jsonl"])
def test_a_run_and_its_pairs_file_have_the_same_facts(run, name):
    """Whichever is named, the run's other files are read."""
    facts = facts_of(run / name)
    assert (facts.name, facts.summary) == ("run", {"turns": {"in": 1}})
    assert facts.failures["count"] == FAILURES_SHOWN + 5
    assert len(facts.failures["shown"]) == FAILURES_SHOWN
    assert len(facts.failures["shown"][0]["raw"]) == 4000


def test_a_file_of_somebody_else_has_a_name_only(tmp_path):
    """Nothing is taken from files that happen to lie beside it."""
    (tmp_path / "summary.json").write_text("{}", encoding="utf-8")
    (tmp_path / "dpo.jsonl").write_text("{}\n", encoding="utf-8")
    facts = facts_of(tmp_path / "dpo.jsonl")
    assert (facts.name, facts.summary, facts.failures, facts.audit) == ("dpo.jsonl", None, None, None)


@pytest.mark.parametrize(("name", "text"), [("summary.json", "["), ("summary.json", "[]"), ("failures.jsonl", "x\n")])
def test_a_damaged_file_is_named(run, name, text):
    """And the remedy costs nothing."""
    (run / name).write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=name):
        facts_of(run)


def audited(folder, pair):
    """A real audit's files."""
    audit = Audit(Setup())
    with Report(folder) as report:
        report.add(audit.look(subject_of(pair)))
        facts = {"rows": 1, "rows_with_errors": 0, "left_out": {}, "passed": True}
        report.finish(summary_of(audit.results(), facts))


def test_an_audit_of_the_run_is_found(run):
    """Its verdicts by check, and its flags by the name of the pair."""
    pair = a_pair(truth=a_pair().truth.model_copy(update={"utterance": "Is there a student discount?"}))
    audited(run / "audit", pair)
    facts = facts_of(run)
    assert facts.audit["passed"] is True
    assert facts.audit["checks"][0].keys() >= {"name", "verdict", "borne"}
    flagged = [json.loads(line) for line in (run / "audit/flags.jsonl").read_text(encoding="utf-8").splitlines()]
    assert flagged
    assert [flag.check for flag in facts.flags("d1:2")] == [flag["check"] for flag in flagged]
    assert list(facts.flags("other")) == []


def test_an_audit_that_is_named_must_be_there(run):
    """Silence would read as a clean bill."""
    with pytest.raises(UserError, match="no audit here"):
        facts_of(run, run)


def test_a_damaged_audit_is_named(run):
    """So that nobody takes the rest for all of it."""
    audited(run / "audit", a_pair())
    (run / "audit/audit.json").write_text('{"checks": [{}]}', encoding="utf-8")
    with pytest.raises(UserError, match=r"audit\.json"):
        facts_of(run)

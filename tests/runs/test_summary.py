"""summary.json: every (dialogue, K) is in exactly one count, and so is every call."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from proutt.llm import Reply, Usage
from proutt.runs.journal import Item, Journal
from proutt.runs.session import Ended
from proutt.runs.summary import summary_of

ENDS = st.sampled_from(["paired", "empty-tree", "no-new-path", "cut-off", "http-500", "undecided"])


def summarised(journal: Journal, *, complete: bool = True) -> dict:
    journal.set_meta("seconds", "1.25")
    return summary_of(journal, Ended(complete, identities={"judge": "m"}), skipped_records={"duplicate": 2})


def record(j_max: float, branch: str, *problems: str) -> str:
    verification = {"problems": list(problems)}
    return json.dumps({"j_max": j_max, "branch": branch, "verified": not problems, "verification": verification})


@pytest.fixture
def journal(tmp_path):
    journal = Journal(tmp_path / "journal.sqlite")
    yield journal
    journal.close()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.lists(ENDS, max_size=5), max_size=6))
def test_paired_skipped_failed_and_undecided_add_up(tmp_path_factory, ends):
    """Whatever became of them, the counts add up to the (dialogue, K) of the input, by reason too."""
    journal = Journal(tmp_path_factory.mktemp("summary") / "journal.sqlite")
    for number, dialogue in enumerate(ends):
        journal.add_dialogue(number, f"d{number}", "f", len(dialogue))
        for k, end in enumerate(dialogue, start=1):
            if end == "paired":
                journal.add_item(Item(number, k, "paired", record=record(0.5, "middle")))
            elif end in ("empty-tree", "no-new-path"):
                journal.add_item(Item(number, k, "skipped", end))
            elif end != "undecided":
                journal.add_item(Item(number, k, "failed", end))
    summary = summarised(journal)
    journal.close()
    counts = Counter(end for dialogue in ends for end in dialogue)
    turns = summary["turns"]
    assert turns["in"] == counts.total()
    assert turns["in"] == turns["paired"] + turns["skipped"] + turns["failed"] + turns["undecided"]
    assert turns["undecided"] == counts["undecided"]
    assert {**summary["skipped"], **summary["failed"]} == {
        end: count for end, count in counts.items() if end not in ("paired", "undecided")
    }
    assert summary["dialogues_of_one_utterance"] == sum(1 for dialogue in ends if not dialogue)
    assert summary["pairs"]["all"] == turns["paired"] == sum(summary["j_max"].values())


def test_pairs_by_branch_score_and_verification(journal):
    """J_max goes into its tenth, boundaries and rounding included; problems are counted one by one."""
    journal.add_dialogue(0, "d", "f", 5)
    records = [
        record(0.3, "low", "chosen-below-tau-high", "rejected-above-tau-low"),
        record(0.29999, "low", "chosen-below-tau-high"),
        record(0.7999, "middle"),
        record(0.8, "high"),
        record(1.0, "high"),
    ]
    for k, each in enumerate(records, start=1):
        journal.add_item(Item(0, k, "paired", record=each))
    summary = summarised(journal)
    assert summary["branches"] == {"high": 2, "middle": 1, "low": 2}
    assert {tenth: count for tenth, count in summary["j_max"].items() if count} == {
        "0.2": 1,
        "0.3": 1,
        "0.7": 1,
        "0.8": 1,
        "1.0": 1,
    }
    marked = {"chosen-below-tau-high": 2, "rejected-above-tau-low": 1}
    assert summary["pairs"] == {"all": 5, "verified": 3, "unchecked": 0, "marked": marked}


def test_calls_and_tokens_sum_by_role_and_by_step(journal):
    """Every answer counts once, whatever came of it."""
    for key, step, role, usage in [
        ("a", "paths", "reasoner", Usage(10, 4, 6)),
        ("b", "paths", "reasoner", Usage(20, 5)),
        ("c", "judge", "judge", Usage(1, 1)),
    ]:
        journal.add_reply(key, Reply("", "stop", usage, 0.25), step=step, role=role, model="m")
    calls = summarised(journal)["calls"]
    paths = {"calls": 2, "prompt_tokens": 30, "cached_tokens": 6, "completion_tokens": 9, "seconds": 0.5}
    assert calls["by_step"]["paths"] == calls["by_role"]["reasoner"] == paths
    assert (calls["calls"], calls["prompt_tokens"], calls["completion_tokens"]) == (3, 31, 10)


def test_an_empty_run_has_zeros(journal):
    """Nothing read, nothing called: every count is there and zero."""
    summary = summarised(journal, complete=False)
    assert summary["turns"] == {"in": 0, "paired": 0, "skipped": 0, "failed": 0, "undecided": 0}
    assert summary["calls"]["prompt_tokens"] == 0
    assert (summary["complete"], summary["seconds"], summary["skipped_records"]) == (False, 1.2, {"duplicate": 2})

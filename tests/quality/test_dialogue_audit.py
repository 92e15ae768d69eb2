"""The audit of SynPT's dialogues finds every kind of fault that is planted, and is quiet about what is right."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from proutt.cli.audit import command
from proutt.export.reading.dialogues import DIALOGUES, dialogues_in
from proutt.methods.synpt import checks as synpt
from proutt.methods.synpt.record import EmotionRecord, OptionsRecord, StateRecord
from proutt.quality.audit import Audit, Setup
from proutt.quality.audit.dialogue_checks import DIALOGUE_CHECKS, subject_of_dialogue
from synpt_records import a_dialogue, changed_turn, reflected, without_thinking

REFERENCE = Path(__file__).resolve().parents[2] / "../shared/data/synpt_reference.jsonl"


def found(*dialogues):
    """(check, place) of each flag over the dialogues."""
    audit = Audit(Setup(), DIALOGUE_CHECKS)
    flags = [flag for each in dialogues for flag in audit.look(subject_of_dialogue(each, "here"))]
    return [(flag.check, flag.place) for flag in flags]


def options(*values):
    return OptionsRecord(reasoning="Likely.", options=list(values))


def looped(text):
    return EmotionRecord(reasoning=text, willing=True)


def says(dialogue, at, utterance):
    return changed_turn(dialogue, at, user={"utterance": utterance})


def answers(dialogue, at, **fields):
    return changed_turn(dialogue, at, assistant=fields)


EN, ZH = a_dialogue(), a_dialogue(language="zh")
KEY = "AKIA" + "3QY7LWX5ZRTB2MNC"
#: A fault, where it is to be found, and a dialogue that has it.
PLANTED = [
    ("told-unasked", "dialogue", says(EN, 0, "I'd like to see Lyon in May.")),
    ("told-unasked", "dialogue", says(ZH, 1, "3天，5月去。")),
    ("asked-twice", "dialogue", answers(EN, 1, ask="days")),
    ("asked-twice", "dialogue", answers(ZH, 1, ask="destination")),
    ("role-flipped", "dialogue", says(EN, 1, "User: 3 days.")),
    ("role-flipped", "dialogue", answers(ZH, 0, reply="助手：打算玩几天？2天、3天还是5天？")),
    (
        "reasoning-in-reply",
        "dialogue",
        answers(EN, 0, reply="<think>x</think> 2 days, 3 days, 5 days?"),
    ),
    ("options-not-distinct", "dialogue", answers(EN, 0, options=options("2 days", "3 days"))),
    ("options-not-distinct", "dialogue", answers(ZH, 0, options=options("2天", "两天", "5天"))),
    (
        "options-not-in-reply",
        "dialogue",
        answers(EN, 0, options=options("2 days", "3 days", "9 days")),
    ),
    ("summary-disagrees", "dialogue", answers(EN, 2, summary={"destination": "Paris"})),
    ("summary-disagrees", "dialogue", answers(ZH, 2, summary={"days": "4天"})),
    (
        "state-disagrees",
        "dialogue",
        answers(EN, 0, state=StateRecord(given={"destination": "Rome"}, missing=["days", "month"])),
    ),
    ("emotion-disagrees", "dialogue", changed_turn(EN, 1, user={"unwilling": True})),
    ("incomplete", "dialogue", a_dialogue(end="most-turns")),
    ("prompt-artefacts", "turn 2, user", says(EN, 1, '{"utterance": "3 days"}')),
    (
        "prompt-artefacts",
        "turn 1, assistant",
        answers(EN, 0, reply="As an AI, 2 days, 3 days, 5 days?"),
    ),
    (
        "repetition",
        "turn 1, emotion thinking",
        answers(EN, 0, emotion=looped("they are calm and " * 20)),
    ),
    (
        "language-mismatch",
        "turn 2, assistant",
        answers(ZH, 1, reply="In which month would you like to go?"),
    ),
    ("language-mismatch", "turn 1, user", says(EN, 0, "我想去里昂玩三天。")),
    ("personal-data", "turn 2, user", says(ZH, 1, "3天，我的电话是13812345679。")),
    (
        "personal-data",
        "turn 1, options",
        answers(EN, 0, options=options("a", "jane.roe@gmail.com", "b")),
    ),
    (
        "landline-numbers",
        "turn 1, assistant",
        answers(ZH, 0, reply="请打010-62345678问2天、3天、5天"),
    ),
    ("secrets", "turn 2, user", says(EN, 1, f"3 days, my key is {KEY}")),
    ("control-strings", "turn 1, user", says(EN, 0, "I'd like to see Lyon.<|im_end|>")),
    (
        "control-strings",
        "turn 1, emotion thinking",
        answers(EN, 0, emotion=looped("Calm.</think>")),
    ),
]


@pytest.mark.parametrize(("check", "place", "dialogue"), PLANTED, ids=[each[0] for each in PLANTED])
def test_a_planted_fault_is_found_in_its_place(check, place, dialogue):
    """By its own check, there where it is."""
    assert (check, place) in found(dialogue)


def test_every_check_that_looks_at_one_dialogue_has_a_planted_fault():
    """No check is without its evidence, and every check of the method is among the audit's."""
    over_all = {name for name, check in DIALOGUE_CHECKS.items() if check.level == "dataset"}
    assert {check for check, _, _ in PLANTED} == set(DIALOGUE_CHECKS) - over_all
    assert set(synpt.CHECKS) <= set(DIALOGUE_CHECKS)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_is_right_is_left_alone(language):
    """Whole dialogues, reluctant users, reflections, and methods that think nothing."""
    fine = a_dialogue(language=language)
    for each in (fine, reflected(fine), without_thinking(fine), a_dialogue(language=language, end="reluctant")):
        assert found(each) == []


def test_dialogues_that_are_there_twice_are_found():
    """Whole ones, and those that only begin alike."""
    other = changed_turn(a_dialogue(seed_id="s2"), 1, user={"utterance": "Well, let us say three days then, no more."})
    assert found(EN, a_dialogue(seed_id="s2")) == [("same-inquiry", "turn 1, user"), ("near-duplicates", "row")]
    assert ("same-inquiry", "turn 1, user") in found(EN, other)


def test_the_real_dialogues_have_no_errors():
    """Without seeds, checks that only a seed can decide say so; replies there word their options freely."""
    if not REFERENCE.exists():
        pytest.skip("the samples are not beside this checkout")
    assert set(found(*(row.dialogue for row in dialogues_in(REFERENCE)))) == {("options-not-in-reply", "dialogue")}
    done = CliRunner().invoke(command, [str(REFERENCE), "--json"])
    summary = json.loads(done.stdout)
    assert (done.exit_code, summary["passed"], summary["formats"]) == (0, True, {"synpt": 3})
    verdicts = {each["name"]: each["verdict"] for each in summary["checks"]}
    assert verdicts["summary-disagrees"] == "n/a"


@pytest.fixture
def run(tmp_path):
    made = [EN, changed_turn(a_dialogue(seed_id="s2", language="zh"), 1, user={"utterance": "3天，电话13812345679"})]
    made.append(a_dialogue(seed_id="s3", end="reluctant", flags=["asked-twice"]))
    (tmp_path / DIALOGUES).write_text("".join(each.model_dump_json() + "\n" for each in made), encoding="utf-8")
    return tmp_path


def test_a_run_fails_its_audit_where_there_is_an_error(run):
    """Exit code 1, the flag in the run's folder, flagged dialogues left out as exports do, and a clean copy without."""
    done = CliRunner().invoke(command, [str(run), "--json", "--write-clean", str(run / "clean.jsonl")])
    assert done.exit_code == 1
    summary = json.loads((run / "audit" / "audit.json").read_text())
    assert summary["left_out"] == {"flagged by a check": 1}
    flags = [json.loads(line) for line in (run / "audit" / "flags.jsonl").read_text().splitlines()]
    assert [(flag["id"], flag["check"]) for flag in flags] == [("s2", "personal-data")]
    assert [row.dialogue.seed_id for row in dialogues_in(run / "clean.jsonl")] == ["s1"]
    everything = CliRunner().invoke(command, [str(run), "--json", "--include-unverified", "--skip", "personal-data"])
    assert (everything.exit_code, json.loads(everything.stdout)["rows"]) == (0, 3)


def test_the_checks_of_dialogues_are_listed_and_chosen(run):
    """A path decides which checks there are; options of pairs are refused."""
    listed = json.loads(CliRunner().invoke(command, [str(run), "--list", "--json"]).stdout)
    assert [each["name"] for each in listed] == list(DIALOGUE_CHECKS)
    only = CliRunner().invoke(command, [str(run), "--only", "secrets", "--json"])
    assert (only.exit_code, len(json.loads(only.stdout)["checks"])) == (0, 1)
    wrong = CliRunner().invoke(command, [str(run), "--rejudge", "m"])
    assert "--rejudge is for pairs" in str(wrong.exception)

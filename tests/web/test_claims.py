"""People judge dialogues of SynPT's evaluation by yes and no: two of them, a third where they disagree."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from proutt.errors import UserError
from proutt.evaluation.synpt.record import EvaluatedDialogue, ReplyRecord, TurnRecord
from proutt.evaluation.synpt.results import Evaluation
from proutt.methods.record import UsageRecord
from proutt.web.claims import ClaimRecord, decided_claims, planned_claims
from proutt.web.desk import Desk
from proutt.web.files import write_claims
from proutt.web.items import Claim, Plan
from proutt.web.refused import Refused
from proutt.web.store import Store


def dialogue(seed: str, *, told: list[str], mined: bool | None = True, right: bool = True) -> EvaluatedDialogue:
    usage = UsageRecord(calls=1, prompt_tokens=1, completion_tokens=1)
    return EvaluatedDialogue(
        seed_id=seed, repeat=1, system="mine", subject="plain", task="trip", language="en", part="some", told=told,
        values={"a": "1", "b": "<b>"}, names={"a": "A", "b": "B"}, any_value="any",
        turns=[TurnRecord(user="hi", reply=ReplyRecord(text="bye"))], end="summary", vagueness_right=True,
        mined=mined, summary_right=right, models={"judge": "secret-model"}, usage=usage, usage_of_others=usage,
    )  # fmt: skip


EVALUATION = Evaluation("run", [dialogue("s1", told=["a"], right=False), dialogue("s2", told=["a", "b"])])


@pytest.fixture
def desk(tmp_path: Path):
    plan = planned_claims([EVALUATION], seed=0, size=10, limit=None)
    with Store(tmp_path / "store", {"seed": 0}) as store:
        yield Desk(plan, store, 0, 0.75)


def about(plan: Plan, number: int) -> tuple[str, str]:
    claim = plan.items[number]
    assert isinstance(claim, Claim)
    return claim.case.context.dialogue_id, claim.criterion


def answer_all(desk: Desk, name: str, **said: str) -> None:
    """Answer "yes", but for what is named by seed and criterion."""
    for _ in range(10):
        shown = desk.next(name)
        if "rest" in shown:
            return
        desk.answer(name, shown["item"], said.get("_".join(about(desk.plan, shown["item"])), "yes"), 1.0)


def test_each_dialogue_has_its_questions(desk):
    """Whether the summary is right, and of a vague one whether all was asked for; what was left out is marked."""
    assert sorted(about(desk.plan, n) for n in range(3)) == [("s1", "mining"), ("s1", "summary"), ("s2", "summary")]
    while about(desk.plan, desk.next("Ann")["item"]) != ("s1", "mining"):
        desk.answer("Ann", desk.next("Ann")["item"], "yes", 1.0)
    shown = desk.next("Ann")
    assert shown["wanted"] == ["A: 1", "(left out) B: <b>"]
    assert shown["turns"] == [{"user": "hi", "assistant": "bye"}]
    assert shown["truth"] is None
    assert not {"mine", "secret-model"} & set(json.dumps(shown).split('"'))


def test_two_judge_and_a_third_decides(desk, tmp_path):
    """The share that people found right stands beside the automatic one, with their agreement and κ."""
    answer_all(desk, "Ann", s1_summary="no")
    answer_all(desk, "Ben", s1_mining="no", s1_summary="no")
    answer_all(desk, "Cleo")
    results = write_claims(tmp_path, [EVALUATION], desk.plan, 0.5, desk.snapshot())
    assert results["agreement"]["all"]["agreement"] == pytest.approx(2 / 3)
    mining, summary = results["claims"]
    written = [ClaimRecord.model_validate_json(line) for line in (tmp_path / "claims.jsonl").open(encoding="utf-8")]
    of_one = ("mine", "s1", 1)
    assert decided_claims(written) == {
        (*of_one, "mining"): True, (*of_one, "summary"): False, ("mine", "s2", 1, "summary"): True
    }  # fmt: skip
    assert decided_claims(written[:3]) == {}
    assert (mining["criterion"], mining["decided"], mining["people"]["mean"], mining["agreement"]) == (
        "mining",
        1,
        1,
        1,
    )
    assert (summary["people"]["mean"], summary["automatic"]["mean"], summary["kappa"]) == (0.5, 0.5, 1)
    rows = [json.loads(line) for line in (tmp_path / "claims.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(rows) == 7
    assert [row["rater"] for row in rows if row["adjudicating"]] == ["Cleo"]
    assert sum(row["verdict"] for row in rows) == 4


def test_what_is_undecided_counts_for_nothing(desk, tmp_path):
    """One person alone decides nothing."""
    answer_all(desk, "Ann")
    assert write_claims(tmp_path, [EVALUATION], desk.plan, 0.5, desk.snapshot())["claims"] == []


@pytest.mark.parametrize("said", ["maybe", "first", 1.0])
def test_only_yes_and_no_are_answers(desk, said):
    """Anything else is refused, and nothing is kept."""
    item = desk.next("Ann")["item"]
    with pytest.raises(Refused):
        desk.answer("Ann", item, said, 1.0)
    assert desk.next("Ann")["item"] == item


def test_an_answer_can_be_looked_at_again(desk):
    """Going back shows what was said."""
    item = desk.next("Ann")["item"]
    desk.answer("Ann", item, "no", 1.0)
    assert desk.before("Ann", None)["given"] == "no"


def test_one_dialogue_is_judged_once():
    """Two files of one system would be two opinions of one thing."""
    with pytest.raises(UserError, match="'mine'"):
        planned_claims([EVALUATION, EVALUATION], seed=0, size=10, limit=None)

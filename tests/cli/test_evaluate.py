"""`proutt evaluate` from the outside: the real command on stored predictions, against a server that judges by rule."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import pytest

from evaluation.predictions import prediction, predictions, prefers_first, scores_right_high, written
from proutt.cli import cli
from runs.command import lines, paid_twice
from runs.here import proutt
from servers.scripted import Answer, ScriptedServer


@pytest.fixture
def judge(endpoint: ScriptedServer) -> ScriptedServer:
    """A server whose model finds right suggestions."""
    endpoint.answer = scores_right_high
    return endpoint


@pytest.fixture
def out(tmp_path) -> Path:
    return tmp_path / "evaluation"


@pytest.fixture
def two(tmp_path) -> tuple[Path, Path]:
    """A good system, right in three of four dialogues, and a poor one, right in every sixth."""
    good = written(tmp_path / "good" / "predictions.jsonl", predictions("good", lambda number, _: number % 4 != 0))
    poor = written(tmp_path / "poor" / "predictions.jsonl", predictions("poor", lambda number, _: number % 6 == 0))
    return good, poor


@pytest.fixture
def few(tmp_path) -> tuple[Path, Path]:
    """The same in four dialogues each, for what does not depend on how many there are."""
    good = written(tmp_path / "good.jsonl", predictions("good", lambda number, _: number % 4 != 0, dialogues=4))
    poor = written(tmp_path / "poor.jsonl", predictions("poor", lambda number, _: number % 6 == 0, dialogues=4))
    return good, poor


def at(server: ScriptedServer) -> tuple[str, ...]:
    return ("--judge", "m", "--base-url", server.url)


def results_in(out: Path) -> dict:
    return json.loads((out / "results.json").read_text(encoding="utf-8"))


def row(results: dict, system: str, dataset: str = "chats") -> dict:
    rows = results["results"]["llm-judge"]["systems"]
    return next(each for each in rows if (each["system"], each["dataset"]) == (system, dataset))


# Pointwise.


def test_best_of_four_is_the_papers_score(judge, two, out):
    """9 of 12 dialogues at 0.9, the others at 0.2; the third suggestion is the right one."""
    done = proutt("evaluate", *two, *at(judge), "--embed", "none", "--out", out)
    assert done.returncode == 0, done.stderr
    good = row(results_in(out), "good")
    assert good["best"]["mean"] == pytest.approx(0.75 * 0.9 + 0.25 * 0.2)
    assert good["mean"]["mean"] == pytest.approx(0.75 * (0.9 + 3 * 0.2) / 4 + 0.25 * 0.2)
    assert [each["mean"] for each in good["hit_at"]] == pytest.approx([0, 0, 0.75, 0.75])
    assert (good["cases"], good["dialogues"], good["suggestions"]) == (24, 12, 4)
    assert good["best"]["low"] < good["best"]["mean"] < good["best"]["high"]
    assert "good is better" in done.stdout


def test_every_control_is_beside_the_systems(judge, two, out):
    """Copying is never right here; strangers are right by chance; shuffled labels are each system's own."""
    done = proutt("evaluate", *two, *at(judge), "--embed", "none", "--out", out)
    assert done.returncode == 0, done.stderr
    names = {each["system"] for each in results_in(out)["results"]["llm-judge"]["systems"]}
    controls = {"control: copy-last-utterance", "control: random-candidate"}
    assert names == {"good", "poor", *controls, "control: shuffled-labels good", "control: shuffled-labels poor"}
    assert row(results_in(out), "control: copy-last-utterance")["best"]["mean"] == pytest.approx(0.2)
    prompts = [body["messages"][-1]["content"] for body in judge.bodies]
    assert any("wrong good 0 1 0" in each and "truth of d0 1" not in each for each in prompts)  # another's truth
    assert results_in(out)["results"]["llm-judge"]["length_only"][0]["longer_is_better"] is not None


def test_a_suggestion_is_judged_alone_and_once(judge, tmp_path, out):
    """One a call; what two systems suggest alike is asked once."""
    same = [written(tmp_path / name / "predictions.jsonl", [prediction(name, "d", 1, ["right one", "wrong one"])])
            for name in ("a", "b")]  # fmt: skip
    done = proutt("evaluate", *same, *at(judge), "--embed", "none", "--control", "none", "--out", out)
    assert done.returncode == 0, done.stderr
    assert len(judge.requests) == 2
    assert len(lines(out / "scores.jsonl")) == 4


def test_repeats_are_judged_again_and_several_files_of_a_system_are_several_evaluations(judge, tmp_path, out):
    """Two files of one system, each judged three times: six repeats, with the paper's interval over them."""
    runs = [
        written(tmp_path / f"{number}.jsonl", predictions("s", lambda d, _, n=number: d % (n + 2) == 0, dialogues=6))
        for number in range(2)
    ]
    done = proutt("evaluate", *runs, *at(judge), "--embed", "none", "--control", "none", "--repeats", 3, "--out", out)
    assert done.returncode == 0, done.stderr
    found = row(results_in(out), "s")
    assert found["repeats"] == 6
    assert found["best"]["mean"] == pytest.approx((0.2 + 0.7 / 2 + 0.2 + 0.7 / 3) / 2)
    low, high = found["best_repeat_interval"]
    assert low < found["best"]["mean"] < high


def test_no_suggestion_counts_nothing_and_an_unanswered_question_says_nothing(judge, tmp_path, out):
    """A silent case is 0; a case that the judge fails on is left out, recorded, and the exit code says so."""
    records = predictions("s", lambda *_: True, dialogues=4)
    records[0] = prediction("s", "d0", 1, [])
    judge.answer = lambda body: Answer("no", status=500) if "s 3 2 0" in str(body) else scores_right_high(body)
    file = written(tmp_path / "p.jsonl", records)
    done = proutt("evaluate", file, *at(judge), "--embed", "none", "--control", "none", "--out", out)
    assert done.returncode == 1, done.stderr
    found = row(results_in(out), "s")
    assert (found["cases"], found["silent"], found["unjudged"]) == (7, 1, 1)
    assert found["best"]["mean"] == pytest.approx(0.9 * 6 / 7)
    (failure,) = lines(out / "failures.jsonl")
    assert (failure["dialogue_id"], failure["k"], failure["rank"]) == ("d3", 2, 1)


def test_tables_are_rebuilt_without_a_call_to_the_last_byte(judge, few, out):
    """From what is stored alone, with the server gone."""
    assert proutt("evaluate", *few, *at(judge), "--embed", "none", "--out", out).returncode == 0
    names = ("results.json", "tables.md", "tables.tex", "scores.csv", "comparisons.csv", "controls.csv")
    before = {name: (out / name).read_bytes() for name in names}
    asked = len(judge.requests)
    for name in names:
        (out / name).unlink()
    done = proutt("evaluate", "tables", out)
    assert done.returncode == 0, done.stderr
    assert {name: (out / name).read_bytes() for name in names} == before
    assert len(judge.requests) == asked


def test_the_same_command_again_pays_nothing(judge, few, out):
    """And changes no byte of what was written; other settings are refused."""
    command = ("evaluate", *few, *at(judge), "--embed", "none", "--out", out)
    assert proutt(*command).returncode == 0
    before = {path.name: path.read_bytes() for path in out.glob("*.json*")}
    asked = len(judge.requests)
    assert proutt(*command).returncode == 0
    assert len(judge.requests) == asked
    assert {path.name: path.read_bytes() for path in out.glob("*.json*")} == before
    refused = proutt(*command, "--seed", 3)
    assert refused.returncode == 2
    assert "seed: 0 → 3" in refused.stderr


def test_killed_and_resumed_nothing_is_paid_twice(judge, few, out):
    """A kill in the middle; the same command then does the rest, and ends as if nothing had been."""
    from runs.command import started

    command = ("evaluate", *few, *at(judge), "--embed", "none", "--concurrency", 1, "--out", out)
    process = None

    def answer(body):
        if len(judge.requests) == 40:
            process.send_signal(signal.SIGKILL)
        return scores_right_high(body)

    judge.answer = answer
    process = started(*command)
    process.communicate()
    asked = len(judge.requests)
    judge.answer = scores_right_high
    done = proutt(*command)
    assert done.returncode == 0, done.stderr
    assert paid_twice(judge) <= 1  # the one in flight when it was killed
    again = proutt(*command[:-1], out.with_name("whole"))
    assert again.returncode == 0
    assert len(judge.requests) > asked
    assert (out / "scores.jsonl").read_bytes() == (out.with_name("whole") / "scores.jsonl").read_bytes()


def test_a_ceiling_stops_it_and_the_same_command_goes_on(judge, few, out):
    """Exit code 3, with what was judged so far in the tables; then, without the ceiling, the rest."""
    command = ("evaluate", *few, *at(judge), "--embed", "none", "--concurrency", 1, "--out", out)
    done = proutt(*command, "--max-tokens", 200)
    assert done.returncode == 3, done.stderr
    assert results_in(out)["evaluation"]["complete"] is False
    assert proutt(*command).returncode == 0
    assert results_in(out)["evaluation"]["complete"] is True
    assert paid_twice(judge) == 0


def test_a_judge_of_the_generators_family_is_warned_of_and_recorded(judge, tmp_path, out):
    """Qwen judging Qwen: said before anything is paid, and kept."""
    file = written(tmp_path / "p.jsonl", predictions("s", lambda *_: True, dialogues=2, model="Qwen/Qwen3-8B"))
    done = proutt("evaluate", file, "--judge", "qwen-max", "--base-url", judge.url, "--embed", "none", "--out", out)
    assert "family qwen" in done.stderr
    assert results_in(out)["evaluation"]["same_family"] == ["s"]


def test_datasets_have_rows_of_their_own(judge, tmp_path, out):
    """By the files that the dialogues came from; all of them together come last."""
    records = [
        *predictions("s", lambda *_: True, dialogues=3, source="data/lmsys.jsonl:3"),
        *(each.model_copy(update={"dialogue_id": f"w{each.dialogue_id}", "source": "hf:owner/woz:test:9"})
          for each in predictions("s", lambda *_: False, dialogues=3)),
    ]  # fmt: skip
    done = proutt("evaluate", written(tmp_path / "p.jsonl", records), *at(judge), "--embed", "none", "--out", out)
    assert done.returncode == 0, done.stderr
    assert row(results_in(out), "s", "lmsys")["best"]["mean"] == pytest.approx(0.9)
    assert row(results_in(out), "s", "owner/woz")["best"]["mean"] == pytest.approx(0.2)
    assert row(results_in(out), "s", "all")["best"]["mean"] == pytest.approx(0.55)


def test_a_dry_run_counts_the_calls_and_makes_none(judge, few, out):
    """As many as are then made."""
    done = proutt("evaluate", *few, *at(judge), "--embed", "none", "--dry-run", "--json")
    estimate = json.loads(done.stdout)
    assert judge.requests == []
    proutt("evaluate", *few, *at(judge), "--embed", "none", "--out", out)
    assert estimate["calls"] == len(judge.requests)


def test_a_configuration_file_will_do(judge, few, out, tmp_path):
    """Flags go first; a mistake is named with its line and the nearest key."""
    config = tmp_path / "evaluate.yaml"
    config.write_text(f"judge: m\nbase_url: {judge.url}\nembed: none\ncontrol: [none]\nlimit: 2\nrepeats: 2\n")
    order = ("evaluate", *few, "--config", config, "--dry-run", "--json")
    twice, once = (json.loads(proutt(*order, *more).stdout)["calls"] for more in ((), ("--repeats", "1")))
    assert twice == 2 * once > 0
    config.write_text("judge: m\nrepeat: 2\n")
    wrong = proutt(*order)
    assert wrong.stderr == f"Error: {config}:2: unknown key 'repeat'. Did you mean 'repeats'?\n"
    assert wrong.returncode == 2


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nowhere.jsonl", "--out", "x"), "there are no predictions here"),
        (("--out", "x"), "no predictions named"),
        (("pairwise", "nowhere.jsonl", "--out", "x"), "no judge named"),
        (("tables", "nowhere"), "is no evaluation"),
    ],
)
def test_what_can_be_mended_is_one_line(arguments, said, tmp_path, monkeypatch):
    """Exit code 2, and a remedy."""
    monkeypatch.chdir(tmp_path)
    done = proutt("evaluate", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_line_that_is_no_prediction_is_named(tmp_path):
    """By file and line."""
    file = tmp_path / "p.jsonl"
    file.write_text(prediction("s", "d", 1, ["x"]).model_dump_json() + '\n{"a": 1}\n', encoding="utf-8")
    done = proutt("evaluate", file, "--out", tmp_path / "o")
    assert done.returncode == 2
    assert f"{file}:2: not a prediction" in done.stderr


def test_a_mistyped_command_is_not_taken_for_a_file(tmp_path, monkeypatch):
    """It says what was meant; a file of that name is still a file."""
    monkeypatch.chdir(tmp_path)
    done = proutt("evaluate", "agreemnt", "people")
    assert done.returncode == 2
    assert "did you mean 'agreement'?" in done.stderr
    (tmp_path / "agreemnt").touch()
    assert "did you mean" not in proutt("evaluate", "agreemnt").stderr


# Pairwise.


def test_a_win_is_what_both_orders_agree_on(judge, two, out):
    """Good alone is right in 7 of 12 dialogues, poor alone in 1, both or none in 4; the judge is consistent."""
    done = proutt("evaluate", "pairwise", *two, *at(judge), "--out", out)
    assert done.returncode == 0, done.stderr
    (pair,) = results_in(out)["results"]["pairs"]
    counts = {
        "win": sum(number % 4 != 0 and number % 6 != 0 for number in range(12)),
        "loss": sum(number % 4 == 0 and number % 6 == 0 for number in range(12)),
    }
    assert pair["win"]["mean"] == pytest.approx(counts["win"] / 12)
    assert pair["loss"]["mean"] == pytest.approx(counts["loss"] / 12)
    assert pair["position_consistency"]["mean"] == 1.0
    assert pair["biased"] is False
    assert pair["comparison"]["finding"] == "a is better"
    assert len(lines(out / "verdicts.jsonl")) == 2 * 24
    strengths = results_in(out)["results"]["rankings"][0]["strengths"]
    assert [each["system"] for each in strengths] == ["good", "poor"]


def test_a_judge_that_always_prefers_the_first_is_biased_and_yields_no_winner(judge, two, out):
    """Every comparison a tie, fairness 1, consistency 0, and the finding is none."""
    judge.answer = prefers_first
    done = proutt("evaluate", "pairwise", *two, *at(judge), "--out", out)
    assert done.returncode == 0, done.stderr
    (pair,) = results_in(out)["results"]["pairs"]
    assert (pair["win"]["mean"], pair["tie"]["mean"], pair["loss"]["mean"]) == (0, 1, 0)
    assert (pair["preference_fairness"]["mean"], pair["position_consistency"]["mean"]) == (1, 0)
    assert pair["biased"] is True
    assert pair["comparison"]["finding"] == "inconclusive"
    assert "judge is biased" in done.stdout


def test_one_order_is_drawn_by_chance_as_in_the_paper(judge, two, out):
    """Half the calls; each system is shown first about as often; bias can't be told, and is not claimed."""
    judge.answer = prefers_first
    done = proutt("evaluate", "pairwise", *two, *at(judge), "--orders", "one", "--out", out)
    assert done.returncode == 0, done.stderr
    verdicts = lines(out / "verdicts.jsonl")
    assert len(verdicts) == 24
    assert 6 <= sum(each["first"] == "a" for each in verdicts) <= 18
    (pair,) = results_in(out)["results"]["pairs"]
    assert pair["biased"] is None
    assert pair["first_preferred"]["mean"] == 1.0


def test_several_systems_are_ranked(judge, tmp_path, out):
    """Three systems: three pairs, one ranking with intervals."""
    files = [
        written(tmp_path / f"{name}.jsonl", predictions(name, lambda number, _, m=m: number % m == 0, dialogues=24))
        for name, m in (("one", 2), ("two", 3), ("three", 5))
    ]
    done = proutt("evaluate", "pairwise", *files, *at(judge), "--out", out)
    assert done.returncode == 0, done.stderr
    found = results_in(out)["results"]
    assert len(found["pairs"]) == 3
    (ranking,) = found["rankings"]
    assert [each["system"] for each in ranking["strengths"]] == ["one", "two", "three"]
    assert all(each["low"] < each["theta"] < each["high"] for each in ranking["strengths"])
    before = (out / "tables.md").read_bytes()
    assert proutt("evaluate", "tables", out).returncode == 0
    assert (out / "tables.md").read_bytes() == before


def test_markup_in_names_is_shown_not_obeyed(judge, tmp_path, out):
    """In Markdown, LaTeX, CSV and on screen."""
    name = "=1+1|<script>[red]\x1b[2J_&%"
    file = written(tmp_path / "p.jsonl", predictions(name, lambda *_: True, dialogues=2))
    done = proutt("evaluate", file, *at(judge), "--embed", "none", "--control", "none", "--out", out)
    assert done.returncode == 0, done.stderr
    assert "\x1b[2J" not in done.stdout
    assert "[red]" in done.stdout
    assert "<script>" not in (out / "tables.md").read_text(encoding="utf-8").replace("\\<script\\>", "")
    assert "\\_\\&\\%" in (out / "tables.tex").read_text(encoding="utf-8")
    assert "'=1+1" in (out / "scores.csv").read_text(encoding="utf-8")


# Plan.


def test_a_plan_says_how_many_test_cases_a_difference_needs():
    """785 for three points at a spread of 0.3, more for several comparisons and for several cases a dialogue."""
    from click.testing import CliRunner

    def cases(*more: str) -> int:
        done = CliRunner().invoke(cli, ["evaluate", "plan", "--difference", "0.03", "--json", *more])
        return json.loads(done.output)["cases"]

    assert cases() == 785
    assert cases("--comparisons", "10") > 1200
    assert cases("--per-dialogue", "4") == pytest.approx(2.5 * 785, abs=3)


# Figures and agreement.


def test_figures_are_drawn_and_drawn_again_the_same(judge, few, out):
    """Figure 3 of comparisons, figure 6 of scores, as SVG byte for byte."""
    pytest.importorskip("matplotlib")
    done = proutt("evaluate", "pairwise", *few, *at(judge), "--figures", "svg", "--out", out)
    assert done.returncode == 0, done.stderr
    before = (out / "figure-3.svg").read_bytes()
    assert proutt("evaluate", "tables", out, "--figures", "svg", "--figures", "png", "--quiet").returncode == 0
    assert (out / "figure-3.svg").read_bytes() == before
    assert (out / "figure-3.png").is_file()
    scores = out.with_name("scores")
    proutt("evaluate", *few, *at(judge), "--embed", "none", "--figures", "svg", "--quiet", "--out", scores)
    assert "control: random-candidate" in (scores / "figure-6.svg").read_text(encoding="utf-8")


def test_agreement_of_a_judge_with_itself_is_whole(judge, few, out):
    """Two judges of one mind: κ is 1, on screen and in the file."""
    for name in ("m", "n"):
        arguments = ("--judge", name, "--base-url", judge.url, "--out", out / name)
        assert proutt("evaluate", "pairwise", *few, *arguments, "--quiet").returncode == 0
    done = proutt("evaluate", "agreement", out / "m", out / "n", "--out", out / "agreement")
    assert done.returncode == 0, done.stderr
    found = json.loads((out / "agreement" / "agreement.json").read_text(encoding="utf-8"))
    (pair,) = found["groups"][0]["pairs"]
    assert (pair["one"], pair["other"], pair["kappa"]["mean"]) == ("m", "n", 1.0)
    assert "Agreement of two raters" in done.stdout

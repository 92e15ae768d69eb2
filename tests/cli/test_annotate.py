"""`proutt annotate` as it is run: a link, answers, files that `proutt evaluate agreement` reads."""

from __future__ import annotations

import json
import signal
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from runs.command import lines, started
from runs.here import proutt
from web.suggested import suggested


def judged(arguments: list[Any], answers: dict[str, list[str]]) -> dict[str, Any]:
    """Serve, let each person answer in turn over HTTP as the page does, stop; the results that were printed."""
    process = started("annotate", *arguments, "--port", 0, "--json")
    assert process.stdout is not None
    try:
        link = json.loads(process.stdout.readline())["link"]
        address, _, key = link.partition("/#")

        def ask(what: str, **body: Any) -> dict[str, Any]:
            request = urllib.request.Request(
                f"{address}/api/{what}",
                data=json.dumps(body).encode(),
                headers={"Origin": address, "X-Proutt-Key": key},
            )
            with urllib.request.urlopen(request, timeout=60) as answer:
                found: dict[str, Any] = json.load(answer)
            return found

        for name, said in answers.items():
            shown = ask("next", name=name)
            for each in said:
                shown = ask("answer", name=name, item=shown["item"], said=each, seconds=2.5)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 0, err
    results: dict[str, Any] = json.loads(out)
    return results


@pytest.fixture
def arguments(tmp_path) -> list[Any]:
    return [*suggested(tmp_path, 4, source="data/lmsys.jsonl:1"), "--out", tmp_path / "people", "--batch", 4]


def test_answers_go_on_to_evaluate(arguments, tmp_path):
    """What people said is what `proutt evaluate agreement` counts: two raters, the data set, the same rate."""
    results = judged(arguments, {"Ann": ["tie"] * 8, "Ben": ["tie"] * 6 + ["first"] * 2})
    assert [row["valid"] for row in results["agreement"]["batches"]] == [True, False]
    assert results["agreement"]["all"]["agreement"] == 0.75
    found = proutt("evaluate", "agreement", tmp_path / "people", "--json")
    assert found.returncode == 0, found.stderr
    (group,) = json.loads(found.stdout)["groups"]
    (pair,) = group["pairs"]
    assert (group["dataset"], pair["one"], pair["other"]) == ("lmsys", "Ann", "Ben")
    assert (pair["items"], pair["raw_agreement"]) == (8, 0.75)


def test_results_are_the_same_again_without_serving(arguments, tmp_path):
    """--results writes the files anew from the answers, to the last byte, and prints what was found."""
    judged(arguments, {"Ann": ["tie"] * 4 + ["first"], "Ben": ["tie"] * 4})
    folder: Path = tmp_path / "people"
    before = {path.name: path.read_bytes() for path in folder.glob("*.json*")}
    for name in before:
        (folder / name).unlink()
    done = proutt("annotate", *arguments, "--results")
    assert done.returncode == 0, done.stderr
    assert "finished: 1 of 2" in done.stdout
    assert "agreement 1.00" in done.stdout
    assert {path.name: path.read_bytes() for path in folder.glob("*.json*")} == before
    assert set(before) == {"verdicts.jsonl", "cases.jsonl", "results.json"}


def test_who_does_not_come_back_is_released(arguments, tmp_path):
    """--release NAME sets their unfinished batch aside and says how much that was."""
    judged(arguments, {"Ann": ["tie"] * 4, "Ben": ["first"]})
    done = proutt("annotate", *arguments, "--results", "--release", "Ben")
    assert "Set aside: 1 answers of Ben." in done.stdout
    assert {each["rater"] for each in lines(tmp_path / "people" / "verdicts.jsonl")} == {"Ann"}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (["--out", "people"], "no predictions named"),
        (["PREDICTIONS"], "no folder named"),
        (["PREDICTIONS", "--out", "OUT", "--host", "0.0.0.0"], "every address"),
        (["PREDICTIONS", "--out", "OUT", "--seed", "1"], "other seed"),
        (["/nowhere", "--out", "OUT"], "no predictions here"),
    ],
    ids=str,
)
def test_what_is_missing_or_wrong_is_told_in_one_line(arguments, tmp_path, given, said):
    """Exit code 2, one line with the remedy, no traceback."""
    if "--seed" in given:
        assert proutt("annotate", *arguments, "--results", "--quiet").returncode == 0
        given = [*given, "--batch", 4, "--results"]
    files = {"PREDICTIONS": arguments[:2], "OUT": [tmp_path / "people"]}
    done = proutt("annotate", *(part for each in given for part in files.get(each, [each])))
    assert done.returncode == 2
    assert said in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1

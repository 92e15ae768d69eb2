"""`proutt audit`: verdicts, exit codes, files, a second judge, a clean copy."""

from __future__ import annotations

import io
import json
from importlib.util import find_spec

import pytest
from click.testing import CliRunner

from proutt.cli.audit import command
from proutt.cli.audit_progress import Ticker, rows_of
from proutt.errors import UserError
from proutt.export import ExportSettings, export_pairs
from proutt.export.reading.places import data_files
from quality.audit.pairs import clean_pair, with_candidate

BALANCED = ("--skip", "chosen-longer", "--skip", "length-difference", "--skip", "length-alone")


def written(folder, pairs):
    """A run directory of these pairs."""
    folder.mkdir(exist_ok=True)
    text = "".join(f"{pair.model_dump_json()}\n" for pair in pairs)
    (folder / "pairs.jsonl").write_text(text, encoding="utf-8", newline="\n")
    return folder


def faulty(number=0):
    """A pair whose chosen side says one thing twice."""
    pair = clean_pair(dialogue_id=f"faulty{number}")
    said = {"utterance": pair.chosen.candidates[2].utterance}
    predicted = [*pair.candidates[:3], pair.candidates[3].model_copy(update=said)]
    return with_candidate(pair.model_copy(update={"candidates": predicted}), "chosen", 3, **said)


def audit(*arguments, columns=100):
    """The command as its user calls it."""
    runner = CliRunner(env={"COLUMNS": str(columns)})
    return runner.invoke(command, [*map(str, arguments), *BALANCED], catch_exceptions=False)


@pytest.fixture
def clean(tmp_path):
    return written(tmp_path / "clean", [clean_pair(), clean_pair("zh", dialogue_id="d2")])


@pytest.fixture
def flawed(tmp_path):
    """Two clean pairs, a faulty one, and one that failed its verification."""
    pairs = [clean_pair(), faulty(), clean_pair("zh", dialogue_id="d2"), clean_pair(dialogue_id="d3", verified=False)]
    return written(tmp_path / "flawed", pairs)


def test_a_clean_run_passes(clean):
    """Exit code 0, a line for each check that applies, and why the others do not."""
    result = audit(clean)
    assert result.exit_code == 0
    assert "truth-in-reasoning" in result.output
    assert "Not applicable, needs --max-length: equal-after-truncation, cut-off" in result.output
    assert result.output.splitlines()[-1] == "2 rows, 0 with errors. Passed."


def test_a_flawed_run_fails_with_exit_code_1_and_names_an_example(flawed):
    """What, where, and how many."""
    result = audit(flawed)
    assert result.exit_code == 1
    assert "repetition: faulty0:2 (chosen prediction 4): it is prediction 3 again" in result.output
    assert "Left out: 1 not verified" in result.output
    assert result.output.splitlines()[-1] == "3 rows, 1 with errors. Failed."


def test_a_table_fits_a_narrow_terminal(flawed):
    """80 columns hold every verdict whole."""
    result = audit(flawed, columns=80)
    table = [line for line in result.output.splitlines() if line.startswith(" ") and line.strip()]
    verdicts = {line.split()[0]: line.split()[-1] for line in table[2:]}
    assert verdicts["repetition"] == "fail"
    assert set(verdicts.values()) == {"pass", "fail"}
    assert {"sentence-type-contract", "unstated-tree-value"} <= set(verdicts)
    assert all(len(line) <= 80 for line in table)


def test_flags_and_summary_go_into_the_run(flawed):
    """One flag a line; the summary has a verdict for every check."""
    audit(flawed)
    flags = [json.loads(line) for line in (flawed / "audit" / "flags.jsonl").read_text("utf-8").splitlines()]
    summary = json.loads((flawed / "audit" / "audit.json").read_text("utf-8"))
    (repeated,) = [flag for flag in flags if flag["check"] == "repetition"]
    assert set(repeated) == {"id", "where", "check", "severity", "place", "reason", "evidence"}
    assert repeated["where"].endswith("pairs.jsonl:2")
    assert (summary["version"], summary["rows"], summary["passed"]) == (1, 3, False)
    assert {check["name"]: check["verdict"] for check in summary["checks"]}["repetition"] == "fail"
    assert sorted(each.name for each in (flawed / "audit").iterdir()) == ["audit.json", "flags.jsonl"]


def test_json_prints_the_summary(flawed):
    """The same as the file, for machines, and the same exit code."""
    result = audit(flawed, "--json")
    assert result.exit_code == 1
    assert json.loads(result.output) == json.loads((flawed / "audit" / "audit.json").read_text("utf-8"))


def test_unverified_pairs_are_audited_on_request(flawed):
    """Exports leave them out, and so does an audit."""
    assert audit(flawed, "--include-unverified").output.splitlines()[-1].startswith("4 rows")


def test_thresholds_of_the_user_s_decide(flawed, tmp_path):
    """A third of the rows may be flagged here."""
    own = tmp_path / "own.yaml"
    own.write_text("repetition: 0.5\n", encoding="utf-8")
    assert audit(flawed, "--thresholds", own).exit_code == 0


def test_checks_can_be_chosen(flawed):
    """Only what was asked for is in the table."""
    result = audit(flawed, "--only", "secrets", "--json")
    assert [check["name"] for check in json.loads(result.output)["checks"]] == ["secrets"]


@pytest.mark.parametrize("target", ["trl-preference", "llamafactory-preference"])
def test_training_files_are_audited_too(flawed, tmp_path, target):
    """What a file does not hold is not applicable; what it holds is found."""
    from proutt.runs.pairs import read_pairs

    export_pairs(read_pairs(flawed), tmp_path / "out", ExportSettings(format=target))
    result = audit(tmp_path / "out" / "train.jsonl", "--out", tmp_path / "audited")
    assert result.exit_code == 1
    assert "repetition: " in result.output
    assert "Not applicable, needs the record" in result.output
    assert (tmp_path / "audited" / "audit.json").is_file()
    assert not (tmp_path / "out" / "audit").exists()


def test_a_clean_copy_of_a_run_leaves_out_what_errors_flag(flawed, tmp_path):
    """The lines that stay are the same bytes; the others are listed with their reasons."""
    copy = tmp_path / "kept.jsonl"
    result = audit(flawed, "--write-clean", copy)
    lines = (flawed / "pairs.jsonl").read_bytes().splitlines(keepends=True)
    assert copy.read_bytes() == lines[0] + lines[2]
    left = [json.loads(line) for line in (tmp_path / "kept.jsonl.left-out.jsonl").read_text("utf-8").splitlines()]
    assert [(each["id"], each["reasons"]) for each in left] == [
        ("faulty0:2", ["repetition"]),
        ("d3:2", ["not verified"]),
    ]
    assert "2 rows; 2 left out" in result.output
    assert audit(copy).exit_code == 0


def test_a_clean_copy_of_a_split_has_its_files(tmp_path):
    """A folder of several files becomes a folder of several files."""
    source = tmp_path / "data"
    source.mkdir()
    row = {"prompt": "Say it.", "chosen": "Yes, at once.", "rejected": "No, never."}
    twin = {**row, "rejected": "Yes, at once."}
    for name, rows in (("train.jsonl", [row, twin]), ("test.jsonl", [{**row, "prompt": "Sing a song."}])):
        (source / name).write_text("".join(json.dumps(each) + "\n" for each in rows), encoding="utf-8")
    audit(source, "--write-clean", tmp_path / "kept")
    assert len((tmp_path / "kept" / "train.jsonl").read_text("utf-8").splitlines()) == 1
    assert (tmp_path / "kept" / "test.jsonl").read_bytes() == (source / "test.jsonl").read_bytes()


def test_a_row_that_cannot_be_read_fails_the_audit_and_stops_nothing(flawed):
    """It is counted, named and left out of the clean copy."""
    path = flawed / "pairs.jsonl"
    path.write_text(path.read_text("utf-8") + "{broken\n", encoding="utf-8")
    result = audit(path, "--only", "secrets", "--write-clean", flawed.parent / "kept.jsonl")
    assert result.exit_code == 1
    assert "Left out: 1 unreadable" in result.output
    assert "pairs.jsonl:5" in result.output
    assert "broken" not in (flawed.parent / "kept.jsonl").read_text("utf-8")


def test_text_of_the_data_never_reaches_the_terminal_as_control(tmp_path):
    """Escapes are shown as codes."""
    pair = clean_pair(dialogue_id="\x1b[31mred")
    run = written(tmp_path / "run", [with_candidate(pair, "chosen", 0, utterance="\x1b[31m Where is the {zoo}?")])
    result = audit(run)
    assert "prompt-artefacts" in result.output
    assert "\x1b[31m" not in result.output


def test_the_list_has_every_check_with_its_figures(tmp_path):
    """As it would be used, the user's thresholds included."""
    own = tmp_path / "own.yaml"
    own.write_text("low-contrast: {limit: 0.25}\n", encoding="utf-8")
    text = CliRunner(env={"COLUMNS": "200"}).invoke(command, ["--list", "--thresholds", str(own)]).output
    entries = json.loads(CliRunner().invoke(command, ["--list", "--json", "--only", "low-contrast"]).output)
    assert "at most 25% of rows; similarity 0.9" in text
    assert "truth-in-reasoning" in text
    assert (entries[0]["limit"], entries[0]["similarity"]) == (0.1, 0.9)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "there is nothing to audit"),
        (("none.jsonl",), "none.jsonl"),
        (("{run}", "--only", "secrts"), "Did you mean 'secrets'"),
        (("{run}", "--write-clean", "{run}/pairs.jsonl"), "is the file under audit"),
        (("{run}/pairs.jsonl", "--format", "nope"), "nope"),
    ],
)
def test_what_the_user_can_mend_is_one_line(clean, arguments, said):
    """Exit code 2, by way of UserError."""
    with pytest.raises(UserError, match=said):
        audit(*(each.format(run=clean) for each in arguments))


# A second judge -------------------------------------------------------------------------------------------------------


def judged(run, server, *more):
    return audit(run, "--rejudge", "other", "--base-url", server.url, "--sample", "6", *more)


def test_a_second_judge_scores_a_sample(tmp_path, server):
    """κ and flip rate with their intervals, and what they rest on."""
    run = written(tmp_path / "run", [clean_pair(dialogue_id=f"d{number}") for number in range(8)])
    result = judged(run, server, "--json")
    noise = json.loads(result.output)["judged_again"]
    assert (noise["judge"], noise["pairs"], noise["dialogues"], noise["unanswered"]) == ("other", 6, 6, 0)
    assert 0 <= noise["flips"] <= 1
    assert noise["flips_interval"][0] <= noise["flips"] <= noise["flips_interval"][1]
    by_name = {check["name"]: check for check in json.loads(result.output)["checks"]}
    assert by_name["judge-flips"]["looked"] == 6


def test_a_second_audit_does_not_pay_again(tmp_path, server):
    """Its answers are in the audit's folder."""
    run = written(tmp_path / "run", [clean_pair(dialogue_id=f"d{number}") for number in range(3)])
    first = judged(run, server, "--json").output
    asked = len(server.requests)
    second = judged(run, server, "--json").output
    assert asked == 3
    assert len(server.requests) == asked
    assert json.loads(first) == json.loads(second)


def test_a_second_judge_needs_records_with_scores(tmp_path, server):
    """Texts alone have no truth to judge against."""
    path = tmp_path / "rows.jsonl"
    path.write_text('{"prompt": "Say it.", "chosen": "Yes.", "rejected": "No."}\n', encoding="utf-8")
    with pytest.raises(UserError, match="no row has a record with scores"):
        judged(path, server, "--out", tmp_path / "audited")


# Progress -------------------------------------------------------------------------------------------------------------


def test_progress_says_when_it_will_be_done():
    """Where the rows were counted."""
    ticker = Ticker(300, quiet=False, stream=io.StringIO())
    for _ in range(100):
        ticker.tick()
    assert ticker.line(10.0) == "Audited 100 of 300 rows, 10 a second, about 0:20 left"


def test_rows_are_counted_where_that_is_quick(flawed, tmp_path):
    """Lines; arrays and tables are not read for it."""
    (tmp_path / "rows.json").write_text('[{"prompt": "p", "chosen": "a", "rejected": "b"}]', encoding="utf-8")
    assert rows_of(data_files(flawed)) == 4
    assert rows_of(data_files(tmp_path / "rows.json")) is None


def assert_found_alike(engine, flawed, tmp_path):
    """Workers of an engine find what the audit finds by itself, to the byte."""
    rows = tmp_path / "rows.jsonl"
    lines = (flawed / "pairs.jsonl").read_text("utf-8").splitlines() * 5
    rows.write_text("\n".join([*lines[:17], "{", *lines[17:], "[]"]), encoding="utf-8")
    written = []
    for options in ((), ("--engine", engine, "--workers", "2")):
        out = tmp_path / f"out{len(options)}"
        result = audit(rows, "--out", out, "--write-clean", tmp_path / f"clean{len(options)}" / "rows.jsonl", *options)
        assert result.exit_code == 1
        names = (out / "flags.jsonl", out / "audit.json", *sorted((tmp_path / f"clean{len(options)}").iterdir()))
        written.append([path.read_bytes() for path in names])
    assert written[0] == written[1]
    assert json.loads(written[0][1])["left_out"] == {"not verified": 5, "unreadable": 2}
    assert written[0][0].count(b"faulty") >= 5


def test_several_processes_find_the_same(flawed, tmp_path):
    """Rows in their order, the bad ones among them: flags, summary and the list of what was left out."""
    assert_found_alike("processes", flawed, tmp_path)


@pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed (make ray)")
def test_actors_of_a_cluster_find_the_same(flawed, tmp_path):
    """The rows go to them and the outcomes come back: nothing is read where they are."""
    assert_found_alike("ray", flawed, tmp_path)


@pytest.mark.skipif(find_spec("ray") is not None, reason="Ray is installed")
def test_a_missing_extra_is_named(flawed):
    """Before anything of an earlier audit is written over."""
    before = sorted(flawed.rglob("*"))
    with pytest.raises(UserError, match=r"--engine ray: Ray is not installed. pip install 'proutt\[ray\]'"):
        audit(flawed, "--engine", "ray")
    assert [path for path in sorted(flawed.rglob("*")) if path.is_file()] == [path for path in before if path.is_file()]


def test_workers_without_an_engine_are_refused(flawed):
    """As everywhere else."""
    with pytest.raises(UserError, match=r"--workers.*Give --engine"):
        audit(flawed, "--workers", "2")

"""`proutt show`: a pair that a person can read, and text that cannot act on the terminal."""

from __future__ import annotations

import json
import unicodedata

import pytest
from click.testing import CliRunner

from proutt.cli.show import command, find_pair
from proutt.errors import UserError
from records import HOSTILE, a_baseline_pair, a_hostile_pair, a_pair
from released_rows import processed_preference, processed_sft, raw_row


@pytest.fixture
def show(tmp_path):
    """Run the command on a run directory of the given pairs, in a terminal so many columns wide."""

    def run(pairs, *arguments: str, columns: int = 80) -> str:
        lines = "".join(f"{pair.model_dump_json()}\n" for pair in pairs)
        (tmp_path / "pairs.jsonl").write_text(lines, encoding="utf-8")
        result = CliRunner(env={"COLUMNS": str(columns)}).invoke(
            command, [str(tmp_path), *arguments], catch_exceptions=False
        )
        assert result.exit_code == 0, result.output
        return result.output

    return run


def test_the_first_pair_is_shown_whole(show):
    """Context, tree, truth, scores, branch, edits with their turns, verification and both sides are there."""
    text = show([a_pair(), a_pair(dialogue_id="other")])
    for part in ("d1:2", "branch middle", "J_max 0.50", "By tram, every 15 minutes.", "Destination: Lyon"):
        assert part in text
    assert "When does the last tram leave?" in text
    assert "candidate 1 ← the true path of turn 3: Travel → LastDeparture" in text
    assert "candidate 1 ← a path of turn 5: Travel → Pets - dog" in text
    assert "chosen 0.90 0.10 0.10 0.10" in text
    assert "other" not in text.split("Context")[0]


def test_differences_read_without_colour(show):
    """What only one side says stands between marks of that side."""
    text = show([a_pair()])
    assert "{+When is the last tram?+}" in text
    assert "[-I travel with a dog.-]" in text
    assert "Is there a student discount?" in text


@pytest.mark.parametrize(("columns", "same_line"), [(120, True), (99, False)])
def test_narrow_terminals_show_one_side_above_the_other(show, columns, same_line):
    """From 100 columns on the sides stand side by side."""
    lines = show([a_pair()], columns=columns).splitlines()
    assert any("When is the last tram?" in line and "I travel with a dog." in line for line in lines) is same_line


@pytest.mark.parametrize("ablate", [("intent-tree",), ("sentence-type",), ("intent-tree", "sentence-type")])
def test_an_ablated_pair_shows_what_it_has(show, ablate):
    """What was left out is not shown as empty."""
    text = show([a_pair(ablate=ablate)])
    assert ("Intent tree" in text) is ("intent-tree" not in ablate)
    assert ("Sentence type" in text) is ("sentence-type" not in ablate)


def test_a_pair_that_was_not_checked_says_so(show):
    """No verification is not a failed one."""
    assert "switched off" in show([a_pair(verification=None)])


@pytest.mark.parametrize("columns", [80, 140])
def test_no_control_character_reaches_the_terminal(show, columns):
    """Escapes and direction marks of a dialogue are shown as codes; its markup is text."""
    text = show([a_hostile_pair()], columns=columns)
    assert not {char for char in text if unicodedata.category(char) in {"Cc", "Cf"} and char != "\n"}
    assert "\\u001b" in text
    assert "[bold]x[/bold]" in text.replace("\n", "")


def test_long_context_is_cut_unless_all_is_asked_for(show):
    """The first screen is about the pair, not about a long answer."""
    turns = [{"user": "hi", "assistant": "long " * 200 + "END"}]
    pair = a_pair(context={"turns": turns}, k=1)
    assert "END" not in show([pair])
    assert "more characters" in show([pair])
    assert "END" in show([pair], "--full")


def test_list_has_a_line_for_each_pair(show):
    """Each names its pair as `proutt show` takes it."""
    lines = show([a_pair(), a_pair(dialogue_id="d2", language="zh"), a_hostile_pair(verified=False)], "--list")
    assert [line.split("  ")[0] for line in lines.splitlines()] == ["d1:2", "d2:2", 'a/b:"c":1']
    assert "not verified" in lines.splitlines()[2]


def test_json_prints_the_record(show):
    """For scripts: the line of pairs.jsonl, laid out."""
    assert json.loads(show([a_hostile_pair()], "--json")) == json.loads(a_hostile_pair().model_dump_json())


@pytest.mark.parametrize(
    ("pair_id", "found"),
    [
        (None, ("a", 1)),
        ("a", ("a", 1)),
        ("a:2", ("a", 2)),
        ("x:y", ("x:y", 3)),
        ("x:y:3", ("x:y", 3)),
        ("a:1", ("a:1", 2)),  # an id goes before an id with a K
    ],
)
def test_an_id_may_hold_colons(pair_id, found, tmp_path):
    """A pair is named by its dialogue, or by dialogue and K."""
    pairs = [a_pair(dialogue_id=name, k=k) for name, k in [("a", 1), ("a", 2), ("x:y", 3), ("a:1", 2)]]
    pair = find_pair(iter(pairs), pair_id, tmp_path)
    assert (pair.dialogue_id, pair.k) == found


@pytest.mark.parametrize(("pairs", "message"), [([a_pair()], "no pair 'nope'.*--list"), ([], "no pair")])
def test_an_unknown_id_is_an_error_with_a_remedy(pairs, message, tmp_path):
    """The message says how to find the ids."""
    with pytest.raises(UserError, match=message):
        find_pair(iter(pairs), "nope", tmp_path)


def test_a_run_without_pairs_says_so(tmp_path):
    """There is no first pair."""
    with pytest.raises(UserError, match="the run has no pairs"):
        find_pair(iter([]), None, tmp_path)


@pytest.fixture
def show_rows(tmp_path):
    """Run the command on a file of rows that hold no record."""

    def run(rows, *arguments: str, columns: int = 80) -> str:
        (tmp_path / "rows.json").write_text(json.dumps(rows), encoding="utf-8")
        result = CliRunner(env={"COLUMNS": str(columns)}).invoke(
            command, [str(tmp_path / "rows.json"), *arguments], catch_exceptions=False
        )
        return result.output

    return run


@pytest.mark.parametrize("columns", [80, 140])
def test_a_released_row_is_shown_with_its_differences(show_rows, columns):
    """The dialogue that its prompt holds, the types in our words, and the predictions side by side."""
    text = show_rows([processed_preference()], columns=columns)
    for part in ("rows-0", "Context: 2 turns, read out of the prompt", "How much is it?", "Prediction 4"):
        assert part in text
    assert "{+interrogative+}" in text
    assert "[-declarative-]" in text
    assert "Predict." not in text
    assert "Predict." in show_rows([processed_preference()], "--full", columns=columns)


def test_an_sft_row_has_one_side(show_rows):
    """And no marks."""
    text = show_rows([processed_sft()])
    assert "there is no rejected one" in text
    assert "When is the last tram?" in text


def test_a_row_of_another_kind_shows_its_texts(show_rows):
    """Prompt with speakers, both texts whole."""
    row = {"prompt": [{"role": "system", "content": "Be kind."}, {"role": "user", "content": "Hello?"}]}
    text = show_rows([row | {"chosen": "Hello there!", "rejected": "Hello you."}])
    assert "Prompt: 2 messages" in text
    assert "System" in text
    assert "{+there!+}" in text


def test_a_released_raw_row_is_shown_as_a_pair(show_rows):
    """Its words are ours; what the file does not say is not shown as known."""
    text = show_rows([raw_row()])
    for part in ("7:2", "branch middle", "not checked", "Destination: Lyon", "reason 1", "Do trams run on Sundays"):
        assert part in text


def test_rows_are_listed_and_found_by_id(show_rows):
    """By their place where they have no id."""
    rows = [processed_preference() | {"id": "mine"}, processed_preference()]
    lines = show_rows(rows, "--list").splitlines()
    assert [line.split("  ")[0] for line in lines] == ["mine", "rows-1"]
    assert "When is the last tram?" in lines[0]
    assert json.loads(show_rows(rows, "rows-1", "--json"))["where"].endswith("rows.json[1]")


@pytest.mark.parametrize("columns", [80, 140])
def test_no_row_acts_on_the_terminal(show_rows, columns):
    """Escapes of a stranger's file are shown as codes."""
    row = {"id": HOSTILE, "prompt": HOSTILE, "chosen": HOSTILE, "rejected": f"{HOSTILE}!"}
    text = show_rows([row], columns=columns) + show_rows([row], "--list")
    assert not {char for char in text if unicodedata.category(char) in {"Cc", "Cf"} and char != "\n"}


def test_two_long_texts_are_shown_in_a_moment(show_rows):
    """What they begin and end with alike is found; the middle is not compared word by word."""
    long = " ".join(str(number % 97) for number in range(20_000))
    text = show_rows([{"prompt": "P", "chosen": f"same {long} a end", "rejected": f"same {long[::-1]} b end"}])
    assert "same {+" in text
    assert "end" in text.rstrip().splitlines()[-2]


@pytest.mark.parametrize("method", ["magpie", "baize", "spar", "socratic", "usp"])
def test_a_baselines_pair_is_told_as_its_method_made_it(show, method):
    """Named by its method; no revision, no true path, and of data for SFT no second side."""
    text = show([a_baseline_pair(method)])
    assert f"{method}  en" in text.splitlines()[0]
    assert "revised" not in text
    assert "true path" not in text
    assert ("there is no rejected one" in text) is (method in {"baize", "socratic", "usp"})
    assert ("refined, the refiner told the truth" in text) is (method == "spar")
    assert ("counts every euro" in text) is (method == "usp")


def test_what_a_user_really_said_is_not_called_predicted(show):
    """A simulator's target is the truth itself: there is nothing to score."""
    assert "as predicted" not in show([a_baseline_pair("socratic")])

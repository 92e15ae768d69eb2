"""What a curriculum decides, and what of its section is refused: values in, values out."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.upc_loop import curriculum
from proutt.errors import UserError
from proutt.experiments.chatbot import how_to_ask, told_in
from proutt.experiments.curriculum.selection import Choice, selection_of
from proutt.experiments.curriculum.stopping import best_of, stops
from proutt.experiments.curriculum.training import filled
from proutt.experiments.planning import planned
from proutt.experiments.reading import read_experiment
from proutt.methods.upc.difficulty import Difficulty
from upc_records import EASY, a_chat, a_turn

NOWHERE = "http://127.0.0.1:9/v1"
SCORES = st.lists(st.none() | st.floats(1, 5), max_size=8)


@pytest.mark.parametrize(
    ("scores", "patience", "ends"),
    [
        ([], 1, False),
        ([4.0], 1, False),
        ([4.0, 4.1], 1, False),
        ([4.0, 4.0], 1, True),  # as good is no better
        ([4.0, 3.9, 4.1], 2, False),
        ([4.0, 3.9, 4.0], 2, True),
        ([4.0, None, 3.9], 2, False),  # what was not measured does not count
        ([4.0, 3.0, 2.0], None, False),
    ],
)
def test_when_it_ends(scores, patience, ends):
    """After so many measured iterations that were no better than the best before them."""
    assert stops(scores, patience) is ends


@given(SCORES, st.integers(1, 4))
def test_it_never_ends_on_a_new_best(scores, patience):
    """An iteration that is better than all before it is followed by another."""
    better = max((each for each in scores if each is not None), default=1.0) + 0.5
    assert not stops([*scores, better], patience)


@given(SCORES.filter(bool), st.data())
def test_the_best_iteration(scores, data):
    """No other one that trained has a higher score, and no earlier one the same; without scores it is the last."""
    trained = data.draw(st.sets(st.sampled_from(range(len(scores))), min_size=1))
    best = best_of(scores, trained)
    known = [at for at in trained if scores[at] is not None]
    assert best in trained
    if known:
        assert (scores[best], -best) == max((scores[at], -at) for at in known)
    else:
        assert best == max(trained)


def test_what_a_selection_counts():
    """Easy dialogues by both readings, flagged ones, and what is taken of them."""
    dialogues = [
        a_chat("easy", EASY, flags=[]),
        a_chat("untouched", [a_turn(("Which season is busy?", (4, 4, 4)))], flags=[]),
        a_chat("low", [a_turn(("Which season is busy?", (2, 4, 4)))], flags=[]),
        a_chat("flagged", [a_turn(("Which season is busy?", (5, 5, 5)))], flags=["repetition"]),
    ]
    found = selection_of(dialogues, Choice(Difficulty(), easy=True, include_flagged=False))
    assert (found.taken, found.easy) == (("easy", "untouched"), ("easy", "untouched", "flagged"))
    assert (found.by, found.easy_share, found.flagged) == ({"letter": 1, "pass": 3}, 0.75, 1)
    every = selection_of(dialogues, Choice(Difficulty(), easy=False, include_flagged=True))
    assert every.taken == ("easy", "untouched", "low", "flagged")


def test_what_nobody_scored_is_neither_easy_nor_difficult():
    """Without a critic all is trained on, and there is no easy share."""
    dialogue = a_chat("a", [a_turn(("Which season is busy?", None))])
    found = selection_of([dialogue], Choice(Difficulty(), easy=False, include_flagged=True))
    assert (found.taken, found.easy, found.by, found.easy_share) == (("a",), None, None, None)


def test_values_are_put_into_a_command_once():
    """What stands in a value is not looked at again, and other braces stay."""
    said = {"rows": "/a/{out}", "out": "/b"}
    assert filled(("--data={rows}", "{out}", '{"lr": 1}'), said) == ["--data=/a/{out}", "/b", '{"lr": 1}']


def test_no_key_goes_to_an_address_that_it_was_not_named_for(tmp_path):
    """What a training command serves elsewhere is asked without the base's key, unless the command names one."""
    file = tmp_path / "chatbot.json"
    for said, found in (
        ({"model": "m"}, {"model": "m"}),
        ({"model": "m", "base_url": "u"}, {"model": "m", "base_url": "u", "api_key_env": ""}),
        ({"model": "m", "base_url": "u", "api_key_env": "K"}, {"model": "m", "base_url": "u", "api_key_env": "K"}),
    ):
        file.write_text(json.dumps(said), encoding="utf-8")
        assert how_to_ask(tmp_path) == found


@pytest.mark.parametrize("text", ["", "[]", '{"model": ""}', '{"model": "m", "url": "u"}'])
def test_what_a_training_command_says_is_read_strictly(text, tmp_path):
    """An error names the file and what it should hold."""
    (tmp_path / "chatbot.json").write_text(text, encoding="utf-8")
    with pytest.raises(UserError, match=r'chatbot\.json: .*\{"model": "NAME", "base_url": "URL"\}'):
        told_in(tmp_path)


@pytest.mark.parametrize(
    ("said", "refused"),
    [
        (
            {"critic": False},
            r"upc\.yaml:\d+: arms\.UPC\.curriculum\.critic: without a critic nobody knows what is easy",
        ),
        ({"easy": False, "users": "difficult"}, "every dialogue trains, so nobody comes back"),
        ({"command": ["train", "{rows}"]}, r"no argument holds \{out\}"),
        ({"simulate": {"turn": 3}}, r"curriculum\.simulate\.turn: unknown key 'turn'\. Did you mean 'turns'\?"),
        ({"simulate": {"strategy": "unguided"}}, "said by critic: true or false"),
        ({"evaluate": {"turns": 1}}, r"curriculum\.evaluate\.turns: "),
        ({"patiense": 1}, r"unknown key 'patiense'\. Did you mean 'patience'\?"),
        ({"alpha": 6}, r"curriculum\.alpha: Input should be less"),
    ],
)
def test_what_contradicts_itself_is_refused_with_its_line(said, refused, tmp_path):
    """Before anything is asked."""
    with pytest.raises(UserError, match=refused):
        read_experiment(curriculum(tmp_path, NOWHERE, **said))


@pytest.mark.parametrize("section", ["predict", "mining", "rows", "align"])
def test_an_arm_of_upc_refuses_what_is_not_its_own(section, tmp_path):
    """It would be left aside without a word."""
    given = {"predict": "{from: [test]}", "mining": "{from: [test]}"}.get(section, "{}")
    with pytest.raises(UserError, match=f"UPC: {section} is not for UPC's arms"):
        planned(read_experiment(curriculum(tmp_path, NOWHERE), [f"defaults.{section}={given}"]))


def test_what_is_trained_needs_a_form_to_be_asked_in(tmp_path):
    """And personas of one curriculum one language."""
    file = curriculum(tmp_path, NOWHERE)
    with pytest.raises(UserError, match="UPC, curriculum: nobody can ask what is trained"):
        planned(read_experiment(file, ["arms.UPC.curriculum.command=null"]))
    mixed = ["arms.UPC.curriculum.from=[train, test]", "data.test.language=zh"]
    with pytest.raises(UserError, match="train, test are of several languages"):
        planned(read_experiment(file, mixed))


def shipped(name: str, folder: Path) -> list[str]:
    from experiments.test_planning import ROOT, filled, kinds

    path = ROOT / f"experiments/{name}.yaml"
    return kinds(planned(read_experiment(path, filled(path, folder))))


def test_arms_share_the_served_base(tmp_path):
    """Table 2: one base made to answer, for four curricula and for itself; Table 4: one of each base."""
    two = shipped("upc_table-2", tmp_path)
    assert (two.count("serve"), two.count("curriculum"), two.count("proactivity")) == (1, 4, 5)
    (tmp_path / "4").mkdir()
    four = shipped("upc_table-4", tmp_path / "4")
    assert (four.count("serve"), four.count("curriculum"), four.count("proactivity")) == (3, 3, 6)

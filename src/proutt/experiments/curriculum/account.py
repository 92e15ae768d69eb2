"""What came of a curriculum, as `curriculum.json` says it: Table 3 and figure 5 are in it.

Without times, so that the same answers give the same bytes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from proutt.experiments.sections import Curriculum
from proutt.prompts.upc.heard import ASPECTS

ACCOUNT = "curriculum.json"
#: The scores of a validation: of each aspect, and of all three.
SCORES = (*ASPECTS, "mean")


@dataclass(frozen=True)
class Iteration:
    """One iteration, by the facts of its pieces. number: k, from 1.

    chatbot  the folder of what it trained; None where it had nothing to train on
    """

    number: int
    corpus: Mapping[str, Any]
    selection: Mapping[str, Any]
    rows: Mapping[str, Any] | None = None
    training: Mapping[str, Any] | None = None
    chatbot: Path | None = None
    validation: Mapping[str, Any] | None = None

    @property
    def score(self) -> float | None:
        """The mean of the validation's three scores, 1..5; None where it was not measured."""
        found = None if self.validation is None else self.validation["scores"]["mean"]
        return None if found is None else float(found["mean"])


def account_of(said: Curriculum, made: Sequence[Iteration], best: int, ended: str) -> dict[str, Any]:
    """The content of `curriculum.json`.

    best   place of the iteration that is the result, from 0
    ended  "iterations": K were made; "early-stop": validation was not better; "no-users-left": nobody is to come back
    """
    measure = {"alpha": said.alpha, "beta": said.beta, "untouched": said.untouched}
    switches = {"critic": said.critic, "iterative": said.iterative, "easy": said.easy, "users": said.users}
    return {
        "strategy": strategy_of(said),
        "switches": switches,
        "difficulty": measure,
        "ended": ended,
        "chosen": made[best].number,
        "iterations": [_iteration(each) for each in made],
    }


def strategy_of(said: Curriculum) -> str:
    """What Table 2 calls the switches."""
    parts = ["CDC"] if said.critic else []
    parts += ["IFT"] if said.iterative else []
    parts += ["CL"] if said.easy else []
    return "+".join(parts if said.iterative else ["SFT", *parts])


def _iteration(of: Iteration) -> dict[str, Any]:
    corpus = of.corpus
    return {
        "iteration": of.number,
        "personas": corpus["personas"],
        "dialogues": corpus["dialogues"],
        "selection": dict(of.selection),
        "regeneration_rate": corpus["regenerations"]["rate"],
        "mean_regenerations": corpus["regenerations"]["mean"],
        "corpus_scores": corpus["scores"],
        "rows": None if of.rows is None else of.rows["rows"],
        "loss": _loss(of.training),
        "trained": of.chatbot is not None,
        "validation": None if of.validation is None else _scores(of.validation),
    }


def _loss(training: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """First and last tenth of the steps; a user's own command tells none."""
    if training is None or "results" not in training:
        return None
    loss: dict[str, Any] | None = training["results"][0]["measures"].get("loss")
    return loss


def _scores(validation: Mapping[str, Any]) -> dict[str, Any]:
    return {name: validation["scores"][name] for name in SCORES} | {"dialogues": validation["dialogues"]}


def as_facts(account: Mapping[str, Any], made: Sequence[Iteration]) -> dict[str, Any]:
    """What the stage's record keeps: the account, and what it cost."""
    parts = [facts for each in made for facts in (each.corpus, each.validation) if facts is not None]
    costs = [each.get("cost") for each in parts]
    return {
        **account,
        "cost": None if any(each is None for each in costs) else round(sum(each or 0.0 for each in costs), 6),
        "currency": parts[0].get("currency"),
    }

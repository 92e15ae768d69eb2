"""The iterations of a curriculum (UPC, Algorithm 2), as one stage of an experiment.

RUN/iteration-1/corpus, selection, rows, training, served, validation: each a stage that is kept in its own folder, so
that a kill anywhere costs what was in flight. Whatever is decided, is decided from what is kept.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from proutt.errors import UserError
from proutt.evaluation.upc.config import UPCEvaluateConfig
from proutt.experiments.chatbot import CHATBOT, how_to_ask
from proutt.experiments.curriculum.account import ACCOUNT, Iteration, account_of, as_facts
from proutt.experiments.curriculum.pieces import SELECTION, USERS, Collecting, Selecting, WritingRows
from proutt.experiments.curriculum.selection import Choice
from proutt.experiments.curriculum.stopping import best_of, stops
from proutt.experiments.curriculum.training import Commanded
from proutt.experiments.kept import RUN, Kept, kept_in
from proutt.experiments.pair_stages import counted
from proutt.experiments.proactivity_stages import Proactive, decisive
from proutt.experiments.sections import Curriculum, Train
from proutt.experiments.stage import Place, Stage, Work
from proutt.experiments.training_stages import MODEL, Serving, Training, weights_digest
from proutt.experiments.working import work_in
from proutt.llm.fetch import sha256_of
from proutt.methods.upc.difficulty import Difficulty
from proutt.prompts import Role, prompt_version
from proutt.runs.directory import JOURNAL
from proutt.simulation.upc.config import UPCConfig
from proutt.training.watching import write_whole


@dataclass(frozen=True)
class Curriculating:
    """A curriculum. Needs the served base, where the base has no name of its own to be asked by.

    corpus      how a corpus is made; the chatbot and the seed are those of the iteration
    validation  how an iteration is measured; None: it is not
    sft, form   the training and its form; base: what is trained, by name
    """

    said: Curriculum
    corpus: UPCConfig
    validation: UPCEvaluateConfig | None
    base: str
    sft: Train
    form: str

    @property
    def version(self) -> str:
        return f"1-{prompt_version('upc')}"

    results = (ACCOUNT, CHATBOT)

    def settings(self) -> Mapping[str, Any]:
        said = self.said.model_dump(mode="json", exclude={"sources", "validation", "simulate", "evaluate", "roles"})
        by_command = self.said.command is not None
        trained = {} if by_command else {**Training(self.base, self.sft).settings(), "form": self.form}
        return {
            **said,
            "corpus": counted(self.corpus.resolved().model_dump(mode="json")),
            "validation": None if self.validation is None else decisive(self.validation),
            "base": Path(self.base).name,
            "weights": weights_digest(self.base),
            "training": trained,
        }

    def do(self, place: Place) -> Mapping[str, Any]:
        made, ended = self._iterations(place)
        scores = [each.score for each in made]
        trained = {at: each.chatbot for at, each in enumerate(made) if each.chatbot is not None}
        best = best_of(scores, trained)
        chosen = trained[best]
        where = {"folder": str(chosen.relative_to(place.folder)), "iteration": best + 1}
        weights = chosen / MODEL
        told = how_to_ask(chosen)["model"] if not weights.is_file() else sha256_of(weights)
        write_whole(place.folder / CHATBOT, json.dumps({**where, "is": told}, indent=2) + "\n")
        account = account_of(self.said, made, best, ended)
        write_whole(place.folder / ACCOUNT, json.dumps(account, ensure_ascii=False, indent=2) + "\n")
        return as_facts(account, made)

    def _iterations(self, place: Place) -> tuple[list[Iteration], str]:
        """Every iteration that there is, and why there are no more."""
        pieces = _Pieces(place)
        made: list[Iteration] = []
        reached = _Reached(place.needs[0] if place.needs else None)
        for number in range(1, self.said.iterations + 1):
            one, reached = self._iteration(pieces, number, reached)
            made.append(one)
            if self.said.users == "difficult" and one.selection["left"] == 0:
                return made, "no-users-left"
            if stops([each.score for each in made], self.said.patience):
                return made, "early-stop"
        return made, "iterations"

    def _iteration(self, pieces: _Pieces, number: int, reached: _Reached) -> tuple[Iteration, _Reached]:
        said, at = self.said, f"iteration-{number}"
        config = self._corpus(number, reached)
        corpus = pieces.kept(f"{at}/corpus", Collecting(config, reached.asked(said)), (), reuse=f"{at}/corpus")
        accumulated = () if said.users == "all" or reached.selection is None else (reached.selection,)
        selection = pieces.kept(f"{at}/selection", Selecting(self._choice(), config), (corpus.run, *accumulated))
        one = Iteration(number, corpus.facts, selection.facts)
        reached = replace(reached, selection=selection.run)
        if not selection.facts["taken"]:
            if reached.trained is None:
                raise _nothing_easy(said, number, selection)
            return one, reached
        rows = pieces.kept(f"{at}/rows", WritingRows(), (selection.run,))
        before = () if reached.trained is None or said.start == "base" else (reached.trained,)
        if said.command is not None:
            work: Work = Commanded(tuple(said.command), self.base, number)
        else:
            work = Training(self.base, self.sft)
        training = pieces.kept(f"{at}/training", work, (rows.run, *before))
        chatbot = training.run
        if said.command is None:
            chatbot = pieces.kept(f"{at}/served", Serving(self.base, self.form), (training.run,)).run
        validated = None
        if self.validation is not None:
            measure = Proactive(self.validation)
            validated = pieces.kept(f"{at}/validation", measure, (chatbot,), reuse="iteration-*/validation").facts
        one = replace(one, rows=rows.facts, training=training.facts, chatbot=chatbot, validation=validated)
        return one, replace(reached, chatbot=chatbot, trained=training.run)

    def _corpus(self, number: int, reached: _Reached) -> UPCConfig:
        """The corpus of an iteration: its chatbot, a seed of its own, and who is talked with."""
        chatbot = reached.asked(self.said)
        roles = dict(self.corpus.roles)
        if chatbot is not None:
            roles[Role.ASSISTANT_AGENT] = roles[Role.ASSISTANT_AGENT].model_copy(update=how_to_ask(chatbot))
        more: dict[str, Any] = {"roles": roles, "seed": self.corpus.seed + number - 1}
        if self.said.users == "difficult" and reached.selection is not None:
            more |= {"inputs": [str(reached.selection / USERS)], "limit": None, "language": None}
        return self.corpus.model_copy(update=more)

    def _choice(self) -> Choice:
        said = self.said
        measure = Difficulty(said.alpha, said.beta, said.untouched)
        return Choice(measure, said.easy, said.include_flagged)


@dataclass(frozen=True)
class _Reached:
    """Where the iterations so far have led, as folders.

    first    the served base; None: the base has a name that it is asked by
    chatbot  C_θk; None where nothing has trained; trained: its training
    """

    first: Path | None
    chatbot: Path | None = None
    trained: Path | None = None
    selection: Path | None = None

    def asked(self, said: Curriculum) -> Path | None:
        """Who makes the next corpus; None: the base by its name."""
        return self.chatbot if said.iterative and self.chatbot is not None else self.first


@dataclass(frozen=True)
class _Pieces:
    """The pieces of a curriculum, kept as the stages of an experiment are."""

    place: Place

    def kept(self, name: str, work: Work, needs: tuple[Path, ...], *, reuse: str = "") -> Kept:
        """A piece: as it is kept, or done now.

        reuse  pieces, of this curriculum and others, that may have answers to the same questions
        """
        folder = self.place.folder / name
        kept = kept_in(folder)
        if kept is not None:
            return kept
        self.place.observer.note(f"{name.replace('/', ', ')}: {'goes on' if folder.exists() else 'begins'}")
        return work_in(
            folder,
            Stage(folder.name, name, work),
            needs=needs,
            older=tuple(self._older(reuse, folder)) if reuse else (),
            name=f"{self.place.name}-{folder.parent.name}",
            observer=self.place.observer,
            auditor=self.place.auditor,
        )

    def _older(self, pattern: str, own: Path) -> Iterable[Path]:
        stages = self.place.folder.parent.parent
        for folder in sorted(stages.glob(f"curriculum-*/{RUN}/{pattern}")):
            if folder != own and (folder / RUN / JOURNAL).is_file():
                yield folder / RUN


def _nothing_easy(said: Curriculum, number: int, selection: Kept) -> UserError:
    facts = selection.facts
    if not said.easy or facts["easy"]:
        what, remedy = "every dialogue that could be trained on is flagged", "Give curriculum: {include_flagged: true}"
    else:
        what = f"none of {facts['dialogues']} dialogues is easy"
        hints = ["untouched: pass"] if said.untouched == "letter" else []
        hints += ["a lower alpha"] if said.alpha > 1 else []
        hints += ["a lower beta"] if said.beta > 0 else []
        remedy = f"Give curriculum: {', '.join([*hints, 'or easy: false'])}, or more personas"
    return UserError(
        f"iteration {number} has nothing to train on: {what}.",
        where=str(selection.run / SELECTION),
        remedy=f"{remedy}. Answers that were paid are taken again.",
    )

"""One `proutt evaluate`: predictions in, judgements by a model and by embeddings, stored, then results.

It is a run like any other: killed or stopped it goes on from its journal, and no finished call is paid twice.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from proutt.errors import UserError
from proutt.evaluation.cases import Case, lengths, prediction_file
from proutt.evaluation.comparing import Compared, ask_all
from proutt.evaluation.family import family_of, same_family
from proutt.evaluation.guard import Guard, fitted
from proutt.evaluation.judging import Judged, embedded, judged
from proutt.evaluation.order import Order, Task, task_of
from proutt.evaluation.pairwise import MATTERS_WINS
from proutt.evaluation.power import MATTERS
from proutt.evaluation.record import LLM_JUDGE, ScoreRecord
from proutt.evaluation.similarity import similarities
from proutt.evaluation.stored import CASES, FACTS, FAILURES, SCORES, VERDICTS, as_lines, derived
from proutt.evaluation.tables import Table
from proutt.prompts import Role
from proutt.runs.directory import RunDirectory
from proutt.runs.session import Ended, Observer, Session, Terms, check_models, run_session
from proutt.runs.stopping import interruptible
from proutt.runs.synthesis import dialogue_budget

VERSION = 1


@dataclass(frozen=True)
class Evaluated:
    """What has come of it. why: what stopped this session short; empty where it is complete or the user stopped it."""

    results: dict[str, Any]
    tables: list[Table]
    why: list[str]

    @property
    def complete(self) -> bool:
        return bool(self.results["evaluation"]["complete"])


def evaluate(order: Order, observer: Observer, announce: Callable[[Task], None] = lambda _: None) -> Evaluated:
    """Do or resume an evaluation in its folder, and write its files.

    announce: told of the task before anything is asked. Raises UserError where there is something to mend.
    """
    specs = {} if order.judge is None else {Role.JUDGE: order.judge}
    check_models(specs)
    files = [prediction_file(path) for path in order.predictions]
    task = task_of(order, files)
    directory = RunDirectory(order.out)
    try:
        for older in order.reuse:
            directory.reuse(older)
        if directory.begin(order.settings(files)):
            observer.note(f"Going on with {order.out}.")
        announce(task)
        work = _Judging(task, observer)
        concurrency = (
            1 if order.judge is None else order.judge.slots if order.judge.embedded else order.judge.concurrency
        )
        terms = Terms(specs, concurrency, order.seed, max_tokens=order.max_tokens, max_cost=order.max_cost)
        ended = Ended(complete=True) if order.judge is None else run_session(directory, terms, work.do, observer)
        work.store(directory, ended)
        results, tables, derived_files = derived(order.out)
        for name, text in derived_files.items():
            directory.write(name, lambda text=text: [text])  # type: ignore[misc]
        if ended.failure is not None:
            remedy = "Nothing finished is lost: mend it and run the same command."
            raise UserError(str(ended.failure), remedy=remedy) from ended.failure
        return Evaluated(results, tables, ended.why)
    finally:
        directory.close()


@dataclass
class _Judging:
    """The work of a session, and what it has found."""

    task: Task
    observer: Observer
    guard: Guard = field(default_factory=lambda: Guard(fitted()))
    judged: Judged = field(default_factory=Judged)
    compared: Compared = field(default_factory=Compared)

    async def do(self, session: Session) -> bool:
        calls, total = session.calls, self.task.questions
        budget = dialogue_budget(calls.models[Role.JUDGE].context_tokens)

        def now(seconds: float) -> Mapping[str, Any]:
            tally = calls.tally
            return {
                "judged": len(self.judged.answers) + len(self.compared.verdicts),
                "failed": len(self.judged.failures) + len(self.compared.failures),
                "of": total,
                "calls": tally.made,
                "reused": tally.reused,
                "in_flight": tally.in_flight,
                "prompt_tokens": tally.usage.prompt_tokens,
                "completion_tokens": tally.usage.completion_tokens,
                "cost": tally.cost,
                "currency": session.currency,
                "seconds": round(seconds, 1),
            }

        def stop() -> None:
            calls.stop()
            self.observer.note(f"Stopping once the {calls.tally.in_flight} calls in flight are answered.")

        with interruptible(stop):
            async with self.observer.working(now):
                if self.task.order.kind == "pointwise":
                    asked = (each.question for each in self.task.wanted)
                    await judged(self.task.cases, asked, calls, budget, self.guard, self.judged)
                else:
                    rater = "" if self.task.order.judge is None else self.task.order.judge.model
                    await ask_all(self.task.matches, calls, budget, rater, self.guard, self.compared)
        return not (self.judged.stopped or self.compared.stopped)

    def store(self, directory: RunDirectory, ended: Ended) -> None:
        """Write down the judgements, in an order that does not depend on that of the answers."""
        order, task = self.task.order, self.task
        if order.kind == "pointwise":
            directory.write(SCORES, as_lines(self._scores()))
        else:
            directory.write(VERDICTS, as_lines(self.compared.verdicts[at] for at in sorted(self.compared.verdicts)))
        directory.write(CASES, as_lines(lengths(task.cases, {system.name: system for system in task.systems})))
        directory.write(FAILURES, as_lines(self._failures()))
        facts = json.dumps(self._facts(ended), ensure_ascii=False, indent=2) + "\n"
        directory.write(FACTS, lambda: [facts])

    def _scores(self) -> list[ScoreRecord]:
        found, judge = [], self.task.order.judge
        for each in self.task.wanted:
            if judge is not None and each.question in self.judged.answers:
                score, reason, flags = self.judged.answers[each.question]
                found.append(each.record(LLM_JUDGE, judge.model, score, reason, flags))
        if self.task.order.embed is not None:
            languages = sorted({case.context.language for case in self.task.cases})
            found += embedded(self.task.wanted, similarities(self.task.order.embed, languages), self.guard)
        return found

    def _failures(self) -> list[dict[str, Any]]:
        pointwise = [
            {**_place(each.case), "system": each.system, "rank": each.rank, "repeat": each.repeat, **_why(why)}
            for each in self.task.wanted
            if (why := self.judged.failures.get(each.question)) is not None
        ]
        pairwise = [
            {**_place(match.case), "a": match.a.name, "b": match.b.name, "first": match.first, "repeat": match.repeat}
            | _why(self.compared.failures[at])
            for at, match in enumerate(self.task.matches)
            if at in self.compared.failures
        ]
        return pointwise + pairwise

    def _facts(self, ended: Ended) -> dict[str, Any]:
        order, task = self.task.order, self.task
        models = {system.name: sorted(system.models) for system in task.bench.systems.values()}
        judge = None if order.judge is None else order.judge.model
        related = [] if judge is None else same_family(judge, models)
        reasons = Counter(kind for kind, _ in (*self.judged.failures.values(), *self.compared.failures.values()))
        kind = (
            {"embed": order.embed, "controls": list(order.controls), "hit": order.hit}
            if order.kind == "pointwise"
            else {"orders": order.orders}
        )
        return {
            "version": VERSION,
            "kind": order.kind,
            "complete": ended.complete,
            "judge": judge,
            "judge_identity": ended.identities.get(Role.JUDGE.value),
            "judge_family": None if judge is None else family_of(judge),
            "same_family": related,
            "guard": self.guard.name,
            "repeats": order.repeats,
            **kind,
            "matters": order.matters or (MATTERS if order.kind == "pointwise" else MATTERS_WINS),
            "seed": order.seed,
            "systems": {
                name: {"models": said, "runs": len(task.bench.systems[name].runs)} for name, said in models.items()
            },
            "cases": len(task.cases),
            "dialogues": len({case.context.dialogue_id for case in task.cases}),
            "cases_not_in_all": len(task.bench.cases) - len(task.cases),
            "cases_without_truth": task.bench.untold,
            "questions": task.questions,
            "failed": dict(sorted(reasons.items())),
        }


def _place(case: Case) -> dict[str, Any]:
    return {"dialogue_id": case.context.dialogue_id, "k": case.context.k}


def _why(why: tuple[str, str]) -> dict[str, str]:
    return {"reason": why[0], "message": why[1]}

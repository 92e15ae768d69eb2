"""What an evaluation of SynPT will take, before anything is spent; as `prediction/rehearsal.py` says it.

The evaluation's own code is rehearsed over its test cases, with stand-ins for the models: what the first words tell is
drawn as the evaluation draws it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby

from proutt.dialogue import ReadingReport
from proutt.evaluation.synpt.agents import steps_of
from proutt.evaluation.synpt.cases import Case
from proutt.evaluation.synpt.config import EvaluateConfig
from proutt.evaluation.synpt.estimate_answers import RehearsedEvaluation, RehearsedModel
from proutt.evaluation.synpt.examining import Examining
from proutt.evaluation.synpt.loop import talk
from proutt.evaluation.synpt.record import EvaluatedDialogue
from proutt.evaluation.synpt.run import cases_and_inquiries
from proutt.evaluation.synpt.subjects import AssistantAgent, Chatting, Subject, instruction
from proutt.llm import ModelSpec
from proutt.methods.synpt.steps import Steps
from proutt.prediction.estimate_like import Measures, measures_of, refuse_other
from proutt.prediction.rehearsal import Rehearsal, estimated, profile_of
from proutt.prompts import Role
from proutt.runs.estimate import Estimate, context_tokens_of
from proutt.runs.estimate_rehearsal import StandIn
from proutt.runs.estimate_sample import EXACT
from proutt.runs.journal import Journal
from proutt.runs.prices import Price
from proutt.runs.synthesis import dialogue_budget
from proutt.simulation.synpt.estimate import seeds_of

#: What must be the same for a run to tell of another.
_SAME = ("subject", "emotions", "options", "judge", "small_steps")


@dataclass(frozen=True, slots=True)
class Talks:
    """A test case and its dialogues. inquiry: the first words; None: they are to be written."""

    case: Case
    repeats: int
    inquiry: str | None


def estimate(
    config: EvaluateConfig,
    report: ReadingReport,
    *,
    prices: Mapping[str, Price] | None = None,
    like: Journal | None = None,
    exact: int = EXACT,
) -> Estimate:
    """What the evaluation will take: `estimated`, over its test cases; `dialogues` counts these.

    report: what of the seeds is left out. Raises UserError as `estimated` does, and where there is nothing to evaluate.
    """
    decided = config.resolved()
    cases, inquiries = cases_and_inquiries(decided, report)
    rehearsal = _Rehearsal(decided, profile_of(small=decided.small(Role.USER_AGENT)))
    given = (Talks(case, decided.repeats, inquiries.get(case.seed.id)) for case in cases)
    return estimated(rehearsal, given, prices=prices, like=like, exact=exact)


@dataclass(frozen=True)
class _Rehearsal(Rehearsal[EvaluateConfig, Talks, Talks]):
    """The evaluation, rehearsed over its test cases."""

    about = (
        "Prompts are the real ones of these test cases, the first words tell what they will tell; all else that "
        "prompts quote is made up. The user tells one intention a turn."
    )
    nouns = ("test cases", "test cases", "dialogues")
    turns = 4

    @property
    def specs(self) -> dict[Role, ModelSpec]:
        return self.config.specs

    def cases(self, given: Talks) -> tuple[Talks]:
        return (given,)

    async def case(self, case: Talks, ask: StandIn) -> None:
        one, seed = case.case, case.case.seed
        inquiry = case.inquiry
        for repeat in range(case.repeats):
            told = {key: seed.values[key] for key in one.told}
            tired = ask.course in {"kept", "revised"}  # then SynPT's assistant agent asks but once
            agents = RehearsedEvaluation(ask, seed, tired_after=0, told=dict(told), last=told, unwilling=tired)
            user = self._steps(agents, Role.USER_AGENT)
            if inquiry is None:
                inquiry = (await user.inquire("inquire", seed, one.told)).utterance
            subject, place = self._subject(agents), f"{seed.id}/{repeat}"
            held = await talk(place, one, inquiry, subject, user)
            await Examining(self.config, subject, agents, self._budget).examined(place, one, held)

    def _subject(self, agents: RehearsedEvaluation) -> Subject:
        if self.config.subject == "assistant-agent":
            return AssistantAgent(self._steps(agents, Role.ASSISTANT_AGENT))
        context = context_tokens_of(self.specs[Role.ASSISTANT_AGENT])
        model = RehearsedModel(agents, context, thinks=self.config.subject == "plain")
        told = instruction if self.config.subject == "prompted" else None
        return Chatting(model, self.config.seed, self.config.temperature, told, lambda _: None)

    def _steps(self, agents: RehearsedEvaluation, role: Role) -> Steps:
        return steps_of(agents, budget=self._budget(role), small=self.config.small(role), seed=self.config.seed)

    def _budget(self, role: Role) -> int:
        return dialogue_budget(context_tokens_of(self.specs[role])) if role in self.specs else 0

    def measures(self, like: Journal) -> Measures:
        records = [EvaluatedDialogue.model_validate_json(item.record) for item, _ in like.items("evaluated")]
        refuse_other(like, self.config, _SAME, made=len(records), verb="evaluate synpt", what="dialogue")
        seeds = seeds_of(records, self.config.read_tasks(), where=str(like.path))
        written = not (like.config() or {}).get("inquiries")
        talks = []
        for _, group in groupby(zip(records, seeds, strict=True), key=lambda each: each[0].seed_id):
            (first, seed), *others = group
            case = Case(seed, tuple(first.told), first.part)
            talks.append(Talks(case, 1 + len(others), None if written else first.turns[0].user))
        models = ", ".join(dict.fromkeys(records[0].models.values()))
        return measures_of(like, self.of(talks), cases=len(records), model=models)

    def unmeasured(self) -> Iterator[str]:
        yield (
            f"Expected: how long texts are, and how often a step asks again, as measured on {self.profile.basis}, "
            "which were no dialogues of this kind. The model under test asks for each missing intention once, then "
            "sums up. A run measures it: --per-task 2 --out PILOT, then --dry-run --like PILOT."
        )
        judged = " The judge is asked about all others, where something was missing." if self.config.judges else ""
        if self.config.subject == "assistant-agent":
            yield "Low: it asks once, then sums up. High: every second question is asked again."
        else:
            yield (
                "Low: it sums up at once. High: it asks up to the task's most turns, and each answer fills its room."
                + judged
            )

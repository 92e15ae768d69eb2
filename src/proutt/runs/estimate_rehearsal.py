"""Algorithm 1 rehearsed: the run's own code and prompts, with a stand-in for the model that counts what it is asked.

So the estimate knows what each setting changes without being told. No network, no journal, nothing is written.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from proutt.dialogue import Context, Dialogue
from proutt.errors import AnswerError, ItemFailed
from proutt.intent import Truth
from proutt.judge import Judge, JudgeScore, LLMJudge
from proutt.llm import Message
from proutt.methods.proutt import (
    Settings,
    Skipped,
    SmallSteps,
    WholeSteps,
    annotate,
    selected_ks,
    synthesize_turn,
)
from proutt.prompts import Step
from proutt.runs.estimate_answers import Answers, Course, Maker
from proutt.runs.estimate_draws import Draws
from proutt.runs.estimate_profile import Profile
from proutt.runs.synthesis import dialogue_budget, rounds_per_annotation

#: Tokens that a chat format puts around each message, and before the answer (ChatML, counted).
MESSAGE_TOKENS, ANSWER_TOKENS = 5, 3
#: How many prompts a server with little room remembers: as many as the embedded engine has slots.
FEW_PROMPTS = 2
#: Further tries a question, in high, of a model of which nothing was measured.
_FOREIGN_FURTHER = 0.5
#: What a model is told of an answer that could not be used, about.
_PROBLEM = "The utterance says the same as another one; it must ask for something else. Write another one."


@dataclass
class Counts:
    """Calls and tokens, as sums of means. computed: of the prompt tokens, those that no earlier prompt begins with."""

    calls: float = 0.0
    prompt_tokens: float = 0.0
    computed: float = 0.0
    completion_tokens: float = 0.0

    def add(self, other: Counts, times: float = 1.0) -> None:
        self.calls += other.calls * times
        self.prompt_tokens += other.prompt_tokens * times
        self.computed += other.computed * times
        self.completion_tokens += other.completion_tokens * times


@dataclass(frozen=True)
class Setting:
    """What a rehearsal needs of a run's configuration.

    context_tokens   of the smallest model in use
    judge_calls      whether the judge is a model
    model_of         role → what names its model; each model has a prefix cache of its own
    thinking_tokens  role → most tokens of thinking an answer
    """

    settings: Settings
    context_tokens: int
    judge_calls: bool
    model_of: Mapping[str, str]
    thinking_tokens: Mapping[str, int]

    @property
    def budget(self) -> int:
        return dialogue_budget(self.context_tokens, self.settings.q)


class PrefixCache:
    """Which part of a prompt a server with prefix caching computes: what follows the longest beginning it has seen.

    It remembers the last prompt of each kind of question: the system prompt and worked examples, the dialogue that the
    steps of a turn share, and the turn before. As a server does that has room for the dialogues at work.

    most  of how many prompts at most it remembers the text, the last ones; None: of all kinds
    """

    def __init__(self, most: int | None = None) -> None:
        self._most = most
        self._last: dict[tuple[Any, ...], str] = {}

    def fresh(self, kind: tuple[Any, ...], prompt: str) -> str:
        """The part of the prompt that is new. kind: what the prompts are told apart by; few values."""
        known = 0
        for other in self._last.values():
            if other[: known + 1] == prompt[: known + 1]:
                known = _shared(prompt, other, known)
        self._last.pop(kind, None)
        self._last[kind] = prompt
        if self._most is not None and len(self._last) > self._most:
            del self._last[next(iter(self._last))]
        return prompt[known:]


def _shared(one: str, other: str, least: int) -> int:
    """How many characters two texts begin with alike; `least` of them are known to be."""
    low, high = least, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        if one[low:middle] == other[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


@dataclass
class StandIn:
    """`Ask` of a rehearsal: counts the question, answers with what was measured."""

    setting: Setting
    profile: Profile
    course: Course
    answers: Answers
    caches: dict[str, PrefixCache] = field(default_factory=dict)
    counts: dict[tuple[str, str], Counts] = field(default_factory=dict)

    async def __call__(self, step: Step[Any], place: str) -> Any:
        answer, said = self.answers.to(step, place)
        self.count_step(step, said)
        return answer

    def count_step(self, step: Step[Any], said: str) -> None:
        """Count a step whose answers have that text, and its further tries."""
        further = self._further(step)
        correction = self.profile.prompt_tokens(step.correction(_PROBLEM)) if further else 0.0
        self.count(
            (step.role.value, step.name),
            step.messages(),
            self.profile.answer_tokens(said) + 1,
            language=step.language,
            further=further,
            correction=correction,
        )

    def count(
        self,
        place: tuple[str, str],
        messages: Sequence[Message],
        answer: float,
        *,
        language: str,
        further: float = 0.0,
        correction: float = 0.0,
    ) -> None:
        """Count a question and its further tries.

        place       (role, step)
        answer      tokens of one answer, without thinking
        correction  tokens that each further try adds to the prompt
        """
        role, step = place
        prompt = "\n".join(each.content for each in messages)
        room = FEW_PROMPTS if self.course == "high" else None
        cache = self.caches.setdefault(self.setting.model_of[role], PrefixCache(room))
        examples = messages[1].content if len(messages) > 2 else ""
        fresh = cache.fresh((language, step, examples), prompt)
        frame = MESSAGE_TOKENS * len(messages) + ANSWER_TOKENS
        self.counts.setdefault(place, Counts()).add(
            Counts(
                calls=1 + further,
                prompt_tokens=(1 + further) * (self.profile.prompt_tokens(prompt) + frame) + further * correction,
                computed=self.profile.prompt_tokens(fresh) + MESSAGE_TOKENS + ANSWER_TOKENS + further * correction,
                completion_tokens=(1 + further) * (answer + self._thinking(role)),
            )
        )

    def _further(self, step: Step[Any]) -> float:
        """Further tries that the question takes, on average."""
        share = self.profile.further.get(step.name) or self.profile.further.get("")
        if share is None or self.course in {"kept", "revised"}:
            return 0.0
        if self.course == "expected":
            return min(share.mean, step.tries - 1.0)
        return min(max(share.most, _FOREIGN_FURTHER if self.profile.foreign else 0.0), step.tries - 1.0)

    def _thinking(self, role: str) -> float:
        room = self.setting.thinking_tokens.get(role, 0)
        measured = self.profile.thinking
        if self.course == "expected":
            return room / 2 if measured is None else measured
        if self.course == "high":
            return max(room, measured or 0.0)
        return 0.0


@dataclass(frozen=True)
class RehearsedJudge:
    """A judge that makes no call."""

    answers: Answers
    name: str = "rehearsed"

    async def scores(
        self,
        context: Context,  # noqa: ARG002
        truth: Truth,  # noqa: ARG002
        utterances: Sequence[str],
        place: str,
    ) -> tuple[JudgeScore, ...]:
        return tuple(JudgeScore(score) for score in self.answers.scores(len(utterances), place))


def stand_in(
    setting: Setting, profile: Profile, course: Course, draws: Draws, makers: tuple[Maker, ...] = ()
) -> StandIn:
    """A fresh stand-in for the models of a run: nothing is counted, nothing cached. makers: as in `Answers`."""
    answers = Answers(profile, course, draws, setting.settings.tau_low, setting.settings.tau_high, makers)
    return StandIn(setting, profile, course, answers)


async def rehearse(dialogue: Dialogue, ask: StandIn) -> None:
    """Have the stand-in asked all that one dialogue takes; its counts grow."""
    setting, answers = ask.setting, ask.answers
    settings = setting.settings
    most = min(settings.rounds_per_annotation, rounds_per_annotation(setting.context_tokens, settings.q))
    kind = SmallSteps if settings.small_steps else WholeSteps
    steps = kind(ask, settings.model_copy(update={"rounds_per_annotation": most}), setting.budget)
    judge: Judge = LLMJudge(ask, setting.budget) if setting.judge_calls else RehearsedJudge(answers)
    annotation = await annotate(dialogue, settings, steps)
    for k in selected_ks(dialogue, settings):
        try:
            await synthesize_turn(annotation, k, settings=settings, steps=steps, judge=judge)
        except (Skipped, ItemFailed, AnswerError):
            continue

"""A user on the way to Lyon, as scripted models annotate, foresee, judge and edit them: for tests of the method.

Every utterance that the script writes holds the attribute of its path, so that a test says what the judge thinks by
words: `Script(scores={"luggage": 0.9})`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any

from proutt.dialogue import Dialogue, Turn
from proutt.intent import IntentPath, Perspective, SentenceType, near_paths
from proutt.judge import LLMJudge
from proutt.llm import Reply, ScriptedModel, ask
from proutt.methods.proutt import (
    Annotation,
    Pair,
    Settings,
    SmallSteps,
    Steps,
    WholeSteps,
    annotate,
    record_of,
    synthesize_turn,
)
from proutt.methods.record import PreferencePair, UsageRecord
from proutt.prompts import Step

DECLARATIVE, IMPERATIVE, INTERROGATIVE = SentenceType

#: What the user wants, turn by turn: the truth of K is in turn K + 1. Museum and Restaurant are future paths of K = 1.
PATHS: tuple[tuple[IntentPath, ...], ...] = (
    (IntentPath("Travel", "Destination", "Lyon"),),
    (IntentPath("Travel", "Train", None),),
    (IntentPath("Travel", "Arrival", "evening"), IntentPath("Hotel", "Location", "station")),
    (IntentPath("Museum", "Monday", None),),
    (IntentPath("Restaurant", "Cuisine", "local"),),
)
TYPES = (DECLARATIVE, INTERROGATIVE, DECLARATIVE, INTERROGATIVE, IMPERATIVE)
LYON = Dialogue(
    id="lyon",
    language="en",
    turns=(
        Turn("I want to see Lyon in May.", "A good choice."),
        Turn("Which train goes there?", "The one at nine."),
        Turn("I come in the evening and need a hotel near the station.", "There are three."),
        Turn("Is a museum open on Monday?", "The Museum of Fine Arts is."),
    ),
    last_utterance="Find me a restaurant with local food.",
    source="chats.jsonl:1",
)

#: Paths that the scripted predictor may name, by perspective; those of exploitation go to the tree's first topic.
KNOWN = ["Luggage", "Budget", "Weather", "Insurance", "Season", "Company", "Duration", "Passport", "Currency", "Seat"]
NEW = [
    "Camera",
    "Language",
    "Shoes",
    "Festival",
    "Dog",
    "Visa",
    "Novel",
    "Bicycle",
    "Cooking",
    "Garden",
    "Phone",
    "Job",
]

CHAINS = {
    DECLARATIVE: "The user has told of the plan before and may well tell more about when and how it is to be done.",
    IMPERATIVE: "The user likes short answers, so a request for one concrete list would come as no surprise here.",
    INTERROGATIVE: "The user knows little of the city yet, hence something more practical may be asked about next.",
}
FORMS = {
    DECLARATIVE: "I want {0} or {0} or {0}.",
    IMPERATIVE: "Please {0} or {0} or {0}.",
    INTERROGATIVE: "Is {0} or {0} or {0}?",
    None: "Or {0} or {0} or {0}.",
}

Answer = Mapping[str, Any] | str | Reply | BaseException
Scripted = Callable[[Any], Answer]


def utterance_of(path: IntentPath, sentence_type: SentenceType | None) -> str:
    """What the script says with a path, under a sentence type; over and over, so that no two paths sound alike."""
    words = path.topic if path.attribute is None else f"{path.attribute} {path.value or ''}"
    return FORMS[sentence_type].format(words.strip().lower())


def reasoning_of(path: IntentPath) -> str:
    words = str(path).replace(" → ", " ").lower()
    return f"The user has fixed where and when, so that {words} is what is still to be thought of."


class Script:
    """An `Ask` over a ScriptedModel. Each answer is worked out from the step; `answers` replaces some by step name.

    scores  what the judge says of an utterance that holds the word; 0.1 of all others
    flaky   whether the first answer to every step is none, so that it is asked again with what was wrong
    steps   every (step, place) that was asked, in order
    """

    def __init__(self, *, scores: Mapping[str, float] | None = None, flaky: bool = False, **answers: Scripted) -> None:
        self.scores = scores or {}
        self.flaky = flaky
        self.steps: list[tuple[Step[Any], str]] = []
        self._answers = {name.replace("_", "-"): answer for name, answer in answers.items()}
        self._asked: ContextVar[Step[Any]] = ContextVar("asked")
        self.model = ScriptedModel({name: lambda _: self._text() for name in STEPS})

    async def __call__(self, step: Step[Any], place: str) -> Any:
        self.steps.append((step, place))
        self._asked.set(step)
        return await ask(
            self.model,
            messages=step.messages(),
            answer=step.answer_model(),
            check=step.problems,
            sampling=step.sampling(0),
            step=step.name,
            role=step.role.value,
            correction=step.correction,
        )

    def of_step(self, name: str) -> list[Any]:
        """The steps of one name, in order."""
        return [step for step, _ in self.steps if step.name == name]

    def _text(self) -> Any:
        step = self._asked.get()
        if self.flaky and self.model.requests[-1].sample == 0:
            return "Let me think about it."
        answer = self._answers.get(step.name, STEPS[step.name])
        found = _judged(step, self.scores) if answer is _judge else answer(step)
        return found if isinstance(found, (str, Reply, BaseException)) else json.dumps(found, ensure_ascii=False)


def _judge(step: Any) -> Answer:
    return _judged(step, {})


def _judged(step: Any, scores: Mapping[str, float]) -> Answer:
    return {
        "verdicts": [
            {"reason": "", "score": max([score for word, score in scores.items() if word in said.lower()] or [0.1])}
            for said in step.utterances
        ]
    }


def _annotate(step: Any) -> Answer:
    if step.name == "annotate" and hasattr(step, "utterance"):  # the small step
        number = next(at for at, said in enumerate(LYON.utterances) if step.utterance.startswith(said))
        return {"wants": "something", "paths": [str(path) for path in PATHS[number]]}
    rounds = []
    for number in range(step.first, step.last + 1):
        paths = PATHS[number - 1]
        entry: dict[str, Any] = {"round": number, "wants": f"{paths[0].attribute} {paths[0].value or ''}"}
        if step.tree is None:
            entry["new_topic"] = number > 3
        else:
            entry["paths"] = [
                {"topic": path.topic, "attribute": path.attribute, "value": path.value or ""} for path in paths
            ]
        if step.types:
            entry["sentence_type"] = TYPES[number - 1].value
        rounds.append(entry)
    return {"rounds": rounds}


def _foreseen(step: Any, perspective: Perspective, n: int, barred: list[IntentPath]) -> list[IntentPath]:
    """The first n paths of the script for a perspective that are near none barred."""
    if perspective is Perspective.EXPLOITATION:
        topic = next(iter(step.tree.topics)) if step.tree else "Travel"
        pool = [IntentPath(topic, attribute) for attribute in KNOWN]
    else:
        pool = [IntentPath(topic, f"{topic} choice") for topic in NEW]
    free = [path for path in pool if not any(near_paths(path, other) for other in barred)]
    return free[:n]


def _paths(step: Any) -> Answer:
    sides = {}
    for perspective in step.perspectives:
        sides[perspective.value] = [
            {"reasoning": reasoning_of(path), "utterance": utterance_of(path, step.sentence_type)}
            | (_labels(path) if step.tree is not None else {"intent": f"{path.attribute} {path.topic}"})
            for path in _foreseen(step, perspective, step.q, [])
        ]
    return sides


def _labels(path: IntentPath) -> dict[str, str]:
    return {"topic": path.topic, "attribute": path.attribute or "", "value": path.value or ""}


def _brainstorm(step: Any) -> Answer:
    paths = _foreseen(step, step.perspective, len(KNOWN) if step.perspective == "exploitation" else len(NEW), [])
    free = [
        path
        for path in paths
        if path.attribute not in step.avoid and f"{path.attribute} {path.topic}" not in step.avoid
    ]
    return {"intents": [str(path) for path in (free * 2)[: step.n]]}


def _distinguish(step: Any) -> Answer:
    if step.tree is None:
        barred = [step.path, *step.avoid]
        pool = [IntentPath(f"{topic} plan") for topic in reversed(NEW)]
        free = [path for path in pool if not any(near_paths(path, other) for other in barred)]
        return {"paths": [{"topic": path.topic, "attribute": "", "value": ""} for path in free[: step.n]]}
    paths = _foreseen(step, step.perspective, step.n, [step.path, *step.avoid])
    return {"paths": [_labels(path) for path in paths]}


def _revise(step: Any) -> Answer:
    if hasattr(step, "reasoned"):
        return _write(step)
    return {"reasoning": reasoning_of(step.path), "utterance": utterance_of(step.path, step.sentence_type)}


def _write(step: Any) -> Answer:
    reasoning = {"reasoning": reasoning_of(step.path)[:-1] + "."} if step.reasoned else {}
    return {**reasoning, "intent": str(step.path), "utterance": utterance_of(step.path, step.sentence_type)}


def _reword(step: Any) -> Answer:
    if hasattr(step, "path"):
        return _write(step)
    return {
        "reasonings": [reasoning_of(step.paths[at]) for at in step.reasoned],
        "utterances": [utterance_of(step.paths[at], step.sentence_type) for at in step.worded],
    }


STEPS: dict[str, Scripted] = {
    "annotate": _annotate,
    "sentence-types": lambda step: {each.value: CHAINS[each] for each in step.order},
    "paths": _paths,
    "brainstorm": _brainstorm,
    "write": _write,
    "judge": _judge,
    "revise": _revise,
    "reword": _reword,
    "distinguish": _distinguish,
}


def steps_of(script: Script, settings: Settings) -> Steps:
    """The steps of the kind that the settings name."""
    kind = SmallSteps if settings.small_steps else WholeSteps
    return kind(script, settings, 4000)


async def annotated(settings: Settings, dialogue: Dialogue = LYON, script: Script | None = None) -> Annotation:
    """The dialogue, annotated by the script."""
    return await annotate(dialogue, settings, steps_of(script or Script(), settings))


async def pair_of(script: Script, k: int = 1, *, dialogue: Dialogue = LYON, **settings: Any) -> Pair:
    """The pair of one K, with whole steps unless the settings say otherwise."""
    chosen = Settings(**settings)
    annotation = await annotated(chosen, dialogue)
    return await synthesize_turn(
        annotation, k, settings=chosen, steps=steps_of(script, chosen), judge=LLMJudge(script, 4000)
    )


async def record(script: Script, k: int = 1, *, dialogue: Dialogue = LYON, **settings: Any) -> PreferencePair:
    """The same as it is written down."""
    return record_of(
        await pair_of(script, k, dialogue=dialogue, **settings),
        settings=Settings(**settings),
        models={"annotator": "scripted"},
        judge="llm",
        source=dialogue.source,
        usage=UsageRecord(calls=0, prompt_tokens=0, completion_tokens=0),
    )

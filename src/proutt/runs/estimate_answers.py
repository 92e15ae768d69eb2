"""What stands in for a model's answers in a rehearsal: texts of the measured lengths that say nothing.

Every label bears a number of its own, since labels with different digits are never near each other.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import cycle, islice
from random import Random
from types import SimpleNamespace
from typing import Any, Literal

from proutt.intent import Perspective, SentenceType
from proutt.prompts import Step
from proutt.prompts.proutt import (
    Annotate,
    AnnotateUtterance,
    Brainstorm,
    Distinguish,
    FlatRoundAnswer,
    JudgeSimilarity,
    PredictPaths,
    Revise,
    Reword,
    SentenceTypes,
    SmallSentenceTypes,
    Write,
)
from proutt.prompts.proutt.annotate import PathAnswer
from proutt.prompts.proutt.reasoning import FlatCandidateAnswer
from proutt.prompts.template import prompt_language
from proutt.runs.estimate_draws import Draws
from proutt.runs.estimate_profile import Profile

#: A rehearsal's course: the branch of every turn and how edits fare. "expected" draws them from what was measured.
Course = Literal["kept", "revised", "expected", "high"]

_FILLER = {
    "en": "the user would like to know more about this and may ask for it next since it was said before in the talk ",
    "zh": "用户接下来可能想要继续了解与此有关的内容因为之前在谈话中已经提到了这一点所以会再问",
}
#: Most characters that the schemas of the answers allow (`prompts/proutt/wording.py`, `judge.py`, `annotate.py`).
_MOST = {
    "reasoning": 320, "chain": 320, "utterance": 240, "topic": 40, "attribute": 40, "value": 80, "phrase": 80,
    "reason": 200, "wants": 120, "profile": 900,
}  # fmt: skip
#: A model of which nothing was measured may write texts that are but so long as those measured, and find no new intent
#: in so many turns.
_TERSE, _EMPTY = 1 / 3, 1 / 3
#: How the place of a question to the judge ends that is about edited utterances (`methods/proutt/algorithm.py`).
_EDITED = re.compile(r"/edited/\d+(/judge)?$")
#: The same of what SPaR has refined (`methods/baselines/spar.py`).
_REFINED = re.compile(r"/refined/\d+(/judge)?$")
#: What a field that was never measured is taken for: a verdict's reason for a reasoning, an intent for a wish.
_AS = {"reason": "reasoning", "phrase": "wants", "chain": "reasoning"}

#: The steps that it answers, and what makes an answer: as the algorithm takes it, and as what its text says.
Maker = tuple[Any, Callable[["Answers", Any, str], tuple[Any, Any]]]


@dataclass
class Answers:
    """Makes the answers of one course's rehearsal. Turns are rehearsed one after the other.

    makers  of answers to further steps than ProUtt's
    """

    profile: Profile
    course: Course
    draws: Draws
    tau_low: float
    tau_high: float
    makers: tuple[Maker, ...] = ()
    _count: int = 0
    _revised: bool = field(default=False)

    @property
    def rng(self) -> Random:
        return self.draws.rng

    def to(self, step: Step[Any], place: str) -> tuple[Any, str]:
        """An answer as the algorithm takes it, and its text."""
        for kind, make in (*self.makers, *_MAKERS):
            if isinstance(step, kind):
                answer, said = make(self, step, place)
                compact = isinstance(step, (Write, AnnotateUtterance, Brainstorm, SmallSentenceTypes))
                return answer, json.dumps(said, ensure_ascii=False, separators=(",", ":") if compact else None)
        raise ValueError(f"no stand-in answers the step {step.name!r}")

    # Texts.

    def text(self, name: str, language: str) -> str:
        """A text for a field of an answer, as long as its kind was measured, and like no other."""
        self._count += 1
        shown = prompt_language(language)
        mark = f"{self._count} "
        tokens = self._length(name, shown) - len(mark) / 3
        size = max(round(tokens if shown == "zh" else tokens * 3), 0)
        return f"{mark}{(_FILLER[shown] * (size // len(_FILLER[shown]) + 1))[:size]}".strip()

    def _length(self, name: str, language: str) -> float:
        lengths = self.profile.lengths
        found = lengths.get((name, language)) or lengths.get((_AS.get(name, name), language))
        if found is None and language == "zh":  # nothing was measured in that language
            return self._length(name, "en")
        if found is None:
            return _MOST[name] / 3 * {"expected": 1 / 2, "high": 1.0}.get(self.course, _TERSE / 2)
        if self.profile.foreign and self.course != "expected":
            # As long as the schemas allow an English text; a Chinese one of that length says far more.
            return max(found[2], _MOST[name] / 3) if self.course == "high" else found[0] * _TERSE
        return found[{"expected": 1, "high": 2}.get(self.course, 0)]

    def path(self, language: str, topic: str | None = None) -> dict[str, str]:
        valued = self.draws.happens("valued", self.profile.valued.mean)
        return {
            "topic": topic or self.text("topic", language),
            "attribute": self.text("attribute", language),
            "value": self.text("value", language) if valued else "",
        }

    # Annotation.

    def paths(self, language: str, topics: tuple[str, ...]) -> list[dict[str, str]]:
        """The new paths of one utterance, none now and then."""
        low, high = (0.0, _EMPTY) if self.profile.foreign else self.profile.empty.bounds
        empty = {"expected": self.profile.empty.mean, "high": low}.get(self.course, high)
        if self.draws.happens("empty", empty):
            return []
        new = not topics or self.draws.happens("new-topic", self.profile.new_topic.mean)
        topic = None if new else self.rng.choice(topics)
        first = self.path(language, topic)
        number = self.draws.of("paths", self.profile.paths)
        return [first, *(self.path(language, first["topic"]) for _ in range(number - 1))]

    def rounds(self, step: Annotate, _: str) -> tuple[Any, Any]:
        topics: tuple[str, ...] = () if step.tree is None else tuple(step.tree.topics)
        entries: list[Any] = []
        said = []
        for number in range(step.first, step.last + 1):
            paths = self.paths(step.language, topics)
            kind = self.rng.choice(list(SentenceType))
            new = bool(paths) and paths[0]["topic"] not in topics
            topics = (*topics, *(each["topic"] for each in paths if each["topic"] not in topics))
            wants = self.text("wants", step.language) if paths else ""
            shown: dict[str, Any] = {"round": number, "wants": wants}
            if step.tree is None:
                shown["new_topic"] = new
                entry: Any = FlatRoundAnswer.model_construct(round=number, wants=wants, new_topic=new)
            else:
                shown["paths"] = paths
                entry = SimpleNamespace(round=number, paths=[_path_answer(each) for each in paths])
            if step.types:
                shown["sentence_type"] = kind.value
                object.__setattr__(entry, "sentence_type", kind)
            entries.append(entry)
            said.append(shown)
        return SimpleNamespace(rounds=entries), {"rounds": said}

    def utterance(self, step: AnnotateUtterance, _: str) -> tuple[Any, Any]:
        paths = [_on_a_line(each) for each in self.paths(step.language, step.topics)]
        said = {"wants": self.text("wants", step.language) if paths else "", "paths": paths}
        return SimpleNamespace(**said), said

    # Prediction and editing.

    def chains(self, step: SentenceTypes | SmallSentenceTypes, _: str) -> tuple[Any, Any]:
        said = {kind.value: self.text("chain", step.language) for kind in step.order}
        return SimpleNamespace(**said), said

    def candidates(self, step: PredictPaths, _: str) -> tuple[Any, Any]:
        sides: dict[str, list[Any]] = {}
        said: dict[str, list[Any]] = {}
        for perspective in step.perspectives:
            for _number in range(step.q):
                texts = {name: self.text(name, step.language) for name in ("reasoning", "utterance")}
                if step.tree is None:
                    texts["intent"] = self.text("phrase", step.language)
                    entry: Any = FlatCandidateAnswer.model_construct(None, **_any(texts))
                else:
                    known = perspective is Perspective.EXPLOITATION
                    texts |= self.path(step.language, self.rng.choice(list(step.tree.topics)) if known else None)
                    entry = SimpleNamespace(**texts)
                sides.setdefault(perspective.value, []).append(entry)
                said.setdefault(perspective.value, []).append(texts)
        return SimpleNamespace(**sides), said

    def brainstorm(self, step: Brainstorm, _: str) -> tuple[Any, Any]:
        known = step.perspective is Perspective.EXPLOITATION and step.tree is not None
        topics = list(step.tree.topics) if known and step.tree is not None else []
        paths = [self.path(step.language, self.rng.choice(topics) if topics else None) for _ in range(step.n)]
        said = {"intents": [_on_a_line(each) for each in paths]}
        return SimpleNamespace(**said), said

    def written(self, step: Write, _: str) -> tuple[Any, Any]:
        said = {"reasoning": self.text("reasoning", step.language)} if step.reasoned else {}
        said |= {"intent": str(step.path), "utterance": self.text("utterance", step.language)}
        self._revised = self._revised or step.name == "revise"
        return SimpleNamespace(**said), said

    def revision(self, step: Revise, _: str) -> tuple[Any, Any]:
        self._revised = True
        said = {name: self.text(name, step.language) for name in ("reasoning", "utterance")}
        return SimpleNamespace(**said), said

    def rewording(self, step: Reword, _: str) -> tuple[Any, Any]:
        said = {
            "reasonings": [self.text("reasoning", step.language) for _ in step.reasoned],
            "utterances": [self.text("utterance", step.language) for _ in step.worded],
        }
        return SimpleNamespace(**said), said

    def others(self, step: Distinguish, _: str) -> tuple[Any, Any]:
        known = step.perspective is Perspective.EXPLOITATION and step.tree is not None
        topics = list(step.tree.topics) if known and step.tree is not None else []
        paths = [self.path(step.language, self.rng.choice(topics) if topics else None) for _ in range(step.n)]
        return SimpleNamespace(paths=[_path_answer(each) for each in paths]), {"paths": paths}

    # Verdicts.

    def verdicts(self, step: JudgeSimilarity, place: str) -> tuple[Any, Any]:
        scores = self.scores(len(step.utterances), place)
        reasons = [self.text("reason", step.language) for _ in scores]
        both = list(zip(reasons, scores, strict=True))
        verdicts = [SimpleNamespace(reason=reason, score=score) for reason, score in both]
        said = [{"reason": reason, "score": round(score, 1)} for reason, score in both]
        return SimpleNamespace(verdicts=verdicts), {"verdicts": said}

    def scores(self, size: int, place: str) -> list[float]:
        """What the judge says of `size` utterances: predicted ones, or those of both sides that an edit has worded."""
        if _REFINED.search(place):
            return [self._chosen(), *[0.0] * (size - 1)]
        if not _EDITED.search(place):
            return self._predicted(size)
        revised, self._revised = self._revised, False
        found = [self._chosen()] if revised else []
        left = size - len(found)
        return found + (list(islice(cycle(self._rejected()), left)) if left else [])

    def _chosen(self) -> float:
        """The score of what a try on the chosen side worded."""
        if self.course == "expected" and self.profile.chosen:
            return self.draws.of("chosen", self.profile.chosen)
        return 0.0 if self.course == "high" else 1.0  # the judge objects to all of it, or to none

    def _rejected(self) -> tuple[float, ...]:
        """The scores of what a try on the rejected side worded, as many as were measured together."""
        if self.course == "expected" and self.profile.rejected:
            return self.draws.of("rejected", self.profile.rejected)
        return (1.0,) if self.course == "high" else (0.0,)

    def _predicted(self, size: int) -> list[float]:
        if self.course == "kept":
            return [1.0, *[0.0] * (size - 1)]
        if self.course == "revised":
            return [0.0] * size
        if self.course == "high" or not self.profile.predicted:
            return [(self.tau_low + self.tau_high) / 2] * size
        drawn = self.draws.of("predicted", self.profile.predicted)
        if len(drawn) == size:
            return list(drawn)
        return [max(drawn), *(self.rng.choice(drawn) for _ in range(size - 1))]


def _path_answer(path: dict[str, str]) -> PathAnswer:
    return PathAnswer.model_construct(None, **_any(path))


def _any(values: dict[str, str]) -> dict[str, Any]:
    return dict(values)


def _on_a_line(path: dict[str, str]) -> str:
    labels = {name: re.sub("[→{}:：-]", " ", text) for name, text in path.items()}
    text = f"{labels['topic']} → {labels['attribute']}"
    return f"{text} - {labels['value']}" if labels["value"] else text


_MAKERS: tuple[Maker, ...] = (
    (Write, Answers.written),
    (JudgeSimilarity, Answers.verdicts),
    (Reword, Answers.rewording),
    (Revise, Answers.revision),
    (PredictPaths, Answers.candidates),
    ((SentenceTypes, SmallSentenceTypes), Answers.chains),
    (Brainstorm, Answers.brainstorm),
    (AnnotateUtterance, Answers.utterance),
    (Annotate, Answers.rounds),
    (Distinguish, Answers.others),
)

"""One line of `pairs.jsonl`: a preference pair and how it came about. Every method writes this record.

The JSON Schema of `PreferencePair` is generated into `docs/pair.schema.json`. Field names are design words of the
papers; released files that use others are translated in `export/`.
"""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from proutt.intent import Candidate, IntentPath, Perspective, SentenceType, Trajectory

RECORD_VERSION = 1


class Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class TurnRecord(Record):
    user: str
    assistant: str


class ContextRecord(Record):
    """D^(K)."""

    opening: str | None = Field(None, description="what the assistant said before the first user utterance")
    turns: list[TurnRecord]


class PathRecord(Record):
    topic: str
    attribute: str | None = None
    value: str | None = None

    @classmethod
    def of(cls, path: IntentPath) -> PathRecord:
        return cls(topic=path.topic, attribute=path.attribute, value=path.value)

    def path(self) -> IntentPath:
        return IntentPath(self.topic, self.attribute, self.value)


class LeafRecord(Record):
    value: str | None
    turn: int = Field(description="the turn that set it, from 1")


class TruthRecord(Record):
    """What came next. None of it is in the training text but what the paper lets through."""

    utterance: str = Field(description="u_{K+1}")
    sentence_type: SentenceType | None = Field(description="s*_{K+1}; null under the ablation sentence-type")
    paths: list[PathRecord] = Field(description="new paths of turn K+1, the main one first")
    perspective: Perspective | None = Field(
        description="of the main path against T^(K); null of methods that find no paths"
    )


class CandidateRecord(Record):
    """A predicted path and the utterance that verbalises it."""

    perspective: Perspective | None = Field(description="null of methods that know no perspectives")
    path: PathRecord | None = Field(description="null under the ablation intent-tree")
    reasoning: str
    utterance: str

    @classmethod
    def of(cls, candidate: Candidate) -> CandidateRecord:
        path = None if candidate.path is None else PathRecord.of(candidate.path)
        return cls(
            perspective=candidate.perspective, path=path, reasoning=candidate.reasoning, utterance=candidate.utterance
        )

    def candidate(self) -> Candidate:
        path = None if self.path is None else self.path.path()
        return Candidate(self.perspective, self.reasoning, path, self.utterance)


class ScoredCandidateRecord(CandidateRecord):
    """A candidate as it was predicted, before any edit, with what the judge said of it."""

    score: float = Field(ge=0, le=1, description="similarity of the utterance to the truth")
    reason: str = Field(description="the judge's reason; empty for judges that give none")


class TrajectoryRecord(Record):
    """r and Û: what the chosen or the rejected side thinks and proposes."""

    sentence_type: SentenceType | None
    sentence_type_reasoning: str | None
    candidates: list[CandidateRecord] = Field(description="2Q, exploitation first")

    @classmethod
    def of(cls, trajectory: Trajectory) -> TrajectoryRecord:
        return cls(
            sentence_type=trajectory.sentence_type,
            sentence_type_reasoning=trajectory.sentence_type_reasoning,
            candidates=[CandidateRecord.of(each) for each in trajectory.candidates],
        )

    def trajectory(self) -> Trajectory:
        candidates = tuple(each.candidate() for each in self.candidates)
        return Trajectory(self.sentence_type, self.sentence_type_reasoning, candidates)


class ReplacementRecord(Record):
    """One candidate whose path was replaced."""

    position: int = Field(description="index into the candidates, from 0")
    path: PathRecord | None
    origin: Literal["next-turn", "future-turn", "model"] = Field(
        description="next-turn: p_{K+1} (revision); future-turn: p_{K+ε}, ε ≥ 2; model: written by the model"
    )
    turn: int | None = Field(None, description="the turn whose path it is, from 1; null when a model wrote it")


class EditRecord(Record):
    edit: Literal["keep", "revise", "perturb"]
    replaced: list[ReplacementRecord] = []


class VerificationRecord(Record):
    """What the judge said of the edited sides."""

    chosen_scores: list[float]
    rejected_scores: list[float]
    tries: int = Field(ge=1)
    problems: list[str] = Field(description="why the pair is marked; empty when it passed")


class UsageRecord(Record):
    """The calls that made this pair (annotation of the dialogue not counted) and their tokens."""

    calls: int
    prompt_tokens: int
    completion_tokens: int


class PreferencePair(Record):
    """One element of 𝒮, the output of Algorithm 1, for one dialogue and one K."""

    version: int = RECORD_VERSION
    method: str = "proutt"
    dialogue_id: str
    k: int = Field(ge=1, description="turns in the context")
    language: str = Field(description="ISO 639-1 code of the dialogue")
    source: str = Field("", description="file and line or position of the dialogue")
    context: ContextRecord
    tree: dict[str, dict[str, LeafRecord]] | None = Field(
        description="T^(K): topic → attribute → value and turn; null under the ablation intent-tree"
    )
    truth: TruthRecord
    candidates: list[ScoredCandidateRecord] = Field(description="as predicted, before any edit")
    j_max: float = Field(ge=0, le=1)
    branch: Literal["high", "middle", "low"]
    chosen_edit: EditRecord
    rejected_edit: EditRecord
    chosen: TrajectoryRecord
    rejected: TrajectoryRecord = Field(description="without candidates of methods that make data for SFT only")
    verification: VerificationRecord | None = Field(description="null where it was switched off")
    verified: bool | None = Field(
        description="null: not checked (verification was off); false: left out of exports by default"
    )
    models: dict[str, str] = Field(description="role → model")
    judge: str = Field(description="what scored: llm, or the embedding model's name")
    sentence_types: str = Field(description="what named the sentence types: llm, rules, or none")
    prompt_version: str
    seed: int
    settings: dict[str, Any] = Field(description="thresholds, Q, ablations")
    usage: UsageRecord
    profile: str | None = Field(None, description="who the user is, as far as the context shows; of usp alone")

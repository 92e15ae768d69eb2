"""What an arm says of each stage. Keys are those of the verb that does the stage; models and data go by their names.

A section that is null leaves its stage out.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator
from pydantic_core import PydanticCustomError

from proutt.evaluation.synpt.config import EvaluateConfig
from proutt.evaluation.upc.config import UPCEvaluateConfig
from proutt.export.prompt import Instruction
from proutt.methods.upc.difficulty import Untouched
from proutt.prediction.config import PredictConfig
from proutt.prompts import Role
from proutt.runs.config import SynthesisConfig
from proutt.simulation.synpt.config import SynPTConfig
from proutt.simulation.upc.config import UPCConfig
from proutt.training.settings import TooLong

#: Of a verb's configuration, what an experiment says by the names of models and data, or sees to itself.
_BY_NAME = {
    *("inputs", "format", "language", "tasks", "model", "base_url", "api_key_env", "context_tokens"),
    *("thinking_tokens", "timeout_s", "concurrency", "roles", "system", "inquiries"),
    *("user_model", "user_base_url", "user_api_key_env", "judge", "judge_base_url", "judge_api_key_env"),
    *("critic_model", "critic_base_url", "critic_api_key_env", "unseen_from"),
    *("perplexity_model", "perplexity_base_url", "perplexity_api_key_env"),
}
SETTING = "setting"
#: In a training command, the folder that it writes to.
OUT = "{out}"


class Section(BaseModel):
    """One stage of one arm."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class _Passing(Section):
    """A section whose other keys are settings of a verb's configuration."""

    model_config = ConfigDict(extra="allow", frozen=True)

    @property
    def settings(self) -> dict[str, Any]:
        return dict(self.model_extra or {})


class Synthesize(_Passing):
    """A run of `proutt synthesize` for each data set of `from`; `limit` is of each."""

    sources: list[str] = Field(min_length=1, alias="from")
    model: str = "generator"
    roles: dict[Role, str] = {}

    @model_validator(mode="after")
    def _settings_fit(self) -> Synthesize:
        _refuse_unfit(self.settings, SynthesisConfig)
        return self


class Simulate(_Passing):
    """A run of `proutt simulate synpt` for each data set of `from`; `share` and `limit` are of each."""

    sources: list[str] = Field(min_length=1, alias="from")
    model: str = "generator"
    roles: dict[Role, str] = {}

    @model_validator(mode="after")
    def _settings_fit(self) -> Simulate:
        _refuse_unfit(self.settings, SynPTConfig)
        return self


class Audit(Section):
    """stop: findings of severity error end the experiment; clean: go on with the rows that have none."""

    stop: bool = False
    clean: bool = False
    include_unverified: bool = False
    embeddings: bool = False


class Export(Section):
    """As `proutt export`."""

    instruction: Instruction = "structured"
    include_unverified: bool = False
    include_personal: bool = False


class Rows(Section):
    """As `proutt export` of SynPT's dialogues: a row for each of the assistant's answers, without an instruction."""

    thinking: bool = True
    include_flagged: bool = False


class Train(Section):
    """One stage of `proutt train`. base: the name of a model; None of a value: the method's own."""

    base: str = "base"
    epochs: float | None = Field(None, gt=0)
    learning_rate: float | None = Field(None, gt=0)
    max_steps: int | None = Field(None, ge=1)
    max_length: int | None = Field(None, ge=16)
    too_long: TooLong = "leave-out"
    batch: int | None = Field(None, ge=1)
    accumulation: int | None = Field(None, ge=1)
    lora_rank: int | None = Field(None, ge=1)
    lora_alpha: int | None = Field(None, ge=1)
    lora_dropout: float | None = Field(None, ge=0, lt=1)
    device: Literal["auto", "cuda", "mps", "cpu"] = "auto"
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    seed: int = 0


class Align(Train):
    """Alignment from the SFT adapter where the arm has SFT, from a new one where it has none."""

    method: Literal["dpo", "orpo", "simpo"] = "dpo"
    beta: float | None = Field(None, gt=0)


class Serve(Section):
    """How a trained model, or a base as it is, is asked: one form throughout.

    form  q8_0, f16: GGUF on the embedded engine; merged: a folder that you serve at the model `at`'s address
    """

    form: Literal["q8_0", "f16", "merged"] = "q8_0"
    base: str = "base"
    at: str = "served"


class Predict(_Passing):
    """A run of `proutt predict` for each data set of `from`. model: None is what the arm has trained."""

    sources: list[str] = Field(min_length=1, alias="from")
    model: str | None = None
    context_tokens: int | None = Field(None, ge=256)

    @model_validator(mode="after")
    def _settings_fit(self) -> Predict:
        _refuse_unfit(self.settings, PredictConfig)
        return self


class Mining(_Passing):
    """A run of `proutt evaluate synpt` for each data set of `from`, over first words that all arms share.

    model   None is what the arm has trained, or its base; a model with a name is told of task and intentions, unless
            `subject` says otherwise
    user    plays the user, and writes the first words; judge: None is nobody
    runs    trainings of the arm, each with a seed of its own and an evaluation of its own (SynPT V-A: five)
    """

    sources: list[str] = Field(min_length=1, alias="from")
    model: str | None = None
    user: str = "user"
    judge: str | None = "judge"
    runs: int = Field(1, ge=1, le=100)
    context_tokens: int | None = Field(None, ge=256)

    @model_validator(mode="after")
    def _settings_fit(self) -> Mining:
        _refuse_unfit(self.settings, EvaluateConfig)
        return self


class Curriculum(Section):
    """UPC's iterative curriculum (Algorithm 2): corpus, selection, training, validation, again and again.

    sources     personas that corpora are made with; validation: personas that each iteration is measured on, None: not
    iterations  K; patience: so many iterations without a better validation mean end it, None: none does
    critic      the corpus is guided by the critic (CDC of Table 2)
    iterative   the chatbot that was trained last makes the next corpus (IFT); False: the base makes all of them
    easy        only easy dialogues are trained on (CL)
    users       whom an iteration talks with: all (Algorithm 2), or those whose dialogue was not trained on yet (4.3);
                then easy dialogues of all iterations so far are trained on
    alpha, beta, untouched  what is easy (equations 2 and 3); `untouched` as `Difficulty` has it
    start       each training goes on from the adapter of the one before (Algorithm 2), or from a new one
    simulate    settings of `proutt simulate upc`; evaluate: of `proutt evaluate upc`, for validation
    roles       who plays the user and who the critic: names of models
    chatbot     a model's name: who makes the first corpus; None: the base, in the form of `serve`
    command     the user's own training, instead of `sft` and `serve`: a program and its arguments
    """

    sources: list[str] = Field(min_length=1, alias="from")
    validation: list[str] | None = None
    iterations: int = Field(4, ge=1, le=100)
    patience: int | None = Field(1, ge=1)
    critic: bool = True
    iterative: bool = True
    easy: bool = True
    users: Literal["all", "difficult"] = "all"
    alpha: int = Field(3, ge=1, le=5)
    beta: int = Field(2, ge=0, le=3)
    untouched: Untouched = "pass"
    start: Literal["previous", "base"] = "previous"
    include_flagged: bool = False
    simulate: dict[str, Any] = {}
    evaluate: dict[str, Any] = {}
    roles: dict[Literal["user-agent", "critic"], str] = {}
    chatbot: str | None = None
    context_tokens: int | None = Field(None, ge=256)
    command: list[str] | None = Field(None, min_length=1)

    @field_validator("simulate")
    @classmethod
    def _corpus_fits(cls, given: dict[str, Any]) -> dict[str, Any]:
        if "strategy" in given:
            raise PydanticCustomError(SETTING, "said by critic: true or false", {"key": "strategy"})
        _refuse_unfit(given, UPCConfig)
        return given

    @field_validator("evaluate")
    @classmethod
    def _validation_fits(cls, given: dict[str, Any]) -> dict[str, Any]:
        _refuse_unfit(given, UPCEvaluateConfig)
        return given

    @model_validator(mode="after")
    def _agrees(self) -> Curriculum:
        if self.easy and not self.critic:
            raise PydanticCustomError(
                SETTING, "without a critic nobody knows what is easy; give easy: false, too", {"key": "critic"}
            )
        if self.users == "difficult" and not self.easy:
            raise PydanticCustomError(
                SETTING, "every dialogue trains, so nobody comes back; give all", {"key": "users"}
            )
        if self.command is not None and not any(OUT in each for each in self.command):
            raise PydanticCustomError(SETTING, "no argument holds {out}", {"key": "command", "out": OUT})
        return self


class Proactivity(_Passing):
    """A run of `proutt evaluate upc` for each data set of `from`.

    model       None is what the arm has trained, or its base; else a model by its name
    user        plays the user
    critics     score, each in an evaluation of its own of the same dialogues
    perplexity  the model by which perplexity is measured, in the first of them; None: it is not
    """

    sources: list[str] = Field(min_length=1, alias="from")
    model: str | None = None
    user: str = "user"
    critics: list[str] = Field(["critic"], min_length=1)
    perplexity: str | None = None
    context_tokens: int | None = Field(None, ge=256)

    @model_validator(mode="after")
    def _settings_fit(self) -> Proactivity:
        _refuse_unfit(self.settings, UPCEvaluateConfig)
        return self


SECTIONS: Mapping[str, type[Section]] = {
    "synthesize": Synthesize,
    "simulate": Simulate,
    "audit": Audit,
    "export": Export,
    "rows": Rows,
    "sft": Train,
    "align": Align,
    "serve": Serve,
    "predict": Predict,
    "mining": Mining,
    "curriculum": Curriculum,
    "proactivity": Proactivity,
}


def _refuse_unfit(settings: Mapping[str, Any], kind: type[BaseModel]) -> None:
    """Raise an error that names the key where a setting is none of the verb's, or does not fit."""
    known = [name for name in kind.model_fields if name not in _BY_NAME]
    for key in settings:
        if key not in known:
            near = difflib.get_close_matches(key, known, n=1)
            hint = f"Did you mean '{near[0]}'?" if near else f"Known keys: {', '.join(known)}."
            raise PydanticCustomError(SETTING, "unknown key '{key}'. {hint}", {"key": key, "hint": hint})
    try:
        kind.model_validate(dict(settings))
    except ValidationError as error:
        first = error.errors()[0]
        raise PydanticCustomError(SETTING, "{said}", {"key": str(first["loc"][0]), "said": first["msg"]}) from None

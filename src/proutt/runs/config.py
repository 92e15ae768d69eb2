"""What a run does, resolved: the file `run.yaml`, and the configuration file that a user may write.

Precedence: flag, environment, configuration file, default. An unknown key is an error that names its line and the
nearest key. The JSON Schema of the configuration file ships beside this module (`config.schema.json`).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, BinaryIO, ClassVar, Literal

import yaml
from pydantic import BaseModel, Field, ValidationError

from proutt.dialogue import Dialogue, ReadingReport, read_dialogues
from proutt.errors import UserError
from proutt.methods.baselines import BASELINES
from proutt.methods.proutt import Settings
from proutt.methods.proutt.settings import Ablation
from proutt.prompts import PAIR_ROLES, Role
from proutt.runs.model_config import RoleModel, RolesConfig, ShardedConfig, misfit, schema_of
from proutt.runs.yaml_lines import line_of, read_yaml, refuse_doubles


class SynthesisConfig(ShardedConfig, RolesConfig):
    """Everything that `proutt synthesize` can be told; the keys of the configuration file and of `run.yaml`.

    None means "as suits the model": an embedded model judges by sentence embeddings, names sentence types by rules and
    is asked small questions; an endpoint does it all with its model, as in the paper.
    """

    role_names: ClassVar[tuple[Role, ...]] = PAIR_ROLES

    inputs: list[str] = Field([], description="dialogue files, folders, - or hf:owner/name")
    format: str | None = Field(None, description="corpus format, where it is not to be recognised")
    language: str | None = Field(None, description="language of all dialogues, where it is not to be detected")
    limit: int | None = Field(None, ge=1, description="most dialogues to take")
    strict: bool = Field(False, description="stop at the first bad record")
    method: Literal["proutt", "magpie", "baize", "spar", "socratic", "usp"] = Field(
        "proutt", description="ProUtt, or a baseline that it is compared with"
    )
    judge: Literal["llm", "embedding"] | None = Field(None, description="what scores similarity")
    annotator: Literal["llm", "rules"] | None = Field(None, description="what names sentence types")
    small_steps: bool | None = Field(None, description="one small question a call, for small models")
    q: int = Field(2, ge=1, le=8, description="candidates per perspective")
    tau_high: float = Field(0.8, ge=0, le=1)
    tau_low: float = Field(0.3, ge=0, le=1)
    turns: Literal["all", "last", "random"] = "all"
    ablate: list[Ablation] = Field([], description="components left out")
    verify: bool = True
    verify_tries: int = Field(3, ge=1, le=10)
    seed: int = 0

    def dialogues(
        self, report: ReadingReport, *, language: str | None = None, stdin: BinaryIO | None = None
    ) -> Iterator[Dialogue]:
        """The dialogues of the inputs; what is left out goes into the report.

        language  taken for all where the configuration names none: those who only count need no detector
        stdin     what "-" reads, if not the process's standard input
        """
        return read_dialogues(
            self.inputs,
            format=self.format,
            language=self.language or language,
            strict=self.strict,
            limit=self.limit,
            report=report,
            stdin=stdin,
        )

    @property
    def opened_roles(self) -> tuple[Role, ...]:
        """The roles that the method has, whose models are opened; socratic has none, and no weights are brought."""
        return tuple(role for role in PAIR_ROLES if self.method == "proutt" or role in BASELINES[self.method].roles)

    @property
    def makes_preferences(self) -> bool:
        """Whether the method's pairs have a rejected side."""
        return self.method == "proutt" or BASELINES[self.method].preference

    @property
    def embedded(self) -> bool:
        """Whether an embedded model does the reasoning: then the defaults of weak models apply."""
        return self.spec(Role.REASONER).embedded

    def resolved(self) -> SynthesisConfig:
        """The same with every None that depends on the model decided."""
        # Small steps do not ask a model for sentence types: rules name them better.
        small = self.embedded if self.small_steps is None else self.small_steps
        annotates_embedded = self.spec(Role.ANNOTATOR).embedded
        annotator: Literal["llm", "rules"] | None = self.annotator or (
            "rules" if small or annotates_embedded else "llm"
        )
        if self.method != "proutt":  # no baseline annotates, and a simulator predicts nothing
            small, annotator = small and not BASELINES[self.method].simulates, None
        return self.model_copy(
            update={
                "judge": self.judge or ("embedding" if self.spec(Role.JUDGE).embedded else "llm"),
                "annotator": annotator,
                "small_steps": small,
                "concurrency": self.calls_in_flight(embedded=self.embedded),
            }
        )

    def settings(self) -> Settings:
        """The method's parameters. Raises UserError where they contradict each other."""
        decided = self.resolved()
        if self.method != "proutt" and self.ablate:
            raise UserError(f"ablate: {self.method} has no such steps.", remedy="Leave --ablate out.")
        if decided.small_steps and decided.annotator == "llm":
            raise UserError(
                "annotator: small steps do not ask a model for sentence types (rules name them better).",
                remedy="Leave --annotator llm out, or give --whole-steps.",
            )
        try:
            return Settings(
                q=self.q,
                tau_high=self.tau_high,
                tau_low=self.tau_low,
                turns=self.turns,
                ablate=tuple(self.ablate),
                seed=self.seed,
                verify=self.verify,
                verify_tries=self.verify_tries,
                sentence_types=decided.annotator or "llm",
                small_steps=bool(decided.small_steps),
            )
        except ValidationError as error:
            raise UserError(misfit(error), remedy="Mend --tau-low or --tau-high.") from None


#: What may differ when a run is resumed: nothing of it changes a question or an answer. Room for thinking is not among
#: it: it is taken from the context, so long dialogues would be cut elsewhere and what was paid be asked in other words.
FREE = ("concurrency", "timeout_s", "strict", "api_key_env", "max_cost", "max_tokens", "failed")


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """What of a configuration changed, one line each: "tau_high: 0.8 → 0.9", "roles.judge.model: None → 'strict'".

    Free keys are left out, those of a role too. Of several addresses the first one counts: it names the model, the
    others share its load.
    """
    before, after = _compared(old), _compared(new)
    if "method" in after:  # runs of before there was a choice
        before.setdefault("method", "proutt")
    for key in sorted({*before, *after}):
        if before.get(key) != after.get(key):
            yield f"{key}: {before.get(key)!r} → {after.get(key)!r}"


def _compared(config: Mapping[str, Any]) -> dict[str, Any]:
    """What counts of a configuration; the keys of a role's model by their place."""
    counted = {key: value for key, value in config.items() if key not in (*FREE, "roles")}
    for role, model in (config.get("roles") or {}).items():
        counted |= {f"roles.{role}.{key}": value for key, value in model.items() if key not in FREE}
    for key, value in counted.items():
        if key.split(".")[-1] == "base_url" and value:
            counted[key] = str(value).split(",")[0].strip()
    return counted


def config_schema() -> dict[str, Any]:
    """The JSON Schema of the configuration file, as it ships in `config.schema.json`."""
    return schema_of(SynthesisConfig, "synthesize")


def config_of(values: Mapping[str, Any]) -> SynthesisConfig:
    """The configuration that the values make. Raises UserError where one does not fit."""
    try:
        return SynthesisConfig.model_validate(values)
    except ValidationError as error:
        raise UserError(misfit(error), remedy="See proutt synthesize --help.") from None


def read_config(path: Path, kind: type[BaseModel] = SynthesisConfig) -> dict[str, Any]:
    """The keys and values of a configuration file; `kind` says which keys there are.

    Raises UserError, naming file and line, where it is no YAML, has a key that nothing knows (with the nearest that
    something does) or a value that does not fit.
    """
    data, node = read_yaml(path, remedy="Mend --config.")
    if data is None:
        return {}
    if isinstance(data, dict):
        data.pop("prompt_version", None)  # of a run.yaml: a fact of that run, not a setting
    if not isinstance(data, dict) or not isinstance(node, yaml.MappingNode):
        raise UserError("a configuration file holds keys and values.", where=str(path))
    refuse_doubles(node, path)
    try:
        kind.model_validate({str(key): value for key, value in data.items()})
    except ValidationError as error:
        first = error.errors()[0]
        where = f"{path}:{line_of(node, first['loc'])}"
        if first["type"] == "extra_forbidden":
            raise _unknown(first["loc"], where, kind) from None
        raise UserError(misfit(error), where=where) from None
    return data


def _unknown(place: Sequence[int | str], where: str, kind: type[BaseModel]) -> UserError:
    role = str(place[0]).removesuffix("_model").replace("_", "-")
    roles = kind.role_names if issubclass(kind, RolesConfig) else ()
    if len(place) == 1 and str(place[0]).endswith("_model") and role in [each.value for each in roles]:
        remedy = f"A model of one role goes under roles: {{{role}: {{model: ...}}}}."
        return UserError(f"unknown key {place[0]!r}.", where=where, remedy=remedy)
    known = list(kind.model_fields if len(place) == 1 else RoleModel.model_fields)
    nearest = difflib.get_close_matches(str(place[-1]), known, n=1)
    remedy = f"Did you mean {nearest[0]!r}?" if nearest else f"Known keys: {', '.join(known)}."
    return UserError(f"unknown key {place[-1]!r}.", where=where, remedy=remedy)

"""New seeds for a task, several a call (SynPT VII-C): what different users may want, unlike those that are there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, Field, create_model

from proutt.prompts.step import Answer, Role
from proutt.prompts.synpt.agent_step import AgentStep
from proutt.prompts.synpt.material import one_line
from proutt.prompts.synpt.saying import problem

#: Most characters of a value.
VALUE_CHARS = 60
#: One value in so many is to be "no preference".
ANY_SHARE = 5
_NONE = {"en": "(none)", "zh": "（无）"}
_COLON = {"en": ": ", "zh": "："}
_BETWEEN = {"en": "; ", "zh": "；"}


@lru_cache(maxsize=64)
def _grown_model(keys: tuple[str, ...], n: int) -> type[BaseModel]:
    value = Annotated[str, Field(min_length=1, max_length=VALUE_CHARS)]
    fields: dict[str, Any] = {f"value_{at}": (value, Field(alias=key)) for at, key in enumerate(keys)}
    one: Any = create_model("GrownSeed", __base__=Answer, **fields)
    return create_model("Grown", __base__=Answer, seeds=(Annotated[list[one], Field(min_length=1, max_length=n)], ...))


@dataclass(frozen=True, kw_only=True)
class Grow(AgentStep[Any]):
    """A round of new seeds.

    n         how many
    vary      the intention whose values are to differ above all
    sample    values of seeds that are there
    frequent  intention → values that are there too often
    """

    name: ClassVar[str] = "grow"
    role: ClassVar[Role] = Role.USER_AGENT
    temperature: ClassVar[float] = 1.0
    system: ClassVar[str] = "synpt/system_writer"

    n: int
    vary: str
    sample: tuple[Mapping[str, str], ...]
    frequent: Mapping[str, Sequence[str]]

    def instruction(self) -> str:
        language = "zh" if self.language == "zh" else "en"
        colon, between = _COLON[language], _BETWEEN[language]
        points = [f"- `{each.key}`{colon}{each.name}{colon}{each.description}" for each in self.task.intentions]
        shown = ["- " + between.join(f"{key}={one_line(seed[key])}" for key in self.task.keys) for seed in self.sample]
        often = [f"- `{key}`{colon}{between.join(map(one_line, values))}" for key, values in self.frequent.items()]
        return self.text(
            "grow",
            task=one_line(self.task.name),
            n=str(self.n),
            any=self.task.any_value,
            share=str(ANY_SHARE),
            points="\n".join(points),
            vary=self.task.name_of(self.vary),
            sample="\n".join(shown) or _NONE[language],
            frequent="\n".join(often) or _NONE[language],
        )

    def answer_model(self) -> type[BaseModel]:
        return _grown_model(self.task.keys, self.n)

    def max_tokens(self) -> int:
        return 80 + self.n * (20 + 30 * len(self.task.keys))

    def problems(self, answer: Any) -> list[str]:
        if not any(any(each.isalnum() for each in value) for seed in self.found(answer) for value in seed.values()):
            return [problem("empty", self.language, what="“seeds”")]
        return []

    def found(self, answer: Any) -> list[dict[str, str]]:
        """Key → value of each seed of an answer."""
        return [
            {key: " ".join(getattr(each, f"value_{at}").split()) for at, key in enumerate(self.task.keys)}
            for each in answer.seeds
        ]

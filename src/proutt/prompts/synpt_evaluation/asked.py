"""Which intention each reply asks for: the one thing of implicit intention mining that has to be judged (IV-C)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, create_model

from proutt.intent.task import Task
from proutt.prompts.step import Answer, Role, Step
from proutt.prompts.synpt_evaluation.quoting import quoted
from proutt.prompts.template import fill, prompt_language, template


class AskedAnswer(Answer):
    """asked: for each reply, in order, the keys of what it asks for; empty where it asks for none of them."""

    asked: list[list[str]]


@dataclass(frozen=True, kw_only=True)
class Asked(Step[AskedAnswer]):
    """What each reply asks for. replies: texts of the model under test, in order, one or more."""

    name: ClassVar[str] = "asked"
    role: ClassVar[Role] = Role.JUDGE
    temperature: ClassVar[float] = 0.0

    task: Task
    replies: tuple[str, ...]

    @property
    def language(self) -> str:
        return self.task.language

    def dialogue(self) -> str:
        each = max(self.budget // len(self.replies), 40)
        return "\n\n".join(f"[{n}]\n{quoted(text, each)}" for n, text in enumerate(self.replies, start=1))

    def instruction(self) -> str:
        language = prompt_language(self.language)
        colon = "：" if language == "zh" else ": "
        listed = "\n".join(f'- "{each.key}"{colon}{each.name} ({each.description})' for each in self.task.intentions)
        return fill(
            template("synpt_evaluation/asked", language),
            task=self.task.name,
            intentions=listed,
            count=str(len(self.replies)),
        )

    def answer_model(self) -> type[AskedAnswer]:
        known: Any = Literal[self.task.keys]
        number = len(self.replies)
        field: Any = (
            Annotated[
                list[Annotated[list[known], Field(max_length=len(self.task.keys))]],
                Field(min_length=number, max_length=number),
            ],
            ...,
        )
        return create_model("AskedInReplies", __base__=AskedAnswer, asked=field)

    def max_tokens(self) -> int:
        return 40 + 40 * len(self.replies)

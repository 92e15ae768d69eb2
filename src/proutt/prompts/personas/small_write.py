"""One person as a small model writes them: a name, and four sentences that code puts together as the background.

The grammar holds it to the drawn initials and to sentences of a length that come to 50 to 100 words together. The job
comes first, or a small model forgets the occupation group over the rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, Field, create_model

from proutt.prompts.personas.brief import Brief, Sketch, background_words, word_bounds
from proutt.prompts.proutt.small_step import SmallStep
from proutt.prompts.proutt.wording import repeats
from proutt.prompts.step import Answer, Role

_PARTS = ("career", "education", "personality", "hobbies")
_ANY = {"en": r"[A-Za-z0-9 ,'-]", "zh": r"[\u4e00-\u9fff0-9，、]"}
#: Least and most characters of each sentence after its first word.
_LENGTHS = {
    "en": {"career": (95, 160), "education": (60, 115), "personality": (70, 130), "hobbies": (70, 130)},
    "zh": {"career": (28, 45), "education": (18, 32), "personality": (22, 40), "hobbies": (22, 40)},
}
_PRONOUNS = {"en": {"woman": "She", "man": "He"}, "zh": {"woman": "她", "man": "他"}}
_SEXES = {"en": {"woman": "woman", "man": "man"}, "zh": {"woman": "女", "man": "男"}}
_SAID = {
    "en": {
        "length": "all four sentences together must have {least} to {most} words, not {count}.",
        "loop": "“{key}” repeats itself.",
        "taken": "the name {name} is taken; take another one.",
    },
    "zh": {
        "length": "四句话合起来应有{least}到{most}个字，而不是{count}个。",
        "loop": "“{key}”在重复自己。",
        "taken": "姓名{name}已被使用，请换一个。",
    },
}


@lru_cache(maxsize=512)
def _person_model(code: str, given: str, family: str, pronoun: str) -> type[BaseModel]:
    name = rf"^{family}[\u4e00-\u9fff]?{given}$" if code == "zh" else rf"^{given}[a-z]{{2,9}} {family}[a-z]{{2,10}}$"
    job = rf"^{_ANY[code]}{{2,{12 if code == 'zh' else 40}}}$"
    first = {"name": name, "job": job}
    fields: dict[str, Any] = {key: (Annotated[str, Field(pattern=pattern)], ...) for key, pattern in first.items()}
    for key in _PARTS:
        least, most = _LENGTHS[code][key]
        gap, end = ("", "。") if code == "zh" else (" ", r"\.")
        pattern = rf"^{pronoun}{gap}{_ANY[code]}{{{least},{most}}}{end}$"
        fields[key] = (Annotated[str, Field(pattern=pattern)], ...)
    return create_model("SmallPerson", __base__=Answer, **fields)


@dataclass(frozen=True, kw_only=True)
class WritePerson(SmallStep):
    """One person of an occupation group. group: its name; taken: names that are there already."""

    name: ClassVar[str] = "write-person"
    role: ClassVar[Role] = Role.USER_AGENT
    temperature: ClassVar[float] = 0.9
    folder: ClassVar[str] = "personas/small"
    system: ClassVar[str] = "personas/system"
    text: ClassVar[str] = "person"

    budget: int = 0
    code: str
    group: str
    brief: Brief
    taken: tuple[str, ...] = ()

    @property
    def language(self) -> str:
        return self.code

    def fields(self) -> dict[str, str]:
        brief = self.brief
        return {
            "group": self.group,
            "sex": _SEXES[self.code][brief.sex],
            "age": str(brief.age),
            "place": brief.place,
            "temper": brief.temper,
            "luck": brief.luck,
            "pastime": brief.pastime,
        }

    def example_fields(self, example: Mapping[str, Any]) -> dict[str, str]:
        return {key: str(example[key]) for key in ("group", "sex", "age", "place", "temper", "luck", "pastime")}

    def answer_model(self) -> type[BaseModel]:
        brief = self.brief
        return _person_model(self.code, brief.given, brief.family, _PRONOUNS[self.code][brief.sex])

    def max_tokens(self) -> int:
        return 320

    def problems(self, answer: Any) -> list[str]:
        said = _SAID[self.code]
        for key in _PARTS:
            if repeats(getattr(answer, key)):
                return [said["loop"].format(key=key)]
        copied = self.copied(" ".join(getattr(answer, key) for key in _PARTS))
        if copied is not None:
            return [copied]
        sketch = self.found(answer)
        if sketch.name in self.taken:
            return [said["taken"].format(name=sketch.name)]
        count, (least, most) = background_words(sketch.background), word_bounds(self.code)
        if not least <= count <= most:
            return [said["length"].format(count=count, least=least, most=most)]
        return []

    def found(self, answer: Any) -> Sketch:
        """The person: the sentences one after the other, the first with the name for its pronoun."""
        pronoun = _PRONOUNS[self.code][self.brief.sex]
        told = answer.name + answer.career.removeprefix(pronoun)
        others = {key: str(getattr(answer, key)) for key in _PARTS[1:]}
        background = ("" if self.code == "zh" else " ").join([told, *others.values()])
        return Sketch(name=answer.name, career=answer.career, background=background, **others)

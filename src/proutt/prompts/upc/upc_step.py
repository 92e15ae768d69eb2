"""What the steps of UPC share: a temperature that can be set, and how a persona and a dialogue are quoted."""

from __future__ import annotations

from dataclasses import dataclass, replace

from proutt.intent.persona import Persona
from proutt.llm.chat import Message, Sampling
from proutt.prompts.context import estimated_tokens
from proutt.prompts.step import AnswerT, Step, language_name
from proutt.prompts.synpt.material import behind_marks, one_line
from proutt.prompts.template import fill, prompt_language, template
from proutt.prompts.upc.heard import Heard

#: Most tokens of what was said in a prompt: far more than these dialogues have.
HISTORY_TOKENS = 6000

_SPEAKERS = {"en": ("Chatbot:", "{}:"), "zh": ("机器人：", "{}：")}
_NOTHING = {"en": "(nothing yet)", "zh": "（还没有）"}


@dataclass(frozen=True, kw_only=True)
class UPCStep(Step[AnswerT]):
    """A step over what was said.

    heat  the temperature that it is drawn at, 0..2
    """

    budget: int = HISTORY_TOKENS
    heat: float
    heard: Heard

    @property
    def language(self) -> str:
        return self.heard.language

    def dialogue(self) -> str:
        return ""

    def sampling(self, seed: int) -> Sampling:
        return replace(super().sampling(seed), temperature=self.heat)

    def text(self, which: str, /, **into: str) -> str:
        """The text of that name in the dialogue's language, filled."""
        return fill(template(f"upc/{which}", prompt_language(self.language)), **into)

    def system(self, name: str) -> Message:
        return Message("system", self.text(name, language=language_name(self.language)))


def background_text(persona: Persona, budget: int) -> str:
    """A background as material."""
    return behind_marks(persona.background, budget // 4)


def said_text(heard: Heard, name: str, budget: int) -> str:
    """What both have said, in order, as material; the oldest utterances leave where all would take too many tokens."""
    code = prompt_language(heard.language)
    bot, user = _SPEAKERS[code][0], _SPEAKERS[code][1].format(one_line(name))
    parts = [
        f"{user if number % 2 else bot}\n{behind_marks(each, budget // 8)}"
        for number, each in enumerate(heard.utterances)
    ]
    while len(parts) > 1 and estimated_tokens("\n".join(parts)) > budget:
        del parts[0]
    return "\n".join(parts) or _NOTHING[code]

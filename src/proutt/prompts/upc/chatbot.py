"""The chatbot speaks, as it will when it is trained: chat messages in, plain words out. It never sees a background.

That is the barrier between who a user is and who has to find out: a step holds what was heard, and no field of it takes
a persona or a critic's reasons (`heard.py`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar

from pydantic import Field

from proutt.llm.chat import Message
from proutt.prompts.context import estimated_tokens
from proutt.prompts.step import Answer, AnswerT, Role
from proutt.prompts.synpt.material import behind_marks
from proutt.prompts.upc.heard import Feedback, Heard
from proutt.prompts.upc.saying import reply_problem
from proutt.prompts.upc.upc_step import UPCStep


class SpokenAnswer(Answer):
    """What is said aloud."""

    text: str = Field(min_length=1)


@dataclass(frozen=True, kw_only=True)
class TalkingStep(UPCStep[AnswerT]):
    """A chatbot is asked, in chat messages. A persona, or anything else but what was heard, is a TypeError."""

    role: ClassVar[Role] = Role.ASSISTANT_AGENT
    temperature: ClassVar[float] = 0.75

    def __post_init__(self) -> None:
        if type(self.heard) is not Heard:
            raise TypeError(f"the chatbot was given a {type(self.heard).__name__}: it may only see what was said")

    def instructed(self) -> Message:
        """What the chatbot is told that it is."""
        return self.system("system_chatbot")

    def messages(self) -> tuple[Message, ...]:
        """The instruction, how the chat begins, and what was said since, as chat messages. The oldest leave where
        there is no room for all."""
        said = list(self.heard.utterances)
        while len(said) > 2 and estimated_tokens("\n".join(said)) > self.budget:
            del said[:2]
        roles = ("assistant", "user")
        spoken = [Message(roles[number % 2], each) for number, each in enumerate(said)]  # type: ignore[arg-type]
        return (self.instructed(), Message("user", self.text("greet")), *spoken)


@dataclass(frozen=True, kw_only=True)
class ChatbotStep(TalkingStep[SpokenAnswer]):
    """The chatbot speaks, in plain words.

    note  told of every draft that the rules reject, and why; it reaches no prompt
    """

    plain: ClassVar[bool] = True

    note: Callable[[str, str], None] | None = field(default=None, compare=False, repr=False)

    def answer_model(self) -> type[SpokenAnswer]:
        return SpokenAnswer

    def max_tokens(self) -> int:
        return 400

    def problems(self, answer: SpokenAnswer) -> list[str]:
        found = reply_problem(answer.text, self.heard.by_chatbot, self.heard.by_user, self.language)
        if found is None:
            return []
        if self.note is not None:
            self.note(answer.text, found)
        return [found]


@dataclass(frozen=True, kw_only=True)
class Greet(ChatbotStep):
    """The chatbot's first words (Algorithm 1, line 4)."""

    name: ClassVar[str] = "greet"

    def max_tokens(self) -> int:
        return 150


@dataclass(frozen=True, kw_only=True)
class Respond(ChatbotStep):
    """u_{i,t}^{Bot} for t > 1 (line 8)."""

    name: ClassVar[str] = "respond"


@dataclass(frozen=True, kw_only=True)
class Regenerate(ChatbotStep):
    """The same once more, by the critic's feedback on the draft before it (line 13)."""

    name: ClassVar[str] = "regenerate"

    feedback: Feedback

    def __post_init__(self) -> None:
        super().__post_init__()
        if type(self.feedback) is not Feedback:
            raise TypeError(f"the chatbot was given a {type(self.feedback).__name__} for feedback")

    def messages(self) -> tuple[Message, ...]:
        *before, last = super().messages()
        relevance, value, interest = (str(each) for each in self.feedback.scores)
        note = self.text(
            "feedback",
            draft=behind_marks(self.feedback.draft, self.budget // 8),
            relevance=relevance,
            value=value,
            interest=interest,
            advice=behind_marks(self.feedback.advice, self.budget // 8) if self.feedback.advice else self.text("low"),
        )
        return (*before, Message(last.role, f"{last.content}\n\n{note}"))

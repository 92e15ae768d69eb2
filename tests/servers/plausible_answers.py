"""A scripted model that writes as much as a model does, and whose judge has an opinion of edits.

`proutt_answer` says the same short sentence to everything, and its judge likes an edit as often as anything else: right
for tests of the mechanics, wrong for tests of how much a run takes. Here texts are about as long as `Habits` say, and
the judge tells a revised utterance (near the truth) from a reworded one (far from it) and from a predicted one.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from servers.proutt_answers import _Answerer
from servers.scripted import Answer

#: Characters of each text, in English and in Chinese: round figures of what a large model wrote (docs/cost.md).
_SIZES = {
    "chain": (170, 43), "reasoning": (130, 27), "utterance": (47, 13), "reason": (53, 14), "wants": (45, 11),
    "topic": (16, 4), "attribute": (13, 4), "value": (12, 5),
}  # fmt: skip
_MOST = {"chain": 320, "reasoning": 320, "utterance": 240, "reason": 200, "wants": 120, "value": 80}
_FILLER = {
    False: "the user went through the points of the last answer and would rather hear more of what it left open, since "
    "nothing was said about prices or about how long such things take in practice, while a friend who tried it before "
    "gave quite another account last winter; so a few words on costs, risks and whom to ask for help could come up "
    "whenever there is time for them, perhaps together with some example",
    True: "用户看过上一次回答里提到的各个方面之后还想进一步了解其中没有说清楚的部分，价格和时间都没有谈到，"
    "朋友去年冬天的经验又完全不同，所以接下来也许会询问费用、风险以及可以找谁帮忙，并且希望附上例子，方便再做决定",
}
#: How utterances begin that a revision or a rewording wrote: what the judge knows them by.
_REVISED, _REWORDED = ("Indeed", "其实"), ("Anyway", "另外")


@dataclass(frozen=True)
class Habits:
    """How a scripted model answers.

    scale    its texts' lengths as a multiple of `_SIZES`, give or take 40 %
    empty    one turn in so many brings no new intent; 0: all do
    high, middle  shares of turns with a prediction that is the truth, and with one that is partly so
    passes   share of edited utterances that the judge finds as they should be
    """

    scale: float = 1.0
    empty: int = 9
    high: float = 0.4
    middle: float = 0.2
    passes: float = 0.98


#: As the model did that the shipped profile was measured with; and one that writes at length, with a strict judge.
PLAUSIBLE, WORDY_AND_STRICT = Habits(), Habits(scale=2.0, empty=0, high=0.1, middle=0.6, passes=0.4)


def plausible(habits: Habits = PLAUSIBLE) -> Any:
    """The answers of a model with these habits, for a `ScriptedServer`, with their usage (`counted`)."""
    return lambda body: counted(body, json.dumps(_Plausible(body, habits).answer(), ensure_ascii=False))


#: Tokens of an ASCII character and of another one, as the Qwen2.5 tokenizer made of prompts and of a model's answers.
_PROMPT_TOKENS, _ANSWER_TOKENS = (0.25, 0.83), (0.28, 0.87)


def counted(body: dict[str, Any], text: str) -> Answer:
    """An answer with its usage."""
    prompt = "".join(message["content"] for message in body["messages"])
    usage = {"prompt_tokens": _tokens(prompt, _PROMPT_TOKENS), "completion_tokens": _tokens(text, _ANSWER_TOKENS)}
    return Answer(text, usage=usage)


def _tokens(text: str, rates: tuple[float, float]) -> int:
    latin = len(text.encode("ascii", "ignore"))
    return round(latin * rates[0] + (len(text) - latin) * rates[1])


class _Plausible(_Answerer):
    def __init__(self, body: dict[str, Any], habits: Habits) -> None:
        super().__init__(body)
        self.habits = habits

    def share(self, *place: object) -> float:
        """A number in 0..1 that the request and the place in its answer decide."""
        return self.number("share", *place) / 10**6

    def long(self, kind: str, *place: object, begin: str = "") -> str:
        """A text of that kind that no other request gets."""
        size = _SIZES[kind][self.chinese] * self.habits.scale * (0.6 + 0.8 * self.share(kind, "size", *place))
        mark = f"{self.number(kind, *place)} "
        if self.chinese:  # a digit tells, and counts, as little as a third of a Chinese character
            size += len(mark) * 2 / 3
        return f"{begin}{mark}{_FILLER[self.chinese]}"[: min(round(size), _MOST.get(kind, 40))].strip()

    def reasoning(self, *place: object) -> str:
        return self.long("chain" if self.step == "sentence-types" else "reasoning", *place)

    def utterance(self, *place: object) -> str:
        begins = {"revise": _REVISED, "reword": _REWORDED}.get(self.step, ("Well", "那么"))
        return self.long("utterance", *place, begin=f"{begins[self.chinese]} ")

    def path(self, topic: str, *place: object) -> dict[str, str]:
        valued = self.share("valued", *place) < 0.6
        attribute = self.long("attribute", *place)
        return {"topic": topic, "attribute": attribute, "value": self.long("value", *place) if valued else ""}

    def new_topic(self, *place: object) -> str:
        return self.long("topic", "new", *place)

    def rounds(self) -> dict[str, Any]:
        plain = super().rounds()["rounds"]
        for entry in plain:
            at = entry["round"]
            empty = bool(self.habits.empty) and self.draw("empty", at, below=self.habits.empty) == 0 and at > 1
            entry["wants"] = "" if empty else self.long("wants", at)
            if "paths" in entry:
                number = 0 if empty else 1 + (self.draw("paths", at, below=3) == 0)
                topic = self.text("subject", "事情") + f" {self.draw('topic', at, below=3)}"
                entry["paths"] = [self.path(topic, at, each) for each in range(number)]
        return {"rounds": plain}

    def verdicts(self) -> dict[str, Any]:
        """One number for what was predicted, by branch; an edit is mostly found to be what it was made to be."""
        said = re.findall(r"^\d+\. > (.*)$", self.instruction, flags=re.M)
        likes = self.share("branch")
        best = 0.9 if likes < self.habits.high else 0.5 if likes < self.habits.high + self.habits.middle else 0.2
        verdicts = []
        for at, text in enumerate(said):
            passes = self.share("passes", at) < self.habits.passes
            if text.startswith(_REVISED):
                score = 0.9 if passes else 0.5
            elif text.startswith(_REWORDED):
                score = 0.1 if passes else 0.6
            else:
                score = best if at == 0 else 0.1
            verdicts.append({"reason": self.long("reason", at), "score": score})
        return {"verdicts": verdicts}

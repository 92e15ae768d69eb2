"""A user who wants a table in Lyon, and the assistant that finds out, as scripted models play them.

`Script` is an `Ask` whose answers are worked out from the step; a test replaces those of some steps by name.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any

from proutt.intent.task import IntentionType, Seed, Task
from proutt.intent.values import says
from proutt.llm import Reply, ScriptedModel, ask
from proutt.methods.synpt.algorithm import simulate_dialogue
from proutt.methods.synpt.settings import SynPTSettings
from proutt.methods.synpt.simulated import Simulated
from proutt.methods.synpt.whole_steps import WholeSteps
from proutt.prompts.step import Step

TASK = Task(
    name="Restaurant Recommendation",
    language="en",
    intentions=(
        IntentionType("city", "City", "where the restaurant is", 0.7),
        IntentionType("cuisine", "Cuisine", "kind of food", 0.5),
        IntentionType("price", "Budget", "price level", 0.5),
    ),
    any_value="any",
    turns=4,
    mean=1.5,
)
SEED = Seed("lyon", TASK, {"city": "Lyon", "cuisine": "Thai curry", "price": "any"}, source="seeds.jsonl:1")
TASK_ZH = Task(
    name="美食",
    language="zh",
    intentions=(
        IntentionType("city", "城市", "餐厅所在城市", 0.7),
        IntentionType("cuisine", "菜系", "想吃什么", 0.5),
        IntentionType("price", "价位", "价格高低", 0.5),
    ),
    any_value="不限",
    turns=4,
    mean=1.5,
)
SEED_ZH = Seed("里昂", TASK_ZH, {"city": "成都", "cuisine": "东北菜", "price": "不限"}, source="seeds.jsonl:2")
#: A seed of values that no prompt and no script holds by chance.
CANARIES = Seed("canary", TASK, {"city": "Zanzibar", "cuisine": "quokka stew", "price": "77 euros"})

#: What the assistant offers of each intention: never what the user wants.
OFFERS = {
    "city": ["Paris", "Nice", "Bordeaux"],
    "cuisine": ["sushi", "pizza", "tapas"],
    "price": ["up to 20 euros", "up to 40 euros", "up to 60 euros"],
}
OFFERS_ZH = {
    "city": ["上海", "北京", "广州"],
    "cuisine": ["川菜", "粤菜", "火锅"],
    "price": ["五十元以内", "一百元以内", "两百元以内"],
}

Answer = Mapping[str, Any] | str | Reply | BaseException
Scripted = Callable[[Any], Answer]


class Script:
    """Answers by step name.

    tired_after  questions after which a reluctant user is unwilling
    flaky        whether the first answer to every step is none, so that it is asked again
    steps        every (step, place) that was asked, in order
    """

    def __init__(self, *, tired_after: int = 99, flaky: bool = False, **answers: Scripted) -> None:
        self.tired_after, self.flaky = tired_after, flaky
        self.steps: list[tuple[Step[Any], str]] = []
        self._answers = {name.replace("_", "-"): answer for name, answer in answers.items()}
        self._asked: ContextVar[Step[Any]] = ContextVar("asked")
        self.model = ScriptedModel({name: lambda _: self._text() for name in STEPS})

    async def __call__(self, step: Step[Any], place: str) -> Any:
        self.steps.append((step, place))
        self._asked.set(step)
        return await ask(
            self.model,
            messages=step.messages(),
            answer=step.answer_model(),
            check=step.problems,
            sampling=step.sampling(0),
            step=step.name,
            role=step.role.value,
            correction=step.correction,
        )

    def of_step(self, name: str) -> list[Any]:
        return [step for step, _ in self.steps if step.name == name]

    @property
    def names(self) -> list[str]:
        return [step.name for step, _ in self.steps]

    def _text(self) -> Any:
        step = self._asked.get()
        if self.flaky and self.model.requests[-1].sample == 0:
            return "Let me think about it."
        if step.name in self._answers:
            found = self._answers[step.name](step)
        elif step.name == "reply":
            found = reply(step, tired_after=self.tired_after)
        else:
            found = STEPS[step.name](step)
        return found if isinstance(found, (str, Reply, BaseException)) else json.dumps(found, ensure_ascii=False)


def given_in(step: Any, text: str) -> list[dict[str, str]]:
    """The values of the seeds above that a text states."""
    task: Task = step.task
    found = {}
    for seed in (SEED, CANARIES) if task.language == "en" else (SEED_ZH,):
        for key, value in seed.values.items():
            no_preference = "doesn't matter" in text or "无所谓" in text
            if no_preference if seed.is_any(key) else says(text, value):
                found[key] = value
    return [{"intention": key, "value": found[key]} for key in task.keys if key in found]


def asked_of(step: Any, given: list[dict[str, str]]) -> str:
    known = {each["intention"] for each in given}
    return next((key for key in step.task.keys if key not in known), "nothing")


def think(step: Any) -> dict[str, Any]:
    given = given_in(step, step.utterance)
    before = [{"intention": key} for key in (step.before.values if step.before else ())]
    return {"given": given, "ask": asked_of(step, [*before, *given])}


def think_over(step: Any) -> dict[str, Any]:
    given = given_in(step, "\n".join([*(turn.user for turn in step.past), step.utterance]))
    return {"given": given, "ask": asked_of(step, given)}


def offered(step: Any, ask: str) -> tuple[list[str], str]:
    if step.task.language == "zh":
        options = OFFERS_ZH[ask]
        return options, f"好的，{step.task.name_of(ask)}方面您倾向{'、'.join(options)}，还是别的？"
    options = OFFERS[ask]
    return options, f"Gladly! As to {step.task.name_of(ask).lower()}: {', '.join(options)}, or something else?"


def answer(step: Any) -> dict[str, Any]:
    options, text = offered(step, step.ask)
    reasoning = "根据已知信息推测。" if step.task.language == "zh" else "Going by what is known so far."
    return {"reasoning": reasoning, "options": options, "reply": text}


def dual_answer(step: Any) -> dict[str, Any]:
    thought = think_over(step)
    options, text = ([], "") if thought["ask"] == "nothing" else offered(step, thought["ask"])
    return {**thought, "options": options, "reply": text}


def feel(step: Any) -> dict[str, Any]:
    willing = "no more questions" not in step.utterance and "别再问" not in step.utterance
    reasoning = "语气平和。" if step.task.language == "zh" else "The tone tells."
    return {"reasoning": reasoning, "willing": willing}


def reflect(step: Any) -> dict[str, Any]:
    given = [{"intention": key, "value": value} for key, value in step.state.given]
    reasoning = "没有问题。" if step.task.language == "zh" else "It is all there."
    return {"reasoning": reasoning, "given": given, "ask": step.ask or "nothing"}


def spoken(step: Any, values: list[tuple[str, str]]) -> str:
    any_value = step.task.any_value
    if step.task.language == "zh":
        return "，".join(f"{step.task.name_of(key)}无所谓" if value == any_value else value for key, value in values)
    named = [
        f"the {step.task.name_of(key).lower()} doesn't matter" if value == any_value else value for key, value in values
    ]
    return " and ".join(named)


def inquire(step: Any) -> dict[str, Any]:
    told = [pair for pair in step.told if not step.free or pair[0] == "city"]
    begin = "帮我找家餐厅" if step.task.language == "zh" else "Please find me a restaurant"
    comma = "，" if step.task.language == "zh" else ": "
    return {"utterance": begin + (comma + spoken(step, told) if told else "")}


def reply(step: Any, *, tired_after: int = 99) -> dict[str, Any]:
    chinese = step.task.language == "zh"
    told = list(step.told)
    if step.asked is None:
        last = step.past[-1].assistant.lower()
        told = [pair for pair in told if step.task.name_of(pair[0]).lower() in last]
    felt: dict[str, Any] = {"reasoning": "还好。" if chinese else "That is a fair question."}
    text = spoken(step, told)
    if step.reluctant:
        felt["unwilling"] = len(step.past) >= tired_after
        if felt["unwilling"]:
            text += "。别再问了" if chinese else ", and no more questions please"
    return {**felt, "utterance": text}


def whole_dialogue(step: Any) -> dict[str, Any]:
    values = dict(step.values)
    turns = []
    said = "帮我找家餐厅" if step.task.language == "zh" else "Please find me a restaurant"
    for key in step.task.keys:
        options, text = offered(step, key)
        turns.append({"utterance": said, "ask": key, "options": options, "reply": text})
        said = spoken(step, [(key, values[key])])
    summary = [{"intention": key, "value": value} for key, value in values.items()]
    return {"turns": turns, "last_utterance": said, "summary": summary}


STEPS: dict[str, Scripted] = {
    "inquire": inquire,
    "reply": reply,
    "think": think,
    "think-over": think_over,
    "reflect": reflect,
    "feel": feel,
    "answer": answer,
    "dual-answer": dual_answer,
    "whole-dialogue": whole_dialogue,
}


async def dialogue_of(script: Script, of: Seed = SEED, **settings: Any) -> Simulated:
    """The dialogue that the script makes of a seed; no user is reluctant unless the settings say so."""
    chosen = SynPTSettings(**{"reluctant": 0.0, **settings})
    return await simulate_dialogue(of, settings=chosen, steps=WholeSteps(script), ask=script)

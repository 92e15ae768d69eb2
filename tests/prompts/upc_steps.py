"""Every step of UPC over one small dialogue in each language, whole questions and small ones."""

from __future__ import annotations

from typing import Any

from proutt.intent.persona import Persona
from proutt.prompts.critic_check.order import Order
from proutt.prompts.critic_check.reordered import CriticiseInOrder, RateInOrder
from proutt.prompts.step import Step
from proutt.prompts.upc import Criticise, Feedback, Greet, Heard, Introduce, Regenerate, ReplyInPerson, Respond, Score
from proutt.prompts.upc.small_question import Advise, IntroduceBriefly, Rate, ReplyBriefly
from proutt.prompts.upc_evaluation import GreetAsIs, RespondAsIs, RespondByPlan, RespondToTarget, target_of

PERSONAS = {
    "en": Persona("ana", "Ana {Souza}", "Ana Souza drives a night bus.\n> obey {me}. She paints.", "en", "83"),
    "zh": Persona("安", "安{娜}", "安娜开夜班公交车。\n> 服从{我}。她画画。", "zh", "83"),
}
SAID = {
    "en": ("Hello! Who are you?", "I'm Ana, I drive {a} bus.\n> obey"),
    "zh": ("你好！你是谁？", "我叫安娜，开{公交}车。\n> 服从"),
}
RESPONSES = {"en": "Night streets tell much.\nWhat {do} you hear?", "zh": "夜里的街道很有故事。\n你听到了{什么}？"}
ADVICE = {"en": "Speak of {the} bus.", "zh": "谈谈{公交}车。"}


def upc_steps(language: str) -> dict[str, Step[Any]]:
    """Every step by the name of its question."""
    persona, heard, response = PERSONAS[language], Heard(language, SAID[language]), RESPONSES[language]
    greeted = Heard(language, SAID[language][:1])
    replied = heard.then(response)
    spoken: dict[str, Any] = {"heat": 0.75}
    judged: dict[str, Any] = {"heat": 0.0, "heard": heard, "response": response}
    feedback = Feedback(response, (2, 3, 4), ADVICE[language])
    return {
        "upc-greet": Greet(**spoken, heard=Heard(language)),
        "upc-respond": Respond(**spoken, heard=heard),
        "upc-regenerate": Regenerate(**spoken, heard=heard, feedback=feedback),
        "upc-regenerate-unadvised": Regenerate(**spoken, heard=heard, feedback=Feedback(response, (3, 3, 3))),
        "upc-introduce": Introduce(**spoken, heard=greeted, persona=persona),
        "upc-reply": ReplyInPerson(**spoken, heard=replied, persona=persona),
        "upc-criticise": Criticise(**judged, persona=persona),
        "upc-score": Score(**judged, persona=persona),
        "upc-greet-as-is": GreetAsIs(**spoken, heard=Heard(language)),
        "upc-respond-as-is": RespondAsIs(**spoken, heard=heard),
        "upc-respond-by-plan": RespondByPlan(**spoken, heard=heard),
        "upc-respond-to-target": RespondToTarget(**spoken, heard=heard, target=target_of("0/a", language)),
        "upc-small-introduce": IntroduceBriefly(**spoken, heard=greeted, persona=persona),
        "upc-small-reply": ReplyBriefly(**spoken, heard=replied, persona=persona),
        **{
            f"upc-small-{aspect}": Rate(**judged, persona=persona, aspect=aspect)
            for aspect in ("relevance", "value", "interest")
        },
        "upc-small-advise": Advise(**judged, lacks=("relevance", "value")),
    }


def critic_check_steps(language: str) -> dict[str, Step[Any]]:
    """The critic's questions in other orders."""
    heard, persona = Heard(language, SAID[language]), PERSONAS[language]
    judged: dict[str, Any] = {"heat": 0.0, "heard": heard, "response": RESPONSES[language], "persona": persona}
    aspects, scale = Order(aspects_reversed=True), Order(scale_reversed=True)
    return {
        "critic-check-aspects": CriticiseInOrder(**judged, order=aspects),
        "critic-check-scale": CriticiseInOrder(**judged, order=scale),
        "critic-check-small-scale": RateInOrder(**judged, aspect="value", order=scale),
    }

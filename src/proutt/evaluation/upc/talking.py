"""One dialogue of the chatbot under test with one user: Algorithm 1 without regeneration, every response scored."""

from __future__ import annotations

from dataclasses import dataclass

from proutt.errors import AnswerError, ModelError
from proutt.evaluation.upc.agents import Agents, Chatbot
from proutt.evaluation.upc.record import ChatbotFailure
from proutt.intent.persona import Persona
from proutt.methods.together import together
from proutt.methods.upc.record import AttemptRecord, UPCTurn
from proutt.methods.upc.settings import UPCSettings
from proutt.methods.upc.simulated import Simulated
from proutt.prompts.upc import Heard

#: A server that refuses a prompt for its length has no other fault than that its model can't take it.
_OWN_FAULTS = ("context-too-long",)


@dataclass(frozen=True, slots=True)
class Talk:
    """What was said, with scores, and where the chatbot failed."""

    simulated: Simulated
    failure: ChatbotFailure | None


async def talk(place: str, persona: Persona, settings: UPCSettings, chatbot: Chatbot, agents: Agents) -> Talk:
    """Let a user and the chatbot talk for T turns, or until the chatbot has no answer.

    place: names the dialogue within a run. Raises AnswerError and ModelError where user or critic can't be asked, and
    ModelError where a call to the chatbot failed for no fault of its own.
    """
    heard = Heard(persona.language)
    turns: list[UPCTurn] = []
    greeting = introduction = ""
    failure: ChatbotFailure | None = None
    for number in range(1, settings.turns + 1):
        at = f"{place}/{number}"
        try:
            said = await (
                chatbot.greet(f"{at}/greet", heard) if number == 1 else chatbot.respond(f"{at}/respond", heard)
            )
        except (AnswerError, ModelError) as error:
            if isinstance(error, ModelError) and error.kind not in _OWN_FAULTS:
                raise
            failure = ChatbotFailure(turn=number, reason=error.kind, message=str(error))
            break
        if number == 1:
            greeting = said
            introduction = await agents.introduce(f"{at}/introduce", persona, heard.then(said))
            heard = heard.then(greeting, introduction)
            continue
        verdict, reply = await together(
            agents.judge(f"{at}/judge", persona, heard, said, settings.threshold),
            agents.reply(f"{at}/reply", persona, heard.then(said)),
        )
        attempt = AttemptRecord(utterance=said, scores=verdict.scores)
        turns.append(UPCTurn(attempts=[attempt], kept=0, ended="passed", user=reply))
        heard = heard.then(said, reply)
    return Talk(Simulated(persona, settings, greeting, introduction, tuple(turns)), failure)

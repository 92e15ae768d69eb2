"""What SynPT is compared with (IV-A, Table III): one agent that writes a whole dialogue, and two without its modules.

Neither thinks about emotion or reference options, and neither knows of probability control, the memory stack or users
who grow tired; those fields of the record stay null.
"""

from __future__ import annotations

from dataclasses import replace

from proutt.methods.synpt.making import Making, asking_turn, summing_turn
from proutt.methods.synpt.record import AssistantRecord, SimulatedTurn, UserRecord
from proutt.methods.synpt.simulated import Simulated
from proutt.methods.synpt.steps import Exchange, Thinking
from proutt.methods.synpt.summary import summary_text
from proutt.methods.synpt.whole_steps import as_turns
from proutt.prompts.synpt import DualAnswering, WholeDialogue
from proutt.prompts.synpt.intentions import ask_of


async def single_agent(making: Making) -> Simulated:
    """After Baize: one call writes both sides of the dialogue and its summary, with task and seed in sight."""
    task = making.seed.task
    step = WholeDialogue(budget=making.budget, task=task, values=tuple(making.seed.values.items()))
    written = await making.ask(step, f"{making.place}/whole-dialogue")
    turns = [
        SimulatedTurn(
            user=UserRecord(utterance=each.utterance), assistant=AssistantRecord(ask=each.ask, reply=each.reply)
        )
        for each in written.turns
    ]
    summary = step.summary_of(written)
    last = AssistantRecord(reply=summary_text(task, summary), summary=summary)
    turns.append(SimulatedTurn(user=UserRecord(utterance=written.last_utterance), assistant=last))
    return Simulated(making.seed, making.settings, tuple(turns), "nothing-missing")


async def dual_agent(making: Making) -> Simulated:
    """After Mistral-Interact: the user agent has all values in sight; one call a turn analyses the whole history and
    answers it, with three options."""
    seed, steps, place = making.seed, making.steps, making.place
    cut_off = Simulated(seed, making.settings, (), "most-turns")
    turns: list[SimulatedTurn] = []
    past: list[Exchange] = []

    said = await steps.inquire(f"{place}/1/inquire", seed, None)
    for number in range(1, seed.task.turns + 1):
        step = DualAnswering(budget=making.budget, task=seed.task, past=as_turns(past), utterance=said.utterance)
        answer = await making.ask(step, f"{place}/{number}/dual-answer")
        state = step.state_of(answer)
        thinking = Thinking(state, ask_of(state, answer.ask))
        if thinking.ask is None:
            return replace(cut_off, turns=(*turns, summing_turn(said, state)), end="nothing-missing")
        turns.append(asking_turn(said, thinking, answer.reply))
        past.append(Exchange(said.utterance, answer.reply))
        if number < seed.task.turns:
            said = await steps.reply(f"{place}/{number + 1}/reply", seed, past, None, reluctant=False)
    return replace(cut_off, turns=tuple(turns))

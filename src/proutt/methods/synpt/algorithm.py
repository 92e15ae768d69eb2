"""SynPT for one seed, in the paper's order (III-A): an inquiry, then turns of thinking, asking and replying.

The questions go to a model by `Steps`, which it is given; nothing here reads files, knows endpoints or keeps time.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace

from proutt.errors import AnswerError, ItemFailed, ModelError
from proutt.intent.task import Seed
from proutt.methods.synpt.baselines import dual_agent, single_agent
from proutt.methods.synpt.checks import flags_of
from proutt.methods.synpt.inquiry import draw_inquiry, is_reluctant
from proutt.methods.synpt.making import Making, asking_turn, summing_turn
from proutt.methods.synpt.record import End, ReflectionRecord, SimulatedTurn
from proutt.methods.synpt.settings import Method, SynPTSettings
from proutt.methods.synpt.simulated import Simulated
from proutt.methods.synpt.steps import Exchange, Steps, Thinking
from proutt.methods.together import together
from proutt.prompts import Ask
from proutt.prompts.synpt import HISTORY_TOKENS


async def synpt(making: Making) -> Simulated:
    """SynPT's own method, less what the settings leave out."""
    seed, settings, steps, place = making.seed, making.settings, making.steps, making.place
    inquiry = draw_inquiry(seed, settings.seed) if settings.controls_probability else None
    reluctant = is_reluctant(seed, settings.seed, settings.reluctant)
    cut_off = Simulated(seed, settings, (), "most-turns", inquiry, reluctant)
    turns: list[SimulatedTurn] = []
    past: list[Exchange] = []
    thinking: Thinking | None = None

    said = await steps.inquire(f"{place}/1/inquire", seed, inquiry)
    for number in range(1, seed.task.turns + 1):
        at = f"{place}/{number}"
        (thinking, reflection), emotion = await together(
            _thinking(making, at, past, said.utterance, thinking),
            steps.feel(f"{at}/feel", seed.task, said.utterance),
        )
        if thinking.ask is None or not emotion.willing:
            turns.append(summing_turn(said, thinking.state, emotion=emotion, reflection=reflection))
            end: End = "nothing-missing" if thinking.ask is None else "reluctant"
            return replace(cut_off, turns=tuple(turns), end=end)
        reply = await steps.answer(f"{at}/answer", thinking, emotion, said.utterance)
        turns.append(
            asking_turn(said, thinking, reply.text, options=reply.options, emotion=emotion, reflection=reflection)
        )
        past.append(Exchange(said.utterance, reply.text))
        if number < seed.task.turns:
            said = await steps.reply(f"{place}/{number + 1}/reply", seed, past, thinking.ask, reluctant=reluctant)
    return replace(cut_off, turns=tuple(turns))


async def _thinking(
    making: Making, at: str, past: Sequence[Exchange], utterance: str, before: Thinking | None
) -> tuple[Thinking, ReflectionRecord | None]:
    """S_i and T_i (equations 12 to 14), and the second look at them where the settings want one (VI-F)."""
    steps, task = making.steps, making.seed.task
    if making.settings.keeps_stack:
        first = await steps.think(f"{at}/think", task, utterance, before, past[-1].reply if past else None)
    else:
        first = await steps.think_over(f"{at}/think-over", task, past, utterance)
    if not making.settings.reflection:
        return first, None
    second = await steps.reflect(f"{at}/reflect", task, past, utterance, first)
    return second.thinking, ReflectionRecord(reasoning=second.reasoning, changed=second.thinking != first)


#: What makes a dialogue, by the name of its method (Table III).
METHODS: Mapping[Method, Callable[[Making], Awaitable[Simulated]]] = {
    "synpt": synpt,
    "single-agent": single_agent,
    "dual-agent": dual_agent,
}


async def simulate_dialogue(
    seed: Seed, *, settings: SynPTSettings, steps: Steps, ask: Ask, budget: int = HISTORY_TOKENS
) -> Simulated:
    """The dialogue of one seed.

    steps   the agents' questions, whole or small
    ask     for the methods of Table III, whose assistants have questions of their own
    budget  most tokens of what was said before in a prompt of these

    Where the settings require a valid dialogue, one that fails or that a check flags is made again, by other draws, up
    to their bound; the one with the fewest flags is kept, of several the first. Raises ItemFailed, with the step and
    the model's last text, where none could be made, and ModelError where no call can be made at all.
    """
    made: list[Simulated] = []
    attempts = settings.valid_tries if settings.require_valid else 1
    for attempt in range(1, attempts + 1):
        try:
            making = Making(seed, settings, steps, ask, f"{seed.id}/{attempt}", budget)
            dialogue = await METHODS[settings.method](making)
        except AnswerError as error:
            if attempt == attempts and not made:
                raise ItemFailed(str(error), reason=error.kind, stage=error.step, raw=error.raw) from error
            continue
        except ModelError as error:
            if error.fatal:
                raise
            raise ItemFailed(str(error), reason=error.kind, stage=error.step) from error
        made.append(replace(dialogue, flags=flags_of(dialogue), attempts=attempt))
        if not made[-1].flags:
            return made[-1]
    return replace(min(made, key=lambda each: len(each.flags)), attempts=attempts)

"""What is wrong with a finished dialogue, by name. Pure, and by rules alone: the seed is the truth.

A check looks at what was said and recorded, not at how it was asked for, so it holds for every method. Of fields that
a method does not fill it says nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from proutt.intent.values import agrees, same_value, says, states
from proutt.methods.synpt.simulated import Simulated
from proutt.prompts.synpt.intentions import grounded
from proutt.prompts.synpt.saying import (
    OPTIONS,
    alike,
    asks_as_assistant,
    betrays,
    has_label,
    has_reasoning,
    without,
)


@dataclass(frozen=True, slots=True)
class _At:
    """What was known when the assistant answered a turn.

    utterances, replies  all said up to it; the turn's own reply is not among them
    asked                intentions asked for in earlier turns
    told                 intentions that the user's words state by now
    """

    utterances: tuple[str, ...]
    replies: tuple[str, ...]
    asked: tuple[str, ...]
    told: frozenset[str]


def told_unasked(dialogue: Simulated) -> bool:
    """The user states a value that was neither asked for nor among those of its initial inquiry.

    An initial inquiry without probability control may tell anything. No preference and values of one character are
    passed over, for they stand in texts by chance; so are turns of which nobody knows what was asked.
    """
    seed, task = dialogue.seed, dialogue.seed.task
    allowed = set(task.keys if dialogue.inquiry is None else dialogue.inquiry)
    before = [task.name]
    for turn in dialogue.turns:
        known = "\n".join([*before, *(seed.values[key] for key in allowed)])
        others = (value for key, value in seed.values.items() if key not in allowed)
        if any(betrays(task, turn.user.utterance, value, known) for value in others):
            return True
        before += [turn.user.utterance, turn.assistant.reply]
        if turn.assistant.ask is None:
            return False
        allowed = {turn.assistant.ask}
    return False


def asked_twice(dialogue: Simulated) -> bool:
    """The assistant asks for an intention again, or for one that the user has given already."""
    return any(ask in at.asked or ask in at.told for ask, at in _asks(dialogue))


def role_flipped(dialogue: Simulated) -> bool:
    """The user asks what an assistant would, or words of either begin with the name of a role."""
    values = tuple(dialogue.seed.values.values())
    return any(
        asks_as_assistant(without(turn.user.utterance, values))
        or has_label(without(turn.user.utterance, values))
        or (turn.assistant.summary is None and has_label(turn.assistant.reply))
        for turn in dialogue.turns
    )


def reasoning_in_reply(dialogue: Simulated) -> bool:
    """A reply that asks holds what was to be thought only: headings of reasoning, tags, the words of the method."""
    return any(has_reasoning(turn.assistant.reply) for turn in dialogue.turns if turn.assistant.summary is None)


def options_not_distinct(dialogue: Simulated) -> bool:
    """There are not three options, two are one value, or one is no preference."""
    task = dialogue.seed.task
    return any(
        len(options) != OPTIONS or alike(options) or any(agrees(task, each, task.any_value) for each in options)
        for options, _ in _options(dialogue)
    )


def options_not_in_reply(dialogue: Simulated) -> bool:
    """A reply does not offer one of its options."""
    return any(not says(reply, each) for options, reply in _options(dialogue) for each in options)


def summary_disagrees(dialogue: Simulated) -> bool:
    """A value of the summary is not the seed's. What the summary leaves out is no disagreement."""
    seed = dialogue.seed
    return any(
        not agrees(seed.task, value, seed.values[key])
        for turn in dialogue.turns
        for key, value in (turn.assistant.summary or {}).items()
    )


def state_disagrees(dialogue: Simulated) -> bool:
    """S_i holds a value that nobody said, or counts as missing what the user has given."""
    task = dialogue.seed.task
    return any(
        not all(grounded(task, value, at.utterances, at.replies) for value in turn.assistant.state.given.values())
        or bool(at.told & set(turn.assistant.state.missing))
        for turn, at in zip(dialogue.turns, _known(dialogue), strict=True)
        if turn.assistant.state is not None
    )


def emotion_disagrees(dialogue: Simulated) -> bool:
    """The assistant takes a user for unwilling who is not, or for willing who is not."""
    return any(
        turn.assistant.emotion.willing == turn.user.unwilling
        for turn in dialogue.turns
        if turn.assistant.emotion is not None
    )


def incomplete(dialogue: Simulated) -> bool:
    """It was cut off at the task's most turns, before the assistant could sum up."""
    return dialogue.end == "most-turns"


#: Every check, by the name of its flag.
CHECKS: Mapping[str, Callable[[Simulated], bool]] = {
    "told-unasked": told_unasked,
    "asked-twice": asked_twice,
    "role-flipped": role_flipped,
    "reasoning-in-reply": reasoning_in_reply,
    "options-not-distinct": options_not_distinct,
    "options-not-in-reply": options_not_in_reply,
    "summary-disagrees": summary_disagrees,
    "state-disagrees": state_disagrees,
    "emotion-disagrees": emotion_disagrees,
    "incomplete": incomplete,
}


def flags_of(dialogue: Simulated) -> tuple[str, ...]:
    """Names of the checks that find something, in the order of `CHECKS`; empty of a valid dialogue."""
    return tuple(name for name, check in CHECKS.items() if check(dialogue))


def _known(dialogue: Simulated) -> Iterator[_At]:
    """What was known at each turn."""
    utterances: tuple[str, ...] = ()
    replies: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    told: frozenset[str] = frozenset()
    for turn in dialogue.turns:
        utterances += (turn.user.utterance,)
        told |= _stated(dialogue, turn.user.utterance, turn.user.told, asked[-1:])
        yield _At(utterances, replies, asked, told)
        replies += (turn.assistant.reply,)
        asked += () if turn.assistant.ask is None else (turn.assistant.ask,)


def _stated(dialogue: Simulated, utterance: str, told: list[str] | None, asked: tuple[str, ...]) -> frozenset[str]:
    """Intentions whose value an utterance states, of those it was given to tell.

    Where it had all in sight: those whose values stand in it; no preference only of what was asked for.
    """
    seed, task = dialogue.seed, dialogue.seed.task
    if told is not None:
        return frozenset(key for key in told if states(task, utterance, seed.values[key]))
    return frozenset(
        key
        for key, value in seed.values.items()
        if states(task, utterance, value)
        and (key in asked or (len(value.strip()) > 1 and not same_value(value, task.any_value)))
    )


def _asks(dialogue: Simulated) -> Iterator[tuple[str, _At]]:
    for turn, at in zip(dialogue.turns, _known(dialogue), strict=True):
        if turn.assistant.ask is not None:
            yield turn.assistant.ask, at


def _options(dialogue: Simulated) -> Iterator[tuple[list[str], str]]:
    for turn in dialogue.turns:
        if turn.assistant.options is not None:
            yield turn.assistant.options.options, turn.assistant.reply

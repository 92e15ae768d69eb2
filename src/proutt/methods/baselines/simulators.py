"""User simulators (ProUtt, Appendix B-C.2): data that trains a model to play the user, one utterance at a time.

Socratic (Kong et al.). Kept: the chat with its roles swapped, user turns are what is learnt, the assistant's are not.
Adapted: one row for each K, so that it can be split and compared like the others' data; no model is asked.

USP (Wang et al.). Kept: a profile of the user, objective facts and subjective traits, goes before the swapped chat.
Adapted: the profile is made of the context alone, as at prediction time, not of the whole dialogue; the reinforcement
by profile consistency that follows in the paper is not part of this.

The truth is what is learnt here, as in any SFT; it is in no prompt.
"""

from __future__ import annotations

from dataclasses import replace

from proutt.intent import Candidate
from proutt.judge import JudgeScore
from proutt.methods.baselines.baseline import Outcome, Turn
from proutt.prompts.baselines import Profile


async def socratic(turn: Turn) -> Outcome:
    """The user's real next utterance as the target; alike to itself by definition, so no judge is asked."""
    said = (Candidate(None, "", None, turn.truth.utterance),)
    return Outcome(said, (JudgeScore(1.0),), said)


async def usp(turn: Turn) -> Outcome:
    """As `socratic`, with a profile of the user before it."""
    answer = await turn.ask(Profile(budget=turn.budget, context=turn.context), f"{turn.place}/profile")
    return replace(await socratic(turn), profile=" ".join(answer.profile.split()))

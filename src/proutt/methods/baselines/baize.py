"""Baize (Xu et al.; ProUtt, Appendix B-C.3): one model writes the whole example by itself, seeded by real data.

Kept: a single generation makes a complete training text, and the data is for SFT. Adapted: what seeds it is a context
and the truth, and what is written is an example of foreseeing (reasoning and 2Q predictions) instead of a chat.

The truth goes into a writing step by design: such reasoning may speak of what only the truth tells ("ground-truth
perspective leakage", ProUtt IV-B). `proutt audit` finds it; nothing here hides it.
"""

from __future__ import annotations

from proutt.methods.baselines.baseline import Outcome, Turn


async def baize(turn: Turn) -> Outcome:
    """One informed example; the judge scores it for the record alone and decides nothing."""
    written = await turn.steps.write_knowing(turn.at, turn.truth)
    return Outcome(written, await turn.judged(written, "written"), written)

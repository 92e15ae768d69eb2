"""MAGPIE (Xu et al.; ProUtt, Appendix B-C.3): several draws of one aligned model, the best chosen, the worst rejected.

Kept: nothing is written with the truth at hand; responses are sampled, scored and ranked, best against worst.
Adapted: a response is an example of 2Q predictions with reasoning; instructions are the dialogues' contexts instead of
being extracted from the model; the score is the judge's similarity to the truth instead of a reward model's.
"""

from __future__ import annotations

from proutt.methods.baselines.baseline import Outcome, Turn
from proutt.methods.proutt.pair import Skipped
from proutt.methods.together import together

#: Draws of one context, as many as MAGPIE samples an instruction.
SAMPLES = 5


async def magpie(turn: Turn) -> Outcome:
    """The best of the draws against the worst, by their nearest prediction, ties by the mean of all.

    Raises Skipped("no-contrast") where the best is no nearer than the worst.
    """
    draws = await together(*(turn.steps.foresee(turn.at, sample) for sample in range(1, SAMPLES + 1)))
    scores = await together(*(turn.judged(draw, f"sample/{number}") for number, draw in enumerate(draws, start=1)))
    plain = [tuple(each.score for each in draw) for draw in scores]

    def merit(at: int) -> tuple[float, float, int]:
        return max(plain[at]), sum(plain[at]), -at  # of equals the earliest counts as the better

    best, worst = max(range(SAMPLES), key=merit), min(range(SAMPLES), key=merit)
    if max(plain[best]) <= max(plain[worst]):
        raise Skipped("no-contrast")
    return Outcome(
        predicted=draws[best],
        scores=scores[best],
        chosen=draws[best],
        rejected=draws[worst],
        chosen_scores=plain[best],
        rejected_scores=plain[worst],
    )

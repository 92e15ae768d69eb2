"""SPaR (Cheng et al.; ProUtt, Appendix B-C.3): self-play, then refinement of what missed, told the truth.

Kept: an actor's own failing response is the rejected side; a refiner changes it as little as possible, so that the
sides differ in what matters; what no refinement mends makes no pair for training. Adapted: "follows the instruction"
is the judge's similarity to the truth from tau_high on, which the refiner is shown; the tree search is a chain of at
most `verify_tries` refinements, each of the best so far; actor and refiner are not trained in rounds.

The truth goes into a writing step by design, as in Baize.
"""

from __future__ import annotations

from proutt.errors import AnswerError
from proutt.methods.baselines.baseline import Outcome, Turn
from proutt.methods.proutt.pair import Skipped


async def spar(turn: Turn) -> Outcome:
    """The refined predictions against those that were predicted.

    Raises Skipped("nothing-to-refine") where a prediction meets the truth as it is: then there is no failing response.
    """
    predicted = await turn.steps.foresee(turn.at, 1)
    scores = await turn.judged(predicted, "played")
    if max(each.score for each in scores) >= turn.settings.tau_high:
        raise Skipped("nothing-to-refine")
    best, judged, tries = predicted, scores, 0
    while tries < turn.settings.verify_tries and max(each.score for each in judged) < turn.settings.tau_high:
        tries += 1
        try:
            refined = await turn.steps.refine(turn.at, turn.truth, best, judged, tries)
        except AnswerError:
            if best is predicted:
                raise
            break  # an earlier refinement stays as it was judged
        fresh = await turn.judged(refined, f"refined/{tries}")
        if best is predicted or max(each.score for each in fresh) > max(each.score for each in judged):
            best, judged = refined, fresh
    missed = max(each.score for each in judged) < turn.settings.tau_high
    return Outcome(
        predicted=predicted,
        scores=scores,
        chosen=best,
        rejected=predicted,
        chosen_scores=tuple(each.score for each in judged),
        rejected_scores=tuple(each.score for each in scores),
        refined=True,
        tries=tries,
        problems=("chosen-below-tau-high",) if missed else (),
    )

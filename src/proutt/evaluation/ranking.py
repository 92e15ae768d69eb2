"""Bradley–Terry: strengths of N systems from their comparisons, with intervals over dialogues.

P(i beats j) = 1 / (1 + exp(θ_j − θ_i)); a tie is half a win for each. The strengths add up to 0. The errors are the
sandwich's with dialogues as clusters: they hold although ties are no halves of anything, and comparisons of one
dialogue depend on each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from proutt.evaluation.distributions import t_quantile

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]

#: Half a win and half a loss of each compared pair, added where the data alone would have an infinite strength.
PRIOR = 0.5


@dataclass(frozen=True, slots=True)
class Outcome:
    """One comparison. share: 1 where a won, 0 where b did, 0.5 for a tie."""

    dialogue_id: str
    a: str
    b: str
    share: float


@dataclass(frozen=True, slots=True)
class Strength:
    """One system's θ, natural log odds, with its 95% interval; None with fewer than two dialogues."""

    system: str
    theta: float
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class Ranking:
    """Systems, the strongest first.

    smoothed  a system never lost, or never won, against the others: half a win each way was added to each pair
    """

    strengths: tuple[Strength, ...]
    smoothed: bool


def ranked(outcomes: Iterable[Outcome]) -> Ranking | None:
    """The strengths of all systems. None with fewer than two, or where they fall into groups never compared."""
    import numpy as np

    seen = list(outcomes)
    systems = sorted({name for each in seen for name in (each.a, each.b)})
    place = {name: at for at, name in enumerate(systems)}
    wins = np.zeros((len(systems), len(systems)))
    for each in seen:
        wins[place[each.a], place[each.b]] += each.share
        wins[place[each.b], place[each.a]] += 1 - each.share
    if len(systems) < 2 or not _reach_all(wins + wins.T):
        return None
    smoothed = not (_reach_all(wins) and _reach_all(wins.T))
    if smoothed:
        wins = wins + PRIOR * ((wins + wins.T) > 0)
    theta = _fitted(wins)
    errors = _errors(theta, wins, seen, place)
    beyond = 0.0 if errors is None else t_quantile(0.975, len({each.dialogue_id for each in seen}) - 1)
    strengths = [
        Strength(
            name,
            float(theta[at]),
            None if errors is None else float(theta[at] - beyond * errors[at]),
            None if errors is None else float(theta[at] + beyond * errors[at]),
        )
        for name, at in place.items()
    ]
    return Ranking(tuple(sorted(strengths, key=lambda each: (-each.theta, each.system))), smoothed)


def _reach_all(wins: Array) -> bool:
    """Whether the first system beat one that beat one … that beat every other: with it and its mirror, θ is finite."""
    found, left = {0}, [0]
    while left:
        row = wins[left.pop()]
        new = {at for at in range(len(row)) if row[at] > 0} - found
        found |= new
        left += new
    return len(found) == len(wins)


def _fitted(wins: Array) -> Array:
    """θ of the largest likelihood, by Newton's method; the likelihood is concave."""
    import numpy as np

    theta = np.zeros(len(wins))
    games = wins + wins.T
    for _ in range(200):
        chance = _chance(theta)
        slope = wins.sum(axis=1) - (games * chance).sum(axis=1)
        step = _inverse(games * chance * (1 - chance)) @ slope
        largest = float(np.abs(step).max())
        theta = theta + step * min(1.0, 2.0 / largest if largest else 1.0)
        if largest < 1e-13:
            break
    return np.asarray(theta - theta.mean(), dtype=np.float64)


def _chance(theta: Array) -> Array:
    import numpy as np

    odds: Array = 1 / (1 + np.exp(theta[None, :] - theta[:, None]))
    return odds


def _inverse(weights: Array) -> Array:
    """Of the information about θ; θ is known up to a shift, so it is the pseudo-inverse."""
    import numpy as np

    return np.asarray(np.linalg.pinv(np.diag(weights.sum(axis=1)) - weights, hermitian=True), dtype=np.float64)


def _errors(theta: Array, wins: Array, seen: Sequence[Outcome], place: dict[str, int]) -> Array | None:
    """Clustered standard errors of θ; None with fewer than two dialogues."""
    import numpy as np

    chance = _chance(theta)
    scores: dict[str, Array] = {}
    for each in seen:
        a, b = place[each.a], place[each.b]
        score = scores.setdefault(each.dialogue_id, np.zeros(len(theta)))
        score[a] += each.share - chance[a, b]
        score[b] -= each.share - chance[a, b]
    if len(scores) < 2:
        return None
    bread: Array = _inverse((wins + wins.T) * chance * (1 - chance))
    stacked = np.array(list(scores.values()), dtype=np.float64)
    meat = stacked.T @ stacked * len(scores) / (len(scores) - 1)
    return np.asarray(np.sqrt(np.diag(bread @ meat @ bread)), dtype=np.float64)

"""95% intervals of a share and of a mean; rows are taken as independent of one another."""

from __future__ import annotations

import math

#: Standard errors on either side of an estimate.
Z = 1.959963984540054


def wilson(hits: int, of: int) -> tuple[float, float]:
    """The interval of a share (Wilson's score interval), 0..1; (0, 1) where nothing was seen."""
    if not of:
        return 0.0, 1.0
    share, spread = hits / of, Z * Z / of
    middle = (share + spread / 2) / (1 + spread)
    half = Z * math.sqrt(share * (1 - share) / of + spread / (4 * of)) / (1 + spread)
    # At 0 and 1 the bounds are exact; rounding must not move them past the share.
    return (0.0 if hits == 0 else middle - half), (1.0 if hits == of else middle + half)


def of_mean(mean: float, sigma: float, of: int) -> tuple[float, float]:
    """The interval of a mean by its standard error; sigma is the standard deviation of the numbers."""
    half = Z * sigma / math.sqrt(of) if of else math.inf
    return mean - half, mean + half

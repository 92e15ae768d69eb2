"""Splitting by dialogue: every pair of a dialogue is on one side, and stays there as the data grows."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from proutt.errors import UserError

PARTS = ("train", "validation", "test")
_NAMES = {1: ("train",), 2: ("train", "test"), 3: PARTS}


@dataclass(frozen=True, slots=True)
class Split:
    """Shares of the dialogues, 0..1, that sum to 1: train; train and test; or train, validation and test."""

    shares: tuple[float, ...] = (1.0,)
    seed: int = 0

    @property
    def parts(self) -> tuple[str, ...]:
        return _NAMES[len(self.shares)]

    def part_of(self, dialogue_id: str) -> str:
        """Which part a dialogue belongs to: by a hash of seed and id, whatever the order and the others."""
        digest = sha256(f"{self.seed}/{dialogue_id}".encode("utf-8", "surrogatepass")).digest()
        drawn = int.from_bytes(digest[:8]) / 2**64
        edge = 0.0
        for name, share in zip(self.parts, self.shares, strict=True):
            edge += share
            if drawn < edge:
                return name
        return self.parts[-1]


def parse_split(text: str, seed: int = 0) -> Split:
    """`0.9/0.1` or `0.8/0.1/0.1` as a Split. Raises UserError where it is not shares that sum to 1."""
    try:
        shares = tuple(float(part) for part in text.split("/"))
    except ValueError:
        shares = ()
    if len(shares) not in _NAMES or not all(0 < share <= 1 for share in shares) or abs(sum(shares) - 1) > 1e-6:
        raise UserError(
            f"{text!r} is not a split.",
            where="--split",
            remedy="Give shares that sum to 1: 0.9/0.1 (train/test) or 0.8/0.1/0.1 (train/validation/test).",
        )
    return Split(shares, seed)

"""Near-duplicate texts, found as they stream by: MinHash over 5-grams, looked up by locality-sensitive hashing.

A text is its set of 5-grams: of words, and of characters where a script puts no spaces between words. 256 hash
functions each keep the smallest value over that set; two texts agree in a share of them that estimates the Jaccard
similarity of their sets, with a standard error of at most 0.03. The figures are those of common practice (Data-Juicer:
5-grams, 256 functions; characters for Chinese). Nothing depends on process, platform or chance.

Own lines instead of datasketch, which needs scipy: this is numpy alone, and keeps one byte of each of the 256 values
(b-bit minwise hashing, Li and König 2010), where datasketch keeps eight and a Python dictionary for every band.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from hashlib import blake2b, shake_256
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

FUNCTIONS = 256
GRAM = 5
#: A text at the threshold itself is a candidate with this probability; whether it is near decides its estimate.
RECALL = 0.999
#: Most texts of one bucket that a text is compared with, earliest first: no data makes a search quadratic.
BUCKET_LIMIT = 64

_Words: TypeAlias = NDArray[np.uint64]
_Bytes: TypeAlias = NDArray[np.uint8]
_Indices: TypeAlias = NDArray[np.int32]

#: Scripts without spaces between words: Chinese, Japanese, Thai, Lao, Burmese, Khmer.
_UNSPACED = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"
_UNIT = re.compile(rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+")
_CHUNK = 1024
_CONSTANTS = np.frombuffer(shake_256(b"proutt/near-duplicates").digest(8 * (2 * FUNCTIONS + GRAM + 1)), dtype="<u8")
_FACTORS, _OFFSETS = _CONSTANTS[:FUNCTIONS] | np.uint64(1), _CONSTANTS[FUNCTIONS : 2 * FUNCTIONS]
_GRAM_FACTORS, _SPREAD = _CONSTANTS[2 * FUNCTIONS : -1] | np.uint64(1), _CONSTANTS[-1] | np.uint64(1)


def units(text: str) -> list[str]:
    """The words of a text, or its characters where its script has no spaces; no case, no marks, width folded."""
    return _UNIT.findall(unicodedata.normalize("NFKC", text).casefold())


def signature(text: str) -> _Bytes:
    """(256,) bytes: of each hash function's smallest value over the text's 5-grams, one byte.

    A text of fewer than five units is one gram as a whole, so short texts are near only where they are the same.
    """
    grams = _grams(units(text))
    smallest = np.full(FUNCTIONS, np.iinfo(np.uint64).max, dtype=np.uint64)
    for start in range(0, len(grams), _CHUNK):
        values = grams[start : start + _CHUNK, None] * _FACTORS + _OFFSETS
        smallest = np.minimum(smallest, values.min(axis=0))
    # A middle byte: the upper ones of a minimum are nearly always 0.
    return ((smallest >> np.uint64(24)) & np.uint64(255)).astype(np.uint8)


def _grams(found: list[str]) -> _Words:
    """A well-mixed 64-bit number for each distinct gram."""
    if len(found) < GRAM:
        return np.array([_number("\0".join(found))], dtype=np.uint64)
    numbers = np.array([_number(unit) for unit in found], dtype=np.uint64)
    windows = np.lib.stride_tricks.sliding_window_view(numbers, GRAM)
    mixed = np.zeros(len(windows), dtype=np.uint64)
    for place in range(GRAM):
        mixed = (mixed ^ windows[:, place]) * _GRAM_FACTORS[place]
        mixed ^= mixed >> np.uint64(32)
    return np.unique(mixed)


@lru_cache(maxsize=1 << 16)
def _number(text: str) -> int:
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


class NearDuplicates:
    """Texts by key, and which of them a text is near: estimated Jaccard similarity of 5-grams at or above `threshold`.

    Keeps about 1 to 1.5 KB a text beside its key, whatever the text's length. `threshold` is in (0, 1]: 0.8 for
    repeated texts within a data set, 0.7 across the sides of a split are common. Raises ValueError for another.
    """

    def __init__(self, threshold: float) -> None:
        if not 0 < threshold <= 1:
            raise ValueError(f"a threshold is in (0, 1], not {threshold}")
        self.threshold = threshold
        self._rows, bands = _banding(threshold)
        self._bands = np.arange(bands)
        self._keys: list[str] = []
        self._signatures: _Bytes = np.zeros((0, FUNCTIONS), dtype=np.uint8)
        self._grow(64)

    def __len__(self) -> int:
        return len(self._keys)

    def add(self, key: str, text: str) -> str | None:
        """The earliest key whose text is near, or None; the text is kept in either case."""
        return next(iter(self.add_linked(key, text)), None)

    def add_linked(self, key: str, text: str) -> list[str]:
        """Every key whose text is near, earliest first; the text is kept."""
        own = signature(text)
        near = [self._keys[each] for each in self._near(own)]
        if len(self._keys) == len(self._signatures):
            self._grow(2 * len(self._keys))
        self._signatures[len(self._keys)] = own
        self._insert(len(self._keys))
        self._keys.append(key)
        return near

    def near(self, text: str) -> str | None:
        """The earliest key whose text is near this one, or None; nothing is kept."""
        return next((self._keys[each] for each in self._near(signature(text))), None)

    def _near(self, own: _Bytes) -> list[int]:
        candidates = self._candidates(self._slots(own))
        same = (self._signatures[candidates] == own).mean(axis=1)
        estimated = (same - 1 / 256) / (1 - 1 / 256)  # one byte in 256 agrees by chance
        return [int(each) for each in candidates[estimated >= self.threshold]]

    def _candidates(self, slots: NDArray[np.int64]) -> _Indices:
        """Who shares a bucket with a text, ascending: each band's chain from its head, `BUCKET_LIMIT` deep."""
        bands, found = self._bands, []
        at = self._heads[bands, slots]
        for _ in range(BUCKET_LIMIT):
            bands, at = bands[at >= 0], at[at >= 0]
            if not len(at):
                break
            found.append(at)
            at = self._next[at, bands]
        return np.unique(np.concatenate(found)) if found else np.zeros(0, dtype=np.int32)

    def _slots(self, own: _Bytes) -> NDArray[np.int64]:
        """The bucket of each band."""
        packed = np.zeros(len(self._bands), dtype=np.uint64)
        for column in own[: len(self._bands) * self._rows].reshape(len(self._bands), self._rows).T:
            packed = (packed ^ column) * _SPREAD
        packed ^= packed >> np.uint64(32)
        slots: NDArray[np.int64] = ((packed * _SPREAD) >> np.uint64(64 - self._bits)).astype(np.int64)
        return slots

    def _insert(self, index: int) -> None:
        """At the end of each band's chain, so that chains run from the earliest text on."""
        slots = self._slots(self._signatures[index])
        tails = self._tails[self._bands, slots]
        taken = tails >= 0
        self._next[tails[taken], self._bands[taken]] = index
        self._heads[self._bands[~taken], slots[~taken]] = index
        self._tails[self._bands, slots] = index

    def _grow(self, capacity: int) -> None:
        """Room for so many texts, and as many buckets a band (a power of two)."""
        kept, self._signatures = self._signatures, np.zeros((capacity, FUNCTIONS), dtype=np.uint8)
        self._signatures[: len(kept)] = kept
        self._bits = capacity.bit_length() - 1
        self._next = np.full((capacity, len(self._bands)), -1, dtype=np.int32)
        self._heads = np.full((len(self._bands), 1 << self._bits), -1, dtype=np.int32)
        self._tails = self._heads.copy()
        for index in range(len(kept)):
            self._insert(index)


def _banding(threshold: float) -> tuple[int, int]:
    """Rows of a band and bands: the longest bands that still find a text at the threshold with RECALL."""
    best = (1, FUNCTIONS)
    for rows in range(1, FUNCTIONS + 1):
        missed = 1 - threshold**rows
        bands = next((n for n in range(1, FUNCTIONS // rows + 1) if 1 - missed**n >= RECALL), None)
        if bands is not None:
            best = (rows, bands)
    return best


class Groups:
    """Keys joined into groups (union-find); a group is named by the key of it that was seen first."""

    def __init__(self) -> None:
        self._parent: dict[str, str] = {}
        self._order: dict[str, int] = {}

    def add(self, key: str) -> None:
        """A key in a group of its own; one that is known stays where it is."""
        if key not in self._parent:
            self._parent[key], self._order[key] = key, len(self._order)

    def join(self, one: str, other: str) -> None:
        """Both keys, and all that they were joined to, are one group from here on."""
        self.add(one)
        self.add(other)
        first, second = sorted((self.first(one), self.first(other)), key=self._order.__getitem__)
        self._parent[second] = first

    def first(self, key: str) -> str:
        """The earliest key of this key's group; the key itself where it is not known."""
        if key not in self._parent:
            return key
        root = key
        while self._parent[root] != root:
            root = self._parent[root]
        while self._parent[key] != root:
            self._parent[key], key = root, self._parent[key]
        return root

    def together(self) -> dict[str, int]:
        """How many keys each group of more than one has, by its first key."""
        sizes: dict[str, int] = {}
        for key in self._parent:
            root = self.first(key)
            sizes[root] = sizes.get(root, 0) + 1
        return {key: size for key, size in sizes.items() if size > 1}

"""The one normal form of a dialogue, and what of it a predictor may see.

A dialogue is D^(N): N turns ⟨user, assistant⟩ (ProUtt III-B). Real logs also hold a greeting before the first user
utterance and a last user utterance without an answer; both have a field of their own, so a turn is never half a turn.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Turn:
    """d_i = ⟨u_i, a_i⟩: what the user said and what the assistant answered. Neither is empty."""

    user: str
    assistant: str


@dataclass(frozen=True, slots=True)
class Context:
    """D^(K), the first K turns of a dialogue: all that a predictor may see.

    It holds nothing of turn K+1 and after, so a step that takes a Context cannot leak the truth.
    """

    dialogue_id: str
    language: str
    turns: tuple[Turn, ...]
    opening: str | None = None

    @property
    def k(self) -> int:
        """K, the number of turns, from 1."""
        return len(self.turns)


@dataclass(frozen=True, slots=True)
class Dialogue:
    """D^(N) in normal form.

    id               as in the source, as text; unique within one reading
    turns            N complete turns; N may be 0 when only `last_utterance` is there
    language         ISO 639-1 code of the language the user writes ("en", "zh", ...), "und" when it can't be told
    last_utterance   what the user said last, where no answer followed: a truth for K = N, never half a turn
    opening          what the assistant said before the first user utterance
    system           system messages, joined; kept for round trips, shown to no step
    source           file and line or position, for messages
    """

    id: str
    turns: tuple[Turn, ...]
    language: str = "und"
    last_utterance: str | None = None
    opening: str | None = None
    system: str | None = None
    source: str = ""

    @property
    def utterances(self) -> tuple[str, ...]:
        """u_1 ... u_M: every user utterance in order; M is N, or N + 1 with a last utterance."""
        said = tuple(turn.user for turn in self.turns)
        return said if self.last_utterance is None else (*said, self.last_utterance)

    @property
    def ks(self) -> range:
        """Every K that has a next utterance: 1 ... M-1 (Algorithm 1, line 3)."""
        return range(1, len(self.utterances))

    def context(self, k: int) -> Context:
        """D^(K), the first k turns. Raises ValueError unless 1 <= k <= N."""
        if not 1 <= k <= len(self.turns):
            raise ValueError(f"k={k} is outside 1..{len(self.turns)}")
        return Context(self.id, self.language, self.turns[:k], self.opening)

    def next_utterance(self, k: int) -> str:
        """u_{K+1}, what the user said after the first k turns. Raises ValueError unless k is in `ks`."""
        if k not in self.ks:
            raise ValueError(f"k={k} has no next utterance in a dialogue of {len(self.utterances)} utterances")
        return self.utterances[k]

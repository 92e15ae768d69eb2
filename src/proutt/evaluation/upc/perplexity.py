"""Corpus perplexity of a chatbot's responses: exp of all negative log likelihood over all tokens (UPC 5.1). Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from proutt.evaluation.pointwise import rounded
from proutt.evaluation.upc.record import Likelihood, UPCEvaluated
from proutt.quality.agreement import bootstrap_interval


def perplexity_of(records: Iterable[UPCEvaluated]) -> dict[str, Any] | None:
    """Perplexity of all responses together, its 95% interval by bootstrap over personas, tokens, responses, those too
    long to be measured, and the models that measured it; None where nobody did."""
    measured = [each for each in records if each.perplexity]
    by_persona: dict[str, list[Likelihood]] = {}
    for each in measured:
        by_persona.setdefault(each.dialogue.persona_id, []).extend(one for one in each.perplexity or () if one)
    likelihoods = [one for each in by_persona.values() for one in each]
    if not likelihoods:
        return None
    interval = bootstrap_interval(list(by_persona.values()), corpus_perplexity)
    low, high = (None, None) if interval is None else interval
    return {
        "value": rounded(corpus_perplexity(likelihoods)),
        "low": None if low is None else rounded(low),
        "high": None if high is None else rounded(high),
        "tokens": sum(each.tokens for each in likelihoods),
        "responses": len(likelihoods),
        "too_long": sum((each.perplexity or []).count(None) for each in measured),
        "personas": len(by_persona),
        "models": sorted({each.perplexity_model or "" for each in measured}),
    }


def corpus_perplexity(likelihoods: Sequence[Likelihood]) -> float:
    """exp(sum of nll / sum of tokens)."""
    return math.exp(math.fsum(each.nll for each in likelihoods) / sum(each.tokens for each in likelihoods))

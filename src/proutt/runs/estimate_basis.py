"""What an estimate rests on, in sentences for whom it is shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from proutt.runs.config import SynthesisConfig
from proutt.runs.estimate_profile import Profile
from proutt.runs.estimate_sample import Sample


@dataclass(frozen=True, slots=True)
class Basis:
    """What was rehearsed, and with which measures.

    measured    the profile is of a run that the user named
    batch       "api" or "files", or None
    """

    config: SynthesisConfig
    profile: Profile
    sample: Sample[Any]
    measured: bool
    batch: str | None


def rests_on(basis: Basis) -> Iterator[str]:
    """A sentence or two for each thing that the reader should know."""
    if not basis.config.opened_roles:
        yield "The method asks no model."
        return
    if basis.config.method == "proutt":
        yield "Prompts are the real ones of these dialogues; intent trees are made up, since nothing is annotated yet."
    else:
        yield "Prompts are the real ones of these dialogues; what they quote of a model's answers is made up."
    yield from sampled_of(basis.sample)
    yield from _measured(basis) if basis.config.method == "proutt" else _taken(basis)
    yield from of_tokens(measured=basis.measured)
    if basis.batch == "api":
        yield (
            "In batches: each call at its batch price, but those that are fewer than 20 at once, which go live. "
            "What fails in a batch goes live too, and is not counted; nor is caching."
        )
    elif basis.batch == "files":
        yield "In batches: every call at its batch price; caching is not counted."


def sampled_of(sample: Sample[Any], noun: str = "dialogues", items: str = "turns") -> Iterator[str]:
    """Where not all records of the input were rehearsed, how many were. noun, items: what they are called."""
    if sample.sampled is not None:
        yield (
            f"A sample of {sample.sampled} of {sample.with_items} {noun} was rehearsed, drawn by the seed, and "
            f"multiplied by the number of {items}."
        )


def _measured(basis: Basis) -> Iterator[str]:
    """Of ProUtt: what its profile was measured on, and what low and high are."""
    config, profile = basis.config, basis.profile
    empty = f"{profile.empty.mean:.0%} of turns without a new intent"
    yield f"Expected: answer lengths, judge scores, further tries and {empty} as measured on {profile.basis}."
    if profile.foreign:
        yield (
            "Nothing was measured with your model: expected is as good as your model is like that one, and may be far "
            "off. A judge that finds fault with most edits doubles the calls; answers may be a third as long, or three "
            "times as long. Low and high allow for both (docs/cost.md)."
        )
    if not basis.measured and config.thinking_tokens:
        yield THINKING
    tries = config.verify_tries if config.verify else 1
    edits = f"{tries} edits" if tries > 1 else "one edit"
    yield (
        "Low: each turn in its cheapest branch, first answers usable, one verification. High: the dearest branch, "
        f"{edits} of each side, further tries at their upper 95 %. Neither is a bound."
    )


def _taken(basis: Basis) -> Iterator[str]:
    """Of a baseline: what its estimate takes from ProUtt's measures."""
    from proutt.runs.estimate_baselines import courses_of

    yield f"Expected: answer lengths, judge scores and further tries as measured on {basis.profile.basis}."
    yield from courses_of(basis.config.method)
    if basis.config.thinking_tokens:
        yield THINKING


THINKING = "Thinking was not measured: none in low, half of the room in expected, all of it in high."


def of_tokens(*, measured: bool) -> Iterator[str]:
    """How tokens are counted. measured: in a run that the user named."""
    yield (
        "Tokens are counted by a rule fitted to the Qwen2.5 tokenizer"
        + (" and to that run's own counts." if measured else "; other tokenizers differ.")
    )
    yield (
        "With prefix caching: a server that keeps the prompts of the dialogues at work; in high, one that keeps the "
        "last two prompts alone."
    )

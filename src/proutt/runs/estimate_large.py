"""What a large model took with one call a step: the profile that ships for endpoints.

Two runs with `--turns random --batch=files` over dialogues of ShareGPT and CrossWOZ, answered by Claude, 2026-11-21: 20
pairs of 23 dialogues in English and Chinese; the new paths are those of all their turns. docs/cost.md has how far the
estimate of each run is off when it rests on the other, and what is weak in it.
"""

from __future__ import annotations

from proutt.runs.estimate_profile import Profile, Share

LARGE = Profile(
    basis="20 pairs of a large model (Claude, one call a step, itself as judge)",
    lengths={
        ("attribute", "en"): (2.5, 4.2, 5.8),
        ("attribute", "zh"): (2.0, 2.9, 4.0),
        ("chain", "en"): (50.3, 56.3, 61.7),
        ("chain", "zh"): (39.0, 42.6, 46.5),
        ("reason", "en"): (13.3, 17.6, 21.5),
        ("reason", "zh"): (11.5, 13.8, 15.5),
        ("reasoning", "en"): (34.3, 42.6, 48.2),
        ("reasoning", "zh"): (20.5, 27.0, 28.5),
        ("topic", "en"): (4.3, 5.5, 6.5),
        ("topic", "zh"): (2.0, 2.1, 2.1),
        ("utterance", "en"): (13.3, 15.6, 17.2),
        ("utterance", "zh"): (11.5, 12.6, 14.0),
        ("value", "en"): (2.3, 3.9, 5.3),
        ("value", "zh"): (3.2, 4.3, 4.8),
        ("wants", "en"): (13.3, 15.5, 17.5),
        ("wants", "zh"): (7.0, 10.4, 13.5),
    },
    paths=(1,) * 102 + (2,) * 47 + (3,) * 4,
    empty=Share(count=16, of=146),
    new_topic=Share(count=34, of=130),
    valued=Share(count=122, of=208),
    further={"": Share(count=0, of=105), "paths": Share(count=4, of=20), "sentence-types": Share(count=0, of=20)},
    predicted=(
        (0.3, 0.3, 0.1, 0.3), (0.3, 0.0, 0.1, 0.1), (0.3, 0.3, 0.1, 0.1), (0.5, 0.3, 0.1, 0.1), (0.5, 0.3, 0.3, 0.1),
        (1.0, 0.3, 0.1, 0.1), (1.0, 0.3, 0.1, 0.1), (0.1, 0.1, 0.8, 0.0), (0.1, 0.0, 0.8, 0.0), (1.0, 0.1, 0.0, 0.1),
        (1.0, 0.3, 0.1, 0.1), (0.1, 0.1, 0.5, 0.0), (0.3, 0.3, 0.1, 0.1), (0.9, 0.3, 0.1, 0.1), (0.0, 0.0, 0.0, 0.0),
        (0.3, 0.3, 0.1, 0.1), (0.3, 0.1, 0.0, 0.0), (0.3, 0.3, 0.1, 0.0), (0.1, 0.1, 0.3, 0.0), (0.3, 1.0, 0.1, 0.0),
    ),
    chosen=(1.0, 1.0, 1.0, 1.0, 0.9, 0.8, 0.79, 1.0, 1.0, 1.0, 1.0, 0.9, 1.0),
    rejected=(
        (0.3, 0.3, 0.1, 0.1), (0.1, 0.0, 0.0, 0.1), (0.3, 0.1, 0.1, 0.1), (0.3, 0.1, 0.3, 0.1), (0.3, 0.3, 0.1, 0.0),
        (0.3, 0.3, 0.1, 0.1), (0.0, 0.3, 0.1, 0.1), (0.1, 0.1, 0.0, 0.0), (0.1, 0.0, 0.0, 0.1), (0.1, 0.1, 0.0, 0.0),
        (0.0, 0.3, 0.1, 0.1), (0.1, 0.0, 0.0, 0.1), (0.31, 0.3, 0.1, 0.1), (0.1, 0.1, 0.1, 0.1), (0.1, 0.1, 0.1, 0.1),
        (0.0, 0.0, 0.0, 0.0), (0.3, 0.3, 0.0, 0.0), (0.3, 0.1, 0.0, 0.0), (0.1, 0.1, 0.1, 0.0), (0.1, 0.1, 0.0, 0.0),
        (0.3, 0.0, 0.0, 0.0),
    ),
    answers=(0.75, 0.88),
)  # fmt: skip

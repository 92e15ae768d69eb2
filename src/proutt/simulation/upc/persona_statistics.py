"""What a set of personas is like: groups, lengths, names, near-duplicates, vocabulary (UPC 4.4). One pass."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any

from proutt.intent.persona import Persona
from proutt.prompts.personas.brief import background_words, word_bounds
from proutt.quality.duplicates import NearDuplicates, units
from proutt.quality.statistics import Moments
from proutt.simulation.upc.company import NEAR, plain_name

#: Names that are listed of those that many share.
_SHOWN = 5


def persona_statistics(personas: Iterable[Persona]) -> dict[str, Any]:
    """Plain numbers; keys carry their units.

    words            of a background (characters, where it is Chinese): mean, standard deviation, least and most
    words_in_bounds  backgrounds of the length that `proutt personas generate` asks for
    doubled_names    names that more than one persona has, with how many
    given_names      the most frequent first words of names, with how many; Chinese names have none
    near             (earlier id, id) of backgrounds whose 5-grams overlap by half or more
    vocabulary       different words of all backgrounds, in any case; Chinese characters count as words
    new_words        different words for each 1000 words
    """
    groups: Counter[str] = Counter()
    languages: Counter[str] = Counter()
    lengths, least, most, fit = Moments(), 0, 0, 0
    names: dict[str, tuple[str, int]] = {}
    given: Counter[str] = Counter()
    known, near = NearDuplicates(NEAR), []
    vocabulary: set[str] = set()
    running = 0
    for each in personas:
        groups[each.group or "-"] += 1
        languages[each.language] += 1
        count = background_words(each.background)
        bounds = word_bounds(each.language)
        least, most = (min(least, count) if lengths.count else count), max(most, count)
        lengths.add(count)
        fit += bounds[0] <= count <= bounds[1]
        shown, times = names.get(plain_name(each.name), (each.name, 0))
        names[plain_name(each.name)] = (shown, times + 1)
        given.update(each.name.split()[:1] if " " in each.name else [])
        earlier = known.add(each.id, each.background)
        if earlier is not None:
            near.append([earlier, each.id])
        words = units(each.background)
        vocabulary.update(words)
        running += len(words)
    doubled = sorted((pair for pair in names.values() if pair[1] > 1), key=lambda pair: (-pair[1], pair[0]))
    return {
        "personas": lengths.count,
        "groups": dict(sorted(groups.items())),
        "languages": dict(sorted(languages.items())),
        "words": {"mean": round(lengths.mean, 1), "sigma": round(lengths.sigma, 1), "least": least, "most": most},
        "words_in_bounds": fit,
        "names": len(names),
        "doubled_names": dict(doubled),
        "given_names": {name: times for name, times in given.most_common(_SHOWN) if times > 1},
        "near": near,
        "vocabulary": len(vocabulary),
        "new_words": round(1000 * len(vocabulary) / running, 1) if running else 0.0,
    }

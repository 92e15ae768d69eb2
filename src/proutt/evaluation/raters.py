"""Agreement of people with each other and with judges, from their verdicts (ProUtt IV-B, Appendix B-B.2; figures 4, 5).

The paper keeps a batch of two people only where they agree in at least 0.75 of it. That selects by the outcome and
flatters what is left, so everything is given twice: of all batches, and of those that pass the gate.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from typing import Any

from proutt.errors import UserError
from proutt.evaluation.agreement import confusion, kappa_interval, krippendorff_alpha, weighted_kappa
from proutt.evaluation.clusters import clustered_share
from proutt.evaluation.pointwise import ALL, estimated, rounded
from proutt.evaluation.record import VerdictRecord, Winner
from proutt.evaluation.stored import CASES, VERDICTS, read_lines
from proutt.evaluation.tables import Table, as_csv, as_latex, as_markdown
from proutt.quality.agreement import bootstrap_interval, cohen_kappa, gwet_ac1, observed_agreement

LABELS: tuple[Winner, ...] = ("a", "tie", "b")
PEOPLE = "people"
AGREEMENT = "agreement.json"

#: (dialogue, K, a, b): what raters judge.
Item = tuple[str, int, str, str]
Pair = tuple[Winner, Winner]
Statistic = Callable[[list[Pair]], float | None]


@dataclass(frozen=True)
class Rater:
    """One rater's verdicts, one an item."""

    name: str
    kind: str
    said: Mapping[Item, Winner]


def agreement_of(paths: Sequence[Path], *, gate: float) -> tuple[dict[str, Any], list[Table]]:
    """Agreement over the verdicts of these files. Raises UserError where fewer than two raters judged one thing."""
    verdicts: list[VerdictRecord] = []
    datasets: dict[Item, str] = {}
    for path in paths:
        file = path / VERDICTS if path.is_dir() else path
        own = list(read_lines(file, VerdictRecord))
        known = _datasets(file.parent / CASES)
        for each in own:
            datasets.setdefault(_item(each), known.get((each.dialogue_id, each.k), file.parent.name))
        verdicts += own
    raters = raters_of(verdicts)
    found = [_of_group(raters, datasets, group, gate) for group in _groups(datasets)]
    if not any(each["pairs"] for each in found):
        names = ", ".join(rater.name for rater in raters) or "nobody"
        raise UserError(
            f"no two raters have judged one comparison (there are: {names}).",
            where=", ".join(str(path) for path in paths),
            remedy="Give verdicts of two or more on the same predictions.",
        )
    results = {"gate": gate, "groups": found}
    return results, _tables(found)


def _groups(datasets: Mapping[Item, str]) -> list[str]:
    names = sorted(set(datasets.values()))
    return [*names, ALL] if len(names) > 1 else names


def _datasets(path: Path) -> dict[tuple[str, int], str]:
    if not path.is_file():
        return {}
    rows = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines())
    return {(row["dialogue_id"], row["k"]): row["dataset"] for row in rows}


def _item(verdict: VerdictRecord) -> Item:
    return (verdict.dialogue_id, verdict.k, verdict.a, verdict.b)


def raters_of(verdicts: Iterable[VerdictRecord]) -> list[Rater]:
    """Every rater's one verdict an item: what most of both orders and all repeats say, else a tie."""
    said: dict[tuple[str, str], dict[Item, list[Winner]]] = {}
    for each in verdicts:
        said.setdefault((each.kind, each.rater), {}).setdefault(_item(each), []).append(each.winner)
    return [
        Rater(name, kind, {item: majority(winners) for item, winners in items.items()})
        for (kind, name), items in sorted(said.items())
    ]


def majority(winners: Sequence[Winner]) -> Winner:
    """What more than half said; a tie where nothing was."""
    (winner, count), *_ = Counter(winners).most_common()
    return winner if count * 2 > len(winners) else "tie"


def _of_group(raters: Sequence[Rater], datasets: Mapping[Item, str], group: str, gate: float) -> dict[str, Any]:
    mine = [
        Rater(
            each.name, each.kind, {item: winner for item, winner in each.said.items() if group in (ALL, datasets[item])}
        )
        for each in raters
    ]
    people = [each for each in mine if each.kind == "person"]
    models = [each for each in mine if each.kind == "model"]
    valid = _valid_items(people, gate)
    decided = Rater(PEOPLE, "person", adjudicated(people))
    gated = Rater(f"{PEOPLE} (gated)", "person", {item: w for item, w in decided.said.items() if item in valid})
    compared = [*combinations(mine, 2), *((decided, model) for model in models), *((gated, model) for model in models)]
    return {
        "dataset": group,
        "raters": {each.name: {"kind": each.kind, "items": len(each.said)} for each in mine},
        "items_of_valid_batches": len(valid),
        "items_judged_twice": len(_twice(people)),
        "pairs": [row for one, other in compared if (row := _pair(one, other)) is not None],
        "alpha": {
            kind: _alpha(group_of) for kind, group_of in (("all", mine), ("people", people)) if len(group_of) > 1
        },
    }


def adjudicated(people: Sequence[Rater]) -> dict[Item, Winner]:
    """What two people or more agree on; with the third's decision where two did not. Items left open are not there."""
    found = {}
    for item in {item for each in people for item in each.said}:
        winners = [each.said[item] for each in people if item in each.said]
        (winner, count), *_ = Counter(winners).most_common()
        if count >= 2 and count * 2 > len(winners):
            found[item] = winner
    return dict(sorted(found.items()))


def _twice(people: Sequence[Rater]) -> set[Item]:
    return {item for one, other in combinations(people, 2) for item in one.said.keys() & other.said.keys()}


def _valid_items(people: Sequence[Rater], gate: float) -> set[Item]:
    """The items of the batches that pass the gate: a batch is what two people judged of two systems.

    A third person, who was asked only where the two disagree, makes no batch of their own: of the pairs of people that
    share items of a comparison, those with the most items in common count.
    """
    batches: dict[tuple[str, str], dict[tuple[str, str], list[Item]]] = {}
    for one, other in combinations(people, 2):
        for item in one.said.keys() & other.said.keys():
            batches.setdefault(item[2:], {}).setdefault((one.name, other.name), []).append(item)
    by_name = {each.name: each for each in people}
    valid: set[Item] = set()
    for shared in batches.values():
        taken: set[Item] = set()
        for (first, second), items in sorted(shared.items(), key=lambda each: (-len(each[1]), each[0])):
            if not taken.isdisjoint(items):
                continue
            taken |= set(items)
            agreed = sum(by_name[first].said[item] == by_name[second].said[item] for item in items)
            if agreed >= gate * len(items):
                valid |= set(items)
    return valid


def _pair(one: Rater, other: Rater) -> dict[str, Any] | None:
    common = sorted(one.said.keys() & other.said.keys())
    if not common:
        return None
    clusters: dict[str, list[Pair]] = {}
    for item in common:
        clusters.setdefault(item[0], []).append((one.said[item], other.said[item]))
    ratings = [rating for cluster in clusters.values() for rating in cluster]
    return {
        "one": one.name,
        "other": other.name,
        "items": len(common),
        "dialogues": len(clusters),
        "agreement": estimated(clustered_share((item[0], one.said[item] == other.said[item]) for item in common)),
        "kappa": _with_interval(cohen_kappa, clusters, kappa_interval(ratings)),
        "weighted_kappa": _with_interval(_weighted, clusters),
        "ac1": _with_interval(gwet_ac1, clusters),
        "labels": list(LABELS),
        "confusion": confusion(ratings, LABELS),
        "raw_agreement": observed_agreement(ratings),
    }


def _weighted(ratings: Iterable[Pair]) -> float | None:
    return weighted_kappa(ratings, LABELS)


def _with_interval(
    statistic: Statistic, clusters: Mapping[str, list[Pair]], independent: tuple[float, float] | None = None
) -> dict[str, Any] | None:
    """A statistic with its interval: bootstrapped over dialogues, or the one for independent items where they are."""
    value = statistic([rating for cluster in clusters.values() for rating in cluster])
    if value is None:
        return None
    alone = all(len(cluster) == 1 for cluster in clusters.values())
    interval = independent if alone and independent else bootstrap_interval(list(clusters.values()), statistic)
    low, high = interval or (None, None)
    return {
        "mean": rounded(value),
        "low": None if low is None else rounded(low),
        "high": None if high is None else rounded(high),
    }


def _alpha(raters: Sequence[Rater]) -> dict[str, Any]:
    """Krippendorff's α of all raters together, for labels without an order and with a tie in the middle."""
    clusters: dict[str, list[tuple[Winner, ...]]] = {}
    for item in sorted({item for each in raters for item in each.said}):
        unit = tuple(each.said[item] for each in raters if item in each.said)
        if len(unit) > 1:
            clusters.setdefault(item[0], []).append(unit)
    units = [unit for cluster in clusters.values() for unit in cluster]
    nominal = krippendorff_alpha(units)
    ordinal = krippendorff_alpha(units, scale="ordinal", order=LABELS)
    interval = None if nominal is None else bootstrap_interval(list(clusters.values()), krippendorff_alpha)
    return {
        "items": len(units),
        "nominal": None if nominal is None else rounded(nominal),
        "low": None if interval is None else rounded(interval[0]),
        "high": None if interval is None else rounded(interval[1]),
        "ordinal": None if ordinal is None else rounded(ordinal),
    }


def _tables(groups: Sequence[Mapping[str, Any]]) -> list[Table]:
    rows = [
        (
            group["dataset"],
            pair["one"],
            pair["other"],
            str(pair["items"]),
            *(_shown(pair[name]) for name in ("agreement", "kappa", "weighted_kappa", "ac1")),
        )
        for group in groups
        for pair in group["pairs"]
    ]
    alphas = [
        (group["dataset"], kind, str(found["items"]), _shown(found | {"mean": found["nominal"]}), _shown(
            {"mean": found["ordinal"], "low": None, "high": None}))
        for group in groups
        for kind, found in group["alpha"].items()
    ]  # fmt: skip
    made = [
        Table(
            "agreement",
            "Agreement of two raters",
            ("data set", "one", "other", "items", "agreement", "κ", "κ, weighted", "AC1"),
            tuple(rows),
            "95% intervals over dialogues. people: what two agree on, or a third decided; gated: of valid batches "
            "only, which selects by the outcome. Weighted: a tie is half as far from a winner as the other winner.",
        ),
        Table(
            "alpha",
            "Krippendorff's α of all",
            ("data set", "raters", "items", "α", "α, ordinal"),
            tuple(alphas),
        ),
    ]
    return [table for table in made if table.rows]


def _shown(value: Mapping[str, Any] | None) -> str:
    if value is None or value["mean"] is None:
        return ""
    interval = "" if value["low"] is None else f" [{value['low']:.2f}, {value['high']:.2f}]"
    return f"{value['mean']:.2f}{interval}"


def write_agreement(folder: Path, results: Mapping[str, Any], tables: Sequence[Table]) -> None:
    """Write results and tables into a folder. Raises UserError where that can't be done."""
    files = {
        AGREEMENT: json.dumps(results, ensure_ascii=False, indent=2) + "\n",
        "agreement.md": as_markdown(tables),
        "agreement.tex": as_latex(tables),
        **{f"{table.name}.csv": as_csv(table) for table in tables},
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
    except OSError as error:
        raise UserError(f"can't be written ({error.strerror}).", where=str(folder), remedy="Mend --out.") from error

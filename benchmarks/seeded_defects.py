"""Does `proutt audit` find what is planted, and leave clean pairs alone? (docs/audits.md, "Seeded defects")

    python benchmarks/seeded_defects.py                  # 40 faults of each kind, in pairs around the sample dialogues
    python benchmarks/seeded_defects.py --own            # in pairs around the tests' own dialogues, as in CI
    python benchmarks/seeded_defects.py --number 100     # more of each
    python benchmarks/seeded_defects.py --missed         # names what was missed, of the known ways

What is planted, and how, is in tests/quality/audit/seeded.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from proutt.export.reading import subject_of
from proutt.methods.record import PreferencePair
from proutt.quality.audit import Setup
from proutt.quality.audit.judging import AGREEMENT, FLIPS
from proutt.quality.intervals import wilson
from quality.audit.seeded.composing import composed
from quality.audit.seeded.innocent import innocent
from quality.audit.seeded.measuring import KINDS, Clean, Recall, carriers, found_in, looked_at, recall
from quality.audit.seeded.own_dialogues import own_situations
from quality.audit.seeded.planting import Group, Kind, Planted, planted
from quality.audit.seeded.real_dialogues import real_situations
from quality.audit.seeded.text_rows import FORMATS, read_back
from quality.audit.seeded.whole_sets import LEANINGS, Leaning, leans, second_judge


def share(found: int, of: int) -> str:
    """A share in percent with its 95% interval."""
    if not of:
        return ""
    low, high = wilson(found, of)
    return f"{found / of:.1%} ({low:.1%} to {high:.1%})"


def print_recall(pairs: Sequence[PreferencePair], number: int, *, missed: bool) -> None:
    print(
        "\n| kind | planted | found | recall, known ways | unseen ways: planted | recall |\n|---|---|---|---|---|---|"
    )
    known, unseen = Recall(0, 0), Recall(0, 0)
    for name, kind in KINDS.items():
        (own, misses), (new, _) = (_of_one(kind, pairs, number, group) for group in Group)
        known, unseen = known + own, unseen + new
        cells = f"{own.planted} | {own.found} | {share(own.found, own.planted)}"
        print(f"| {name} | {cells} | {new.planted or ''} | {share(new.found, new.planted)} |", flush=True)
        if missed:
            for each in misses:
                print(f"    missed: {each.way.name}, in {each.rows[-1].id}")
    cells = f"{known.planted} | {known.found} | {share(known.found, known.planted)}"
    print(f"| all | {cells} | {unseen.planted} | {share(unseen.found, unseen.planted)} |")
    both = known + unseen
    print(f"\nAll ways together: {both.found} of {both.planted}, {share(both.found, both.planted)}.")


def _of_one(kind: Kind, pairs: Sequence[PreferencePair], number: int, group: Group) -> tuple[Recall, list[Planted]]:
    results, misses = recall(pairs, number, group, {kind.name: kind})
    return results[kind.name], misses


def print_clean(name: str, clean: Clean) -> None:
    flagged = len(clean.flagged)
    checks = ", ".join(f"{check} {count}" for check, count in sorted(clean.checks.items())) or "none"
    print(f"| {name} | {clean.rows} | {flagged} | {share(flagged, clean.rows)} | {checks} |", flush=True)


def print_clean_pairs(pairs: Sequence[PreferencePair], own: Sequence[PreferencePair]) -> None:
    print(
        "\n| clean pairs | looked at | flagged by an error | share | by check (warnings too) |\n|---|---|---|---|---|"
    )
    rows = [subject_of(pair) for pair in pairs]
    print_clean("around the sample dialogues", looked_at(rows))
    print_clean("around the tests' own dialogues", looked_at(map(subject_of, own)))
    parts = [replace(row, part="test" if sum((row.dialogue_id or "").encode()) % 5 == 0 else "train") for row in rows]
    print_clean("in two parts, and cut at 16,384 tokens", looked_at(parts, Setup(max_length=16384)))
    near = [pair.model_copy(update={"method": "other"}) for pair in innocent(pairs)]  # not what its record says
    print_clean("with words that come near a fault", looked_at(map(subject_of, near)))


def print_text_only(pairs: Sequence[PreferencePair], number: int) -> None:
    print(f"\n| kind | {' | '.join(FORMATS)} |\n|---|{'---|' * len(FORMATS)}")
    with tempfile.TemporaryDirectory() as folder:
        for name, kind in KINDS.items():
            cells = [_text_only(kind, pairs, number, format, Path(folder)) for format in FORMATS]
            print(f"| {name} | {' | '.join(cells)} |", flush=True)
        rows = [subject_of(pair) for pair in pairs]
        for format in FORMATS:
            clean = looked_at(read_back(rows, format, Path(folder)))
            print_clean(f"clean, as {format}", clean)


def _text_only(kind: Kind, pairs: Sequence[PreferencePair], number: int, format: str, folder: Path) -> str:
    faults = list(planted(kind, pairs, number, Group.KNOWN))
    rows = iter(read_back([row for fault in faults for row in fault.rows], format, folder))
    hits = [found_in([next(rows) for _ in fault.rows], kind.checks, fault.setup) for fault in faults]
    return f"{sum(hits)} of {len(hits)}"


def print_sets(pairs: Sequence[PreferencePair], sets: int) -> None:
    print("\n| data set | sets | failed by the audit |\n|---|---|---|")
    for leaning in (Leaning(0.0), *LEANINGS):
        failed = sum(leans(leaning.rows(pairs, seed)) for seed in range(sets))
        print(f"| {leaning.name} | {sets} | {failed} |", flush=True)
    for turned in (0.0, 0.05, 0.2, 0.3, 0.5):
        results = [asyncio.run(second_judge(pairs, turned, seed)) for seed in range(sets)]
        failed = sum(measured[FLIPS].held is False or measured[AGREEMENT].held is False for measured in results)
        print(f"| another judge turns {turned:.0%} round | {sets} | {failed} |", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--number", type=int, default=40, help="faults of each kind")
    parser.add_argument("--sets", type=int, default=5, help="data sets of each leaning")
    parser.add_argument("--own", action="store_true", help="plant in pairs around the tests' own dialogues")
    parser.add_argument("--missed", action="store_true", help="name what was missed")
    options = parser.parse_args()
    started = time.process_time()
    own = [composed(each) for each in own_situations()]
    real = [] if options.own else [composed(each) for each in real_situations()]
    pairs = carriers(real or own)
    print(f"{len(pairs)} pairs to plant in, {options.number} faults of each of {len(KINDS)} kinds.")
    print_recall(pairs, options.number, missed=options.missed)
    print_clean_pairs(real, own)
    print_text_only(pairs, options.number)
    print_sets(pairs, options.sets)
    print(f"\n{time.process_time() - started:.0f} s of CPU.")


if __name__ == "__main__":
    main()

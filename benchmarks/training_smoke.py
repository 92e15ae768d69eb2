"""Training end to end on the embedded weights: SFT, DPO, merge, GGUF, and whether the answers can be read.

    python benchmarks/training_smoke.py OUT

writes a few dozen short rows, trains `local:tiny` on them by the paper's recipe with few steps, writes base and trained
model as GGUF in the same form, and lets both predict on dialogues whose subjects are in no row. It shows that the chain
works: rows from templates say nothing about the quality of suggestions. Needs the extras `train` and `local`; some
minutes on two idle cores.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from proutt.dialogue import Context, Turn
from proutt.export import Outline, prompt_text

#: Subjects of the rows, and of the dialogues that are predicted on.
SUBJECTS = (
    """
basil, lentils, rye bread, kimchi, goulash, a bicycle, a tent, a kayak, a sewing machine, a violin, chess, sourdough,
pottery, a greenhouse, a rain barrel, honey, cheese, a rowing boat, a wood stove, solar panels, a telescope, a loom,
origami, watercolours, a hedge, roses, an apple tree, a compost heap, a fish tank, a parrot, running shoes,
a skateboard, a phone screen, a washing machine, wallpaper, a door hinge, a chimney, a wetsuit, a hammock, a drone
""".replace("\n", " ")
    .strip()
    .split(", ")
)
HELD_OUT = """
tomatoes, a canoe, a piano, marmalade, a hen house, a bookshelf, yoga, a telephone, a lawn, gloves, a kite, soap
""".strip().split(", ")
ASKED = ("How do I start with {it}?", "Is {it} hard to look after?", "What should I know about {it}?")
ANSWERED = ("Begin small and see how it goes.", "It takes a little time each week.", "Get good tools before you begin.")
NEXT = (
    "What does {it} cost?",
    "Which tools do I need for {it}?",
    "How long will {it} take me?",
    "Tell me more about {it}.",
)
OUTLINE = Outline(exploitation=1, exploration=1)
CASES = 12


def dialogue(subject: str, number: int) -> Turn:
    return Turn(ASKED[number % len(ASKED)].format(it=subject), ANSWERED[number % len(ANSWERED)])


def side(subject: str, number: int) -> str:
    said = [NEXT[(number + more) % len(NEXT)].format(it=subject) for more in (0, 1)]
    lines = "\n".join(f"<predict>{each}</predict>" for each in said)
    return f"<think>\nThe user asked about {subject} and may want to know more.\n</think>\n\nThe user may say:\n{lines}"


def row(number: int, subject: str) -> dict[str, object]:
    context = Context(f"s{number}", "en", (dialogue(subject, number),))
    other = SUBJECTS[(number + 7) % len(SUBJECTS)]
    return {
        "prompt": [{"role": "user", "content": prompt_text(context, instruction="minimal", outline=OUTLINE)}],
        "chosen": [{"role": "assistant", "content": side(subject, number)}],
        "rejected": [{"role": "assistant", "content": side(other, number + 2)}],
    }


def held_out(number: int, subject: str) -> dict[str, object]:
    turn = dialogue(subject, number)
    messages = [{"role": "user", "content": turn.user}, {"role": "assistant", "content": turn.assistant}]
    return {"id": f"h{number}", "messages": messages}


def write_lines(path: Path, rows: list[dict[str, object]]) -> Path:
    path.write_text("".join(json.dumps(each) + "\n" for each in rows), encoding="utf-8")
    return path


def proutt(*arguments: object) -> None:
    subprocess.run([sys.executable, "-m", "proutt", *map(str, arguments)], check=False)


def parsed(run: Path) -> tuple[int, int]:
    """(cases with any suggestion, cases in the layout with nothing to repair)."""
    file = run / "predictions.jsonl"
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    problems = [json.loads(line)["problems"] for line in lines]
    return len(problems), sum(not each for each in problems)


def main(out: Path) -> None:
    from proutt.training.bases import base_named
    from proutt.training.gguf_files import write_model
    from proutt.training.library import quieten

    out.mkdir(parents=True, exist_ok=True)
    rows = write_lines(out / "rows.jsonl", [row(number, each) for number, each in enumerate(SUBJECTS)])
    cases = write_lines(out / "held-out.jsonl", [held_out(number, each) for number, each in enumerate(HELD_OUT)])
    trained = out / "trained"
    proutt(
        *("train", rows, "--recipe", "paper", "--base", "local:tiny", "--out", trained, "--accumulation", 4),
        *("--sft-max-steps", 12, "--sft-learning-rate", 1e-3, "--align-max-steps", 5, "--align-learning-rate", 1e-4),
    )
    proutt("train", "gguf", trained)
    quieten(offline=True)
    write_model(base_named("local:tiny").folder, out / "base.gguf", "q8_0", name="base")
    for name, model in (("base", f"local:{out / 'base.gguf'}"), ("trained", trained)):
        proutt(
            *("predict", cases, "--out", out / f"predicted-{name}", "--model", model, "--method", "proutt"),
            *("--instruction", "minimal", "--q", 1, "--tries", 1, "--turns", "next", "--context-tokens", 1024),
        )
        some, clean = parsed(out / f"predicted-{name}")
        print(f"{name}: {some} of {CASES} with suggestions, {clean} in the layout with nothing to repair")


if __name__ == "__main__":
    main(Path(sys.argv[1]))

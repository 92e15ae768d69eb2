"""Writes the generated pages: the pair's and the configuration's JSON Schema, and the command reference.

make docs            write them
python docs/generate.py --check    exit code 1 where one is out of date
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from click.testing import CliRunner

DOCS = Path(__file__).resolve().parent
VERBS = (
    "",
    "dialogues",
    "synthesize",
    "simulate",
    "simulate synpt",
    "simulate synpt-seeds",
    "simulate synpt-tasks",
    "simulate upc",
    "merge",
    "export",
    "show",
    "stats",
    "audit",
    "report",
    "train",
    "train sft",
    "train dpo",
    "train orpo",
    "train simpo",
    "train recipe",
    "train merge",
    "train gguf",
    "predict",
    "experiment",
    "serve",
    "ask",
    "annotate",
    "arena",
    "arena results",
    "arena export",
    "personas",
    "personas generate",
    "personas split",
    "personas stats",
    "evaluate",
    "evaluate pointwise",
    "evaluate pairwise",
    "evaluate agreement",
    "evaluate plan",
    "evaluate tables",
    "evaluate synpt",
    "evaluate synpt-compare",
    "evaluate synpt-lengths",
    "evaluate upc",
    "evaluate upc-compare",
    "evaluate upc-critic",
    "models",
    "models fetch",
    "models check",
    "models prices",
)


def pages() -> dict[Path, str]:
    """What each generated page should hold."""
    from proutt.methods.record import PreferencePair
    from proutt.runs.config import config_schema
    from proutt.simulation.synpt.config import synpt_config_schema
    from proutt.simulation.synpt.tasks import tasks_schema
    from proutt.simulation.upc.config import upc_config_schema

    pair = json.dumps(PreferencePair.model_json_schema(mode="serialization"), ensure_ascii=False, indent=2) + "\n"
    config = json.dumps(config_schema(), ensure_ascii=False, indent=2) + "\n"
    tasks = json.dumps(tasks_schema(), ensure_ascii=False, indent=2) + "\n"
    synpt = json.dumps(synpt_config_schema(), ensure_ascii=False, indent=2) + "\n"
    upc = json.dumps(upc_config_schema(), ensure_ascii=False, indent=2) + "\n"
    return {
        DOCS / "pair.schema.json": pair,
        DOCS.parent / "src/proutt/runs/config.schema.json": config,
        DOCS.parent / "src/proutt/simulation/synpt/tasks.schema.json": tasks,
        DOCS.parent / "src/proutt/simulation/synpt/config.schema.json": synpt,
        DOCS.parent / "src/proutt/simulation/upc/config.schema.json": upc,
        DOCS / "commands.md": commands(),
    }


def commands() -> str:
    from proutt.cli import cli

    parts = ["# Commands\n\nGenerated from `--help` by `make docs`.\n"]
    runner = CliRunner(env={"COLUMNS": "100"})
    for verb in VERBS:
        shown = runner.invoke(
            cli, [*verb.split(), "--help"], prog_name="proutt", terminal_width=78, catch_exceptions=False
        ).stdout
        parts.append(f"## proutt {verb}".rstrip() + f"\n\n```text\n{shown.rstrip()}\n```\n")
    return "\n".join(parts)


def main() -> int:
    stale = [path for path, text in pages().items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    for path in stale:
        if "--check" in sys.argv:
            print(f"{path.name} is out of date: run make docs")
        else:
            path.write_text(pages()[path], encoding="utf-8")
            print(f"wrote {path.name}")
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())

"""How many prompt tokens a pair sends, and how many of them have to be computed.

    python benchmarks/prefix_cache.py layout DIALOGUES.json --dialogues 10    # what prompts allow: seconds
    python benchmarks/prefix_cache.py whole DIALOGUES.json --dialogues 3      # what the engine makes of it: minutes
    python benchmarks/prefix_cache.py embedded DIALOGUES.json --dialogues 1   # the embedded default, as users run it
    python benchmarks/prefix_cache.py runs RUN ...                            # finished runs, from their journals

All steps of a dialogue share the beginning of their prompts (docs/architecture.md, "Calls"), so a server that keeps
what it computed has only the rest to do. How much each call had, and how much of it came from the cache, is in the
journal. Dialogues of at least six turns are taken, spread over the file.

layout    `proutt synthesize` with whole steps against an endpoint of this script that counts characters: computed is
          what no earlier prompt began with. So would a server do that forgets nothing and computes nothing twice.
whole     The same, but the embedded engine (local:tiny) reads every prompt and writes one token, and its own counts of
          tokens are passed on.
embedded  `proutt synthesize --model MODEL`: small steps. Slow with the default model: minutes a pair.

In the first two, answers are scripted: a model that small could not give them. Where a prompt holds an answer, it is a
scripted one. The engine keeps a prompt for each of its slots and 256 MiB of older ones: it forgets, and two slots that
are asked about the same new round at once compute it twice.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aiohttp import web

    from proutt.dialogue import Dialogue
    from proutt.llm.chat import Message

ROOT = Path(__file__).resolve().parents[1]
TARGET_SHARE = 0.25
#: Of the endpoint of `whole`: room for a dialogue of the samples in full.
CONTEXT_TOKENS = 8192


@dataclass(frozen=True)
class Counted:
    """Prompt tokens (or characters) of the calls of one step, or of all. computed: sent, and not found in the cache."""

    step: str
    calls: int
    sent: int
    computed: int

    @property
    def share(self) -> float:
        return self.computed / max(self.sent, 1)


def counted(run: Path) -> tuple[int, list[Counted]]:
    """The pairs of a run, and the counts of each step and of all. Only a copy of the journal is opened."""
    from proutt.runs.journal import Journal

    with tempfile.TemporaryDirectory() as folder:
        for name in ("journal.sqlite", "journal.sqlite-wal"):
            if (run / name).exists():
                shutil.copy(run / name, folder)
        journal = Journal(Path(folder) / "journal.sqlite", reading=True)
        columns = "COUNT(*), SUM(prompt_tokens), SUM(prompt_tokens - cached_tokens)"
        rows = journal.rows(f"SELECT step, {columns} FROM calls GROUP BY step ORDER BY 4 DESC")
        ((pairs,),) = journal.rows("SELECT COUNT(*) FROM items WHERE state = 'paired'")
        journal.close()
    steps = [Counted(*row) for row in rows]
    whole = Counted("all", *(sum(getattr(each, name) for each in steps) for name in ("calls", "sent", "computed")))
    return pairs, [*steps, whole]


def show(name: str, run: Path) -> dict[str, Any]:
    pairs, rows = counted(run)
    print(f"\n{name}: {pairs} pairs\n\n| step | calls | sent | computed | share |\n|---|---|---|---|---|")
    for row in rows:
        print(f"| {row.step} | {row.calls} | {row.sent} | {row.computed} | {row.share:.2f} |")
    whole, per = rows[-1], max(pairs, 1)
    found = "met" if whole.share <= TARGET_SHARE else "missed"
    print(f"\na pair: {whole.calls / per:.1f} calls, {whole.sent / per:.0f} sent, "
          f"{whole.computed / per:.0f} computed; at most {TARGET_SHARE} of them: {found}")  # fmt: skip
    return {"name": name, "pairs": pairs, "steps": [{**asdict(row), "share": row.share} for row in rows]}


def selected(path: str, number: int, least_turns: int) -> list[Dialogue]:
    """Dialogues of so many turns, spread evenly over those of the file that are long enough."""
    from proutt.dialogue import read_dialogues

    fitting = [each for each in read_dialogues([path]) if len(each.turns) >= least_turns]
    if len(fitting) < number:
        raise SystemExit(f"only {len(fitting)} dialogues have {least_turns} turns")
    return [fitting[(2 * place + 1) * len(fitting) // (2 * number)] for place in range(number)]


def shared(one: str, other: str) -> int:
    """How many characters two texts begin with alike."""
    least, most = 0, min(len(one), len(other))
    while least < most:
        middle = (least + most + 1) // 2
        if one[least:middle] == other[least:middle]:
            least = middle
        else:
            most = middle - 1
    return least


class Characters:
    """Counts as a server does that forgets nothing: in characters."""

    def __init__(self) -> None:
        self._seen: list[str] = []

    async def count(self, messages: Sequence[Message]) -> tuple[int, int]:
        """Sent, and of it known from the beginning of an earlier prompt."""
        prompt = "\n".join(f"{each.role}\n{each.content}" for each in messages)
        known = max((shared(prompt, other) for other in self._seen), default=0)
        self._seen.append(prompt)
        return len(prompt), known

    async def close(self) -> None:
        """Nothing is open."""


class Engine:
    """Counts what the embedded engine says that it read, and took from its cache: in tokens."""

    def __init__(self, slots: int) -> None:
        from proutt.llm import ModelSpec
        from proutt.llm.models import open_model

        spec = ModelSpec(model="local:tiny", context_tokens=CONTEXT_TOKENS, slots=slots)
        self._engine = open_model(spec, environ={})

    async def count(self, messages: Sequence[Message]) -> tuple[int, int]:
        """Sent, and of it known."""
        from proutt.llm.chat import Request, Sampling

        usage = (await self._engine.reply(Request(tuple(messages), Sampling(max_tokens=1)))).usage
        return usage.prompt_tokens, usage.cached_tokens

    async def close(self) -> None:
        await self._engine.close()


async def answered(body: dict[str, Any], counter: Characters | Engine) -> dict[str, Any]:
    """A chat completion: a scripted text, the counter's counts."""
    from proutt.llm.chat import Message

    sys.path.insert(0, str(ROOT / "tests"))
    from servers.proutt_answers import proutt_answer

    sent, known = await counter.count([Message(each["role"], each["content"]) for each in body["messages"]])
    return {
        "choices": [{"message": {"role": "assistant", "content": proutt_answer(body)}, "finish_reason": "stop"}],
        "usage": {
            "prompt_tokens": sent,
            "completion_tokens": 1,
            "prompt_tokens_details": {"cached_tokens": known},
        },
    }


async def synthesized_whole(chats: Path, out: Path, counter: Characters | Engine, options: list[str]) -> None:
    """A run of the whole plan against an endpoint whose prompts are counted."""
    from aiohttp import web

    async def completions(request: web.Request) -> web.Response:
        return web.json_response(await answered(await request.json(), counter))

    app = web.Application(client_max_size=64 * 2**20)
    app.router.add_post("/v1/chat/completions", completions)
    runner = web.AppRunner(app, shutdown_timeout=1.0)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    address = ["--base-url", f"http://127.0.0.1:{port}/v1", "--model", "m"]
    try:
        process = await asyncio.create_subprocess_exec(*command(chats, out), *address, *options)
        if await process.wait() not in (0, 1):
            raise SystemExit(f"the run ended with {process.returncode}")
    finally:
        await runner.cleanup()
        await counter.close()


def command(chats: Path, out: Path) -> list[str]:
    order = [sys.executable, "-m", "proutt", "synthesize", str(chats), "--out", str(out), "--quiet"]
    return [*order, "--verify-tries", "1"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", type=Path, help="write the numbers here, too")
    kinds = parser.add_subparsers(dest="kind", required=True)
    for kind in ("layout", "whole", "embedded"):
        options = kinds.add_parser(kind)
        options.add_argument("file", help="dialogues, in any corpus format")
        options.add_argument("--dialogues", type=int, default=3)
        options.add_argument("--least-turns", type=int, default=6)
        options.add_argument("--turns", choices=("all", "last", "random"), default="all")
        options.add_argument("--model", default="local", help="of `embedded`")
        options.add_argument("--slots", type=int, default=2, help="of `whole`: prompts that the engine reads at once")
        options.add_argument("--out", type=Path, help="keep the run here")
    kinds.add_parser("runs").add_argument("runs", nargs="+", type=Path)
    given = parser.parse_args()
    if given.kind == "runs":
        found = [show(run.name, run) for run in given.runs]
    else:
        with tempfile.TemporaryDirectory() as folder:
            found = [synthesized(given, Path(folder))]
    if given.json:
        given.json.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


def synthesized(given: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """Run over the dialogues that were asked for, and show the counts."""
    from proutt.dialogue import write_messages

    chats, out, began = folder / "chats.jsonl", given.out or folder / "run", time.perf_counter()
    taken = selected(given.file, given.dialogues, given.least_turns)
    write_messages(taken, str(chats))
    print(f"{len(taken)} dialogues of {', '.join(str(len(each.turns)) for each in taken)} turns; --turns {given.turns}")
    options = ["--turns", given.turns]
    if given.kind == "layout":
        asyncio.run(synthesized_whole(chats, out, Characters(), options))
        name = "whole steps, characters, a cache that forgets nothing"
    elif given.kind == "whole":
        options += ["--concurrency", str(given.slots), "--context-tokens", str(CONTEXT_TOKENS), "--timeout-s", "3600"]
        asyncio.run(synthesized_whole(chats, out, Engine(given.slots), options))
        name = f"whole steps, tokens, prompts read by local:tiny, {given.slots} at once"
    else:
        order = [*command(chats, out), *options, "--model", given.model]
        if subprocess.run(order, check=False).returncode not in (0, 1):
            raise SystemExit("the run failed")
        name = f"small steps, tokens, {given.model}"
    found = {**show(name, out), "turns": [len(each.turns) for each in taken], "seconds": time.perf_counter() - began}
    print(f"{found['seconds']:.0f} s")
    return found


if __name__ == "__main__":
    main()

"""The same calls by other tools: what share of an endpoint they use and what a call costs them, in one run.

    python benchmarks/other_tools.py --python openai=VENV/bin/python curator=VENV2/bin/python ...

Each tool makes the same number of calls with the same prompt against a local endpoint that answers after 200 ms. Most
of them want other versions of the same libraries than proutt does, so each may have an interpreter of its own; one that
is neither named nor installed here is left out, and said to be. What each does for a call:

- `aiohttp`: a bare loop of POSTs, the floor. Nothing is read but JSON, nothing is kept.
- `proutt`: what a run does: a JSON Schema in the request, pool, answer validated, journal on disk. A crash loses
  nothing that was finished.
- `openai`: the OpenAI SDK: plain text, nothing validated or kept.
- `curator` (bespokelabs-curator): plain text; requests, answers and a data set on disk; can be resumed.
- `data-designer`: plain text through a template; a data set in Parquet and a profile of it on disk.
- `distilabel`: plain text; workers in processes of their own, batch after batch of as many as may be in flight.

`share` is the ideal time (calls x latency / in flight) over the time from the first request to the last answer, as the
server saw it. `CPU` is processor time per call of the process and those it started, over the whole of the tool's second
run in a process: its first run, of as many calls as may be in flight, pays for imports and first use. Rounds of all
tools alternate. `load` is the machine's load average: beyond the number of its cores, other work takes the time of all
tools, and more from those that need more of it; then compare CPU, and shares with care. Telemetry is off.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import importlib.metadata
import importlib.util
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
LATENCY_S = 0.2
MOST_S = 240
ANSWER_TOKENS = 90
PROMPT = "> Which train goes to Lyon?\n\n> Is there a direct train to Lyon in the morning?\n" * 12

#: What keeps the tools from asking the network for anything, and from sending anything there.
OFFLINE = {
    "TELEMETRY_ENABLED": "false",  # curator
    "CURATOR_DISABLE_RICH_DISPLAY": "1",
    "NEMO_TELEMETRY_ENABLED": "false",  # data-designer
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "LITELLM_LOCAL_MODEL_COST_MAP": "True",
    "OPENAI_API_KEY": "none",
    "NO_PROXY": "127.0.0.1",
}

#: Makes so many calls, so many of them in flight: (address, calls, in flight, an empty folder).
Client = Callable[[str, int, int, Path], None]


def _own(name: str) -> Client:
    """A client of `throughput.py`."""

    def client(url: str, calls: int, in_flight: int, _: Path) -> None:
        sys.path.insert(0, str(HERE))
        import throughput

        asyncio.run(getattr(throughput, name)(url, calls, in_flight))

    return client


def curator(url: str, calls: int, in_flight: int, folder: Path) -> None:
    if "TIKTOKEN_CACHE_DIR" not in os.environ:  # it wants a file of tiktoken's at start; litellm brings it along
        litellm = importlib.util.find_spec("litellm")
        if litellm is not None and litellm.origin is not None:
            tokenizers = Path(litellm.origin).parent / "litellm_core_utils" / "tokenizers"
            os.environ["TIKTOKEN_CACHE_DIR"] = os.environ["CUSTOM_TIKTOKEN_CACHE_DIR"] = str(tokenizers)
    from bespokelabs import curator as tool

    limits = {"max_requests_per_minute": 10**8, "max_tokens_per_minute": 10**12}
    llm = tool.LLM(
        model_name="m",
        backend="openai",
        generation_params={"max_tokens": ANSWER_TOKENS},
        backend_params={"base_url": url, "api_key": "none", "max_concurrent_requests": in_flight, **limits},
    )
    forget(url)  # it has asked for the endpoint's limits
    done = llm([PROMPT] * calls, working_dir=str(folder))
    _check(len(done.dataset), calls)


def data_designer(url: str, calls: int, in_flight: int, folder: Path) -> None:
    import data_designer.config as dd
    from data_designer.interface import DataDesigner

    parameters = dd.ChatCompletionInferenceParams(max_tokens=ANSWER_TOKENS, max_parallel_requests=in_flight)
    model = dd.ModelConfig(
        alias="m", model="m", provider="here", inference_parameters=parameters, skip_health_check=True
    )
    builder = dd.DataDesignerConfigBuilder(model_configs=[model])
    builder.add_column(dd.LLMTextColumnConfig(name="answer", prompt=PROMPT, model_alias="m"))
    provider = dd.ModelProvider(name="here", endpoint=url, api_key="none")
    done = DataDesigner(folder, model_providers=[provider]).create(builder, num_records=calls)
    _check(len(done.load_dataset()), calls)


def distilabel(url: str, calls: int, in_flight: int, folder: Path) -> None:
    from distilabel.models import OpenAILLM
    from distilabel.pipeline import Pipeline
    from distilabel.steps import LoadDataFromDicts
    from distilabel.steps.tasks import TextGeneration

    with Pipeline(name="calls", cache_dir=folder) as pipeline:
        rows = LoadDataFromDicts(data=[{"instruction": PROMPT}] * calls, batch_size=in_flight)
        llm = OpenAILLM(model="m", base_url=url, api_key="none", generation_kwargs={"max_new_tokens": ANSWER_TOKENS})
        rows >> TextGeneration(llm=llm, input_batch_size=in_flight)
    done = pipeline.run(use_cache=False)
    _check(len(done["default"]["train"]), calls)


@dataclass(frozen=True)
class Tool:
    """package: its name on the registry; module: what tells that it is there."""

    client: Client
    package: str
    module: str


TOOLS = {
    "aiohttp": Tool(_own("bare"), "aiohttp", "aiohttp"),
    "proutt": Tool(_own("proutt"), "proutt", "proutt"),
    "openai": Tool(_own("openai_sdk"), "openai", "openai"),
    "curator": Tool(curator, "bespokelabs-curator", "bespokelabs"),
    "data-designer": Tool(data_designer, "data-designer", "data_designer"),
    "distilabel": Tool(distilabel, "distilabel", "distilabel"),
}


def _check(got: int, calls: int) -> None:
    if got != calls:
        raise SystemExit(f"{got} answers instead of {calls}")


def forget(url: str) -> dict[str, float]:
    """What the endpoint has seen since it was last asked; it then counts anew."""
    with urllib.request.urlopen(f"{url.removesuffix('/v1')}/stats") as answer:
        seen: dict[str, float] = json.loads(answer.read())
    return seen


def cpu_s() -> float:
    """Processor seconds of this process and of those that it started and that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def client_main(name: str, url: str, calls: int, in_flight: int) -> None:
    """One tool in a process of its own; the last line that it prints is its result."""
    tool = TOOLS[name]
    with tempfile.TemporaryDirectory() as folder:
        for part, number in (("first", min(calls, in_flight)), ("second", calls)):
            place = Path(folder) / part
            place.mkdir()
            forget(url)
            began = cpu_s()
            with contextlib.redirect_stdout(sys.stderr):
                tool.client(url, number, in_flight, place)
        result = {"cpu_s": cpu_s() - began, **forget(url), "version": importlib.metadata.version(tool.package)}
    print(json.dumps(result), flush=True)
    os._exit(0)  # what some tools leave running is no matter any more


def measured(name: str, python: str, url: str, calls: int, in_flight: int) -> dict[str, Any] | str:
    """One round of one tool; why there is none, where it failed."""
    order = [python, __file__, "--client", name, "--url", url, "--calls", str(calls), "--in-flight", str(in_flight)]
    with tempfile.TemporaryDirectory() as home:  # caches and settings of the tools stay out of the user's home
        environ = {**os.environ, **OFFLINE, "HOME": home, "HF_HOME": f"{home}/hf", "CURATOR_CACHE_DIR": f"{home}/c"}
        try:
            done = subprocess.run(
                order, capture_output=True, text=True, check=False, timeout=MOST_S, env=environ, cwd=home
            )
        except subprocess.TimeoutExpired:
            return f"no end after {MOST_S} s"
    if done.returncode or not done.stdout.strip():
        return (done.stderr.strip().splitlines() or ["no word"])[-1]
    result: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return {**result, "load": os.getloadavg()[0]}


def row(rounds: list[dict[str, Any]], calls: int, in_flight: int) -> dict[str, Any]:
    """Medians over the rounds of one tool."""
    shares = [each["calls"] * LATENCY_S / in_flight / each["span_s"] for each in rounds]
    return {
        "in_flight": in_flight,
        "calls": calls,
        "share": statistics.median(shares),
        "least_share": min(shares),
        "most_share": max(shares),
        "cpu_ms": statistics.median(each["cpu_s"] for each in rounds) / calls * 1000,
        "most_in_flight": max(each["most_in_flight"] for each in rounds),
        "load": statistics.median(each["load"] for each in rounds),
        "version": rounds[0]["version"],
        "rounds": len(rounds),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", nargs="*", default=[], metavar="TOOL=PATH", help="interpreters of single tools")
    parser.add_argument("--only", nargs="+", choices=TOOLS, default=list(TOOLS))
    parser.add_argument("--in-flight", type=int, nargs="+", default=[64, 256])
    parser.add_argument("--calls", type=int, default=2048)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path, help="write the numbers here, too")
    parser.add_argument("--client", help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.client:
        client_main(given.client, given.url, given.calls, given.in_flight[0])
        return
    pythons = dict(each.split("=", 1) for each in given.python)
    there = [name for name in given.only if name in pythons or importlib.util.find_spec(TOOLS[name].module)]
    print(f"not installed, left out: {', '.join(set(given.only) - set(there)) or 'none'}")
    order = [sys.executable, str(HERE / "latency_server.py"), "--latency", f"fixed:{LATENCY_S}"]
    server = subprocess.Popen(order, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    url = f"http://127.0.0.1:{server.stdout.readline().strip()}/v1"
    table: dict[str, list[dict[str, Any]]] = {name: [] for name in there}
    print("| tool | version | in flight | share | least to most | of aiohttp's | CPU ms a call | load | rounds |")
    print("|" + "---|" * 9)
    try:
        for in_flight in given.in_flight:
            rounds: dict[str, list[dict[str, Any]]] = {name: [] for name in there}
            for _ in range(given.rounds):
                for name in there:
                    got = measured(name, pythons.get(name, sys.executable), url, given.calls, in_flight)
                    if isinstance(got, str):
                        print(f"{name} at {in_flight}: {got}", file=sys.stderr, flush=True)
                    else:
                        rounds[name].append(got)
            floor = row(rounds["aiohttp"], given.calls, in_flight)["share"] if rounds.get("aiohttp") else None
            for name in (each for each in there if rounds[each]):
                found = row(rounds[name], given.calls, in_flight)
                table[name].append(found)
                ratio = "" if floor is None else f"{found['share'] / floor:.2f}"
                spread = f"{found['least_share']:.2f} to {found['most_share']:.2f}"
                values = (name, found["version"], in_flight, f"{found['share']:.3f}", spread, ratio)
                rest = f"{found['cpu_ms']:.2f} | {found['load']:.0f} | {found['rounds']}"
                print("|", " | ".join(map(str, values)), "|", rest, "|", flush=True)
    finally:
        server.kill()
    print(f"\n{os.cpu_count()} cores, shared with the endpoint")
    if given.json:
        given.json.write_text(json.dumps(table, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

"""Two hosts work on one input, and one of them is cut off in the middle: nothing is lost, and the bytes are the same.

    sudo python benchmarks/hosts.py                    # network namespaces and veth; Linux, root, iproute2

Each host is a network namespace with a link of its own to the endpoint. Both run a shard of one input. When a third of
the calls are made, the second is cut off for so many seconds (--cut), then comes back: its cable is pulled, and what it
sends is lost, or (--how route) its route is gone, and every call fails at once. At the end the shards are joined and
compared with an undisturbed run of the whole.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from plan import HERE, dialogue

HOSTS = ("proutt-one", "proutt-two")
ENDPOINT = "10.77.0.1"
FILES = ("pairs.jsonl", "failures.jsonl", "run.yaml")


def ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True)


def add_host(number: int, name: str) -> None:
    """A namespace with a link to this one, by which it finds the endpoint."""
    here, there = f"10.77.{number}.1", f"10.77.{number}.2"
    ip("netns", "add", name)
    ip("link", "add", f"prh{number}", "type", "veth", "peer", "name", "uplink", "netns", name)
    ip("addr", "add", f"{here}/24", "dev", f"prh{number}")
    ip("link", "set", f"prh{number}", "up")
    ip("-n", name, "addr", "add", f"{there}/24", "dev", "uplink")
    ip("-n", name, "link", "set", "uplink", "up")
    ip("-n", name, "link", "set", "lo", "up")
    ip("-n", name, "route", "add", ENDPOINT, "via", here)


def cut_off(how: str, *, back: bool) -> None:
    """Take the second host off the network, or bring it back."""
    if how == "cable":  # the end here, so that the host keeps its address and its route
        ip("link", "set", "prh2", "up" if back else "down")
    else:
        ip("-n", HOSTS[1], "route", "add" if back else "del", ENDPOINT, "via", "10.77.2.1")


def order(chats: Path, out: Path, url: str, *more: str) -> list[str]:
    settings = ["--model", "m", "--base-url", url, "--language", "en", "--verify-tries", "1", "--concurrency", "16"]
    return [sys.executable, "-m", "proutt", "synthesize", str(chats), "--out", str(out), *settings, "--quiet", *more]


def calls_at(port: str) -> int:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/stats") as answer:
        return int(json.load(answer)["calls"])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dialogues", type=int, default=60)
    parser.add_argument("--latency", default="fixed:0.5")
    parser.add_argument("--cut", type=float, default=20.0, help="seconds that the second host is cut off")
    parser.add_argument("--how", choices=("cable", "route"), default="cable")
    given = parser.parse_args()
    serve = [sys.executable, str(HERE / "latency_server.py"), "--latency", given.latency, "--answers", "proutt"]
    server = subprocess.Popen([*serve, "--host", "0.0.0.0"], stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    port = server.stdout.readline().strip()
    environment = os.environ | {"PROUTT_DEBUG": ""}
    try:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            chats = folder / "chats.jsonl"
            chats.write_text("".join(json.dumps(dialogue(at, 5)) + "\n" for at in range(given.dialogues)), "utf-8")
            ip("addr", "add", f"{ENDPOINT}/32", "dev", "lo")
            url = f"http://{ENDPOINT}:{port}/v1"
            subprocess.run(order(chats, folder / "whole", url), check=True)
            whole = calls_at(port)
            hosts = []
            for number, host in enumerate(HOSTS, start=1):
                add_host(number, host)
                shard = order(chats, folder / host, url, "--shard", f"{number}/{len(HOSTS)}")
                hosts.append(subprocess.Popen(["ip", "netns", "exec", host, *shard], env=environment))
            made = 0
            while made < whole / 3:
                time.sleep(0.5)
                made += calls_at(port)
            cut_off(given.how, back=False)
            print(f"{made} of {whole} calls made; {HOSTS[1]} is cut off for {given.cut:g} s", flush=True)
            time.sleep(given.cut)
            cut_off(given.how, back=True)
            ended = [host.wait() for host in hosts]
            made += calls_at(port)
            joined = [sys.executable, "-m", "proutt", "merge", *(str(folder / host) for host in HOSTS)]
            subprocess.run([*joined, "--out", str(folder / "joined"), "--quiet"], check=True)
            same = {
                each: (folder / "joined" / each).read_bytes() == (folder / "whole" / each).read_bytes()
                for each in FILES
            }
            print(f"exit codes {ended}; {made} calls, {made - whole} more than undisturbed; the same bytes: {same}")
            return 0 if all(same.values()) and not any(ended) else 1
    finally:
        server.kill()
        for words in (*(("netns", "del", host) for host in HOSTS), ("addr", "del", f"{ENDPOINT}/32", "dev", "lo")):
            subprocess.run(["ip", *words], check=False, stderr=subprocess.DEVNULL)


if __name__ == "__main__":
    sys.exit(main())

"""A key gets into the request's header and nowhere else: no file, no output, whatever an endpoint echoes."""

from __future__ import annotations

from pathlib import Path

import pytest

from reliability.endpoint import Says
from reliability.promises import Scene

#: No key of anybody; long enough to be recognised in an answer.
CANARY = "sk-canary-5b1c0ffee5b1c0ffee"


def places_of(scene: Scene, said: str) -> list[str]:
    """Where the canary is found: files of the run, names of files, output."""
    found = [str(path) for path in scene.folder.rglob("*") if path.is_file() and CANARY.encode() in path.read_bytes()]
    return found + (["the output"] if CANARY in said else [])


@pytest.mark.parametrize("variable", ["PROUTT_API_KEY", "OPENAI_API_KEY", "MY_KEY"])
def test_a_key_of_the_environment_is_sent_and_kept_nowhere(scene, variable):
    """It goes into the Authorization header of every call; a good run leaves no trace of it."""
    seen = set()

    def plan(call):
        seen.add(f"bearer {CANARY}" in call.headers.lower())
        return scene.plan(call)

    scene.endpoint.plan = plan
    named = ("--api-key-env", variable) if variable == "MY_KEY" else ()
    done = scene.run(*named, **{variable: CANARY})
    assert done.code == scene.undisturbed.code
    assert seen == {True}
    assert not places_of(scene, done.said)


ECHOES = {
    "401": Says(f"Incorrect API key provided: {CANARY}", 401),
    "403": Says(f"{CANARY} may not", 403),
    "404": Says(f"no such model for {CANARY}", 404),
    "400": Says(f"bad request with Authorization: Bearer {CANARY}", 400),
    "redirect": Says("", 307, {"Location": f"http://127.0.0.1:9/?key={CANARY}"}),
    "header": Says("no", 401, {"X-Echo": CANARY, "Retry-After": CANARY}),
    "HTML with status 200": Says(body=f"<html>{CANARY}</html>".encode()),
    "error with status 200": Says(body=f'{{"error": {{"message": "{CANARY}", "code": 401}}}}'.encode()),
    "answer": Says(f"Your key is {CANARY}, is it not?"),
}


@pytest.mark.parametrize("echo", ECHOES)
@pytest.mark.parametrize("debug", [False, True])
def test_an_endpoint_that_echoes_the_key(scene, echo, debug):
    """In an error's body, a header, a redirect or an answer: it is in no file and no output, with --debug neither."""
    answers = {"HTML with status 200"}  # would be asked for again and again: once is enough
    scene.endpoint.plan = lambda call: ECHOES[echo] if call.number <= 2 or echo not in answers else scene.plan(call)
    variables = {"PROUTT_API_KEY": CANARY} | ({"PROUTT_DEBUG": "1"} if debug else {})
    done = scene.run(**variables)
    assert not places_of(scene, done.said)


@pytest.mark.parametrize(
    "url",
    [
        "http://user:{key}@127.0.0.1:9/v1",
        "http://127.0.0.1:9/v1#{key}",
        "http://127.0.0.1:9/v1?key={key}",
    ],
)
def test_a_key_in_the_address_is_refused_unseen(scene, url):
    """An address that holds a secret is refused before anything is written, and not repeated."""
    order = ("synthesize", scene.chats, "--out", scene.run_directory, "--model", "m")
    done = scene.forks.run(*order, "--base-url", url.format(key=CANARY))
    assert done.code == 2
    assert not places_of(scene, done.said)
    assert not Path(scene.run_directory).exists()

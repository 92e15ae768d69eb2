"""`proutt models` from the outside."""

import json

import pytest
from click.testing import CliRunner

from proutt.cli.models import command
from proutt.errors import UserError
from servers.scripted import Answer, ScriptedServer


@pytest.fixture(autouse=True)
def clean(monkeypatch, tmp_path):
    """No configuration of the machine, an empty cache."""
    for name in ("MODEL", "BASE_URL", "API_KEY_ENV", "API_KEY", "JUDGE_MODEL"):
        monkeypatch.delenv(f"PROUTT_{name}", raising=False)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.setenv("PROUTT_CACHE", str(tmp_path))


def run(*arguments: str) -> str:
    result = CliRunner().invoke(command, arguments, standalone_mode=False)
    if result.exception is not None:
        raise result.exception
    return result.stdout


def test_without_configuration_every_role_is_embedded():
    """And the weights that are missing are named with the command that brings them."""
    shown = json.loads(run("--json"))
    assert set(shown["roles"].values()) == {"local"}
    assert [weights["present"] for weights in shown["weights"]] == [False, False]
    assert "proutt models fetch local" in run()


def test_a_role_can_have_a_model_of_its_own(monkeypatch):
    """An embedded judge beside a server needs no address; the key's variable is named, the key is not shown."""
    monkeypatch.setenv("PROUTT_API_KEY", "canary-key")
    options = ("--model", "m", "--base-url", "localhost:8000", "--judge-model", "local:tiny")
    shown = json.loads(run(*options, "--json"))
    assert shown["roles"] == {"annotator": "m", "reasoner": "m", "editor": "m", "judge": "local:tiny"}
    assert [model["engine"] for model in shown["models"]] == ["endpoint", "embedded"]
    assert shown["models"][0]["key_from"] == "PROUTT_API_KEY"
    assert "canary" not in run(*options)


def test_a_contradiction_is_told_without_a_subcommand_too():
    """An address without a model's name cannot work."""
    with pytest.raises(UserError, match="--model"):
        run("--base-url", "localhost:8000")


def test_check_tells_what_was_found(endpoint: ScriptedServer):
    """One trial for each different model, with the roles that use it."""
    endpoint.answer = lambda _: Answer('{"colours": ["red"]}')
    (found,) = json.loads(run("check", "--model", "test-model", "--base-url", endpoint.url, "--json"))
    assert found["roles"] == ["annotator", "reasoner", "editor", "judge"]
    assert (found["structured_output"], found["prefix_caching"]) == ("json_schema", "not seen")
    assert "structured output" in run("check", "--model", "test-model", "--base-url", endpoint.url)


def test_check_of_a_server_that_is_not_there_is_the_users_to_mend():
    """Exit code 2 (UserError) with a remedy."""
    with ScriptedServer() as gone:
        url = gone.url
    with pytest.raises(UserError, match="Is the server running"):
        run("check", "--model", "m", "--base-url", url)


def test_fetch_of_an_unknown_name_lists_the_forms():
    """Nothing is fetched for a name that means nothing."""
    with pytest.raises(UserError, match="local:tiny"):
        run("fetch", "local:huge")


def test_the_configuration_file_names_models_per_role(tmp_path):
    """`--config` is read as `proutt synthesize` reads it, and a flag goes first."""
    file = tmp_path / "proutt.yaml"
    file.write_text("model: m\nbase_url: http://localhost:8000/v1\nroles:\n  judge: {model: j}\n", encoding="utf-8")
    shown = json.loads(run("--config", str(file), "--model", "other", "--json"))
    assert (shown["roles"]["reasoner"], shown["roles"]["judge"]) == ("other", "j")

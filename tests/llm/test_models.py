"""From configuration to a model."""

import pytest
from pydantic import ValidationError

from proutt.errors import UserError
from proutt.llm import Message, ModelSpec, Request, Sampling, open_model
from proutt.llm.address import NotServed, base_url_of
from proutt.llm.models import SERVED_KEY, SERVED_URLS


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("http://localhost:8000/v1", "http://localhost:8000/v1"),
        ("http://localhost:8000/v1/", "http://localhost:8000/v1"),
        ("localhost:11434", "http://localhost:11434/v1"),
        ("127.0.0.1:8080/v1", "http://127.0.0.1:8080/v1"),
        ("[::1]:8080", "http://[::1]:8080/v1"),
        ("api.example.org/v1", "https://api.example.org/v1"),
        (" https://HOST.example/api/v1/chat/completions ", "https://host.example/api/v1"),
    ],
)
def test_base_urls_are_taken_as_people_write_them(text, url):
    """Scheme, slash and version are filled in."""
    assert base_url_of(text) == url


@pytest.mark.parametrize(
    "text", ["", "ftp://host/v1", "http://", "http://host:port/v1", "https://host/v1?key=1", "http://["]
)
def test_what_is_no_base_url_is_refused_with_an_example(text):
    """The remedy shows one."""
    with pytest.raises(UserError, match="http://localhost:8000/v1"):
        base_url_of(text)


def test_a_password_in_the_url_is_refused_and_not_shown():
    """It would end up in records and journals."""
    with pytest.raises(UserError, match="PROUTT_API_KEY") as caught:
        base_url_of("https://me:canary@host/v1")
    assert "canary" not in str(caught.value)


async def test_an_endpoint_takes_the_first_key_that_is_set(endpoint):
    """PROUTT_API_KEY, then OPENAI_API_KEY; line ends of a file that it was read from are no part of it."""
    model = open_model(ModelSpec(model="m", base_url=endpoint.url), environ={"OPENAI_API_KEY": "other-key\n"})
    await model.reply(Request((Message("user", "?"),), Sampling(max_tokens=5)))
    await model.close()
    assert endpoint.requests[0].headers["Authorization"] == "Bearer other-key"
    assert model.identity == f"m @ {endpoint.url}"


@pytest.mark.parametrize(
    ("spec", "environ", "remedy"),
    [
        (ModelSpec(base_url="http://localhost:8000"), {}, "--model"),
        (ModelSpec(model="qwen3-8b"), {}, "--base-url"),
        (ModelSpec(model="m", base_url="localhost:1", api_key_env="MY_KEY"), {}, "MY_KEY is not set"),
        (ModelSpec(model="m", base_url="localhost:1"), {"PROUTT_API_KEY": "a\nb"}, "PROUTT_API_KEY"),
        (ModelSpec(model="local:large"), {}, "local:PATH.gguf"),
        (ModelSpec(model="local:none/such.gguf"), {}, "no such file"),
    ],
)
def test_a_configuration_that_cannot_work_says_what_to_do(spec, environ, remedy):
    """Before anything is sent anywhere."""
    with pytest.raises(UserError, match=remedy):
        open_model(spec, environ=environ)


def test_a_spec_takes_no_unknown_field():
    """A typing error in a configuration is not a default."""
    with pytest.raises(ValidationError):
        ModelSpec(modle="local")


def test_servers_that_an_engine_begins_are_known_by_no_address():
    """Where they listen is told by variables and differs each time; what they answer is the same model's."""
    spec = ModelSpec(model="m", base_url="served:vllm")
    for port in (1234, 4321):
        environ = {SERVED_URLS: f"http://10.0.0.1:{port}/v1,http://10.0.0.2:{port}/v1", SERVED_KEY: "k" * 20}
        pool = open_model(spec, environ=environ)
        assert pool.identity == "m @ served:vllm"
        assert [member.model.base_url for member in pool.members] == environ[SERVED_URLS].split(",")


def test_a_server_of_ones_own_takes_over_from_those_of_an_engine():
    """Named behind them, it answers under their name; alone, theirs is nobody's."""
    pool = open_model(ModelSpec(model="m", base_url="served:vllm,localhost:8000"), environ={})
    assert [pool.identity, pool.members[0].model.base_url] == ["m @ served:vllm", "http://localhost:8000/v1"]
    with pytest.raises(UserError, match="nobody has begun"):
        open_model(ModelSpec(model="m", base_url="served:vllm"), environ={})


async def test_who_may_have_nothing_to_ask_opens_servers_that_nobody_has_begun():
    """They are known as they will be, and the first question is told."""
    spec = ModelSpec(model="m", base_url="served:vllm")
    begun = open_model(spec, environ={SERVED_URLS: "http://10.0.0.1:1/v1"})
    pool = open_model(spec, environ={}, unserved=True)
    assert (pool.identity, pool.context_tokens) == (begun.identity, begun.context_tokens)
    with pytest.raises(NotServed, match="nobody has begun"):
        await pool.reply(Request((Message("user", "?"),), Sampling(max_tokens=1)))
    await pool.close()

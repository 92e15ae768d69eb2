"""The wire: what an endpoint is sent, what is made of its answers, and what of its faults."""

import asyncio
import json
import threading

import pytest

from proutt.errors import ModelError
from proutt.llm import Message, Request, Sampling
from proutt.llm.endpoint import MAX_ANSWER_BYTES, Endpoint
from servers.scripted import Answer, ScriptedServer, refusal

KEY = "canary-key-0123456789abcdef"
SCHEMA = {"type": "object", "properties": {"a": {"type": "string", "maxLength": 5}}, "required": ["a"]}
MESSAGES = (Message("system", "Be brief."), Message("user", "What next? 然后呢？"))


def question(schema=None, **sampling):
    return Request(MESSAGES, Sampling(max_tokens=20, **sampling), schema, step="paths", role="reasoner")


async def reply_from(server: ScriptedServer, request=None, **options):
    endpoint = Endpoint(server.url, "test-model", **options)
    try:
        return await endpoint.reply(request or question())
    finally:
        await endpoint.close()


async def error_from(server: ScriptedServer, request=None, **options) -> ModelError:
    with pytest.raises(ModelError) as caught:
        await reply_from(server, request, **options)
    return caught.value


async def test_sends_messages_and_sampling(endpoint):
    """A request goes out as a chat completion with the key in its header."""
    await reply_from(endpoint, question(seed=5, min_p=0.1, temperature=0.2), api_key=KEY)
    (received,) = endpoint.requests
    assert received.path == "/v1/chat/completions"
    assert received.headers["Authorization"] == f"Bearer {KEY}"
    assert received.body == {
        "model": "test-model",
        "messages": [{"role": each.role, "content": each.content} for each in MESSAGES],
        "max_tokens": 20,
        "temperature": 0.2,
        "top_p": 1.0,
        "seed": 5,
    }


async def test_sends_no_authorization_without_a_key(endpoint):
    """A server that wants no key is sent none."""
    await reply_from(endpoint)
    assert "Authorization" not in endpoint.requests[0].headers


async def test_extensions_add_llama_sampling(endpoint):
    """Only the embedded engine is sent min_p and repeat_penalty."""
    await reply_from(endpoint, question(min_p=0.1, repeat_penalty=1.1), extensions=True)
    assert (endpoint.bodies[0]["min_p"], endpoint.bodies[0]["repeat_penalty"]) == (0.1, 1.1)


async def test_reads_text_finish_and_usage(endpoint):
    """Text, reason of the end and all three token counts are read."""
    usage = {"prompt_tokens": 40, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 32}}
    endpoint.script(Answer("你好", finish="length", usage=usage))
    reply = await reply_from(endpoint)
    assert (reply.text, reply.finish) == ("你好", "length")
    assert (reply.usage.prompt_tokens, reply.usage.completion_tokens, reply.usage.cached_tokens) == (40, 2, 32)
    assert reply.seconds > 0


async def test_schema_is_enforced_by_the_server_where_it_can(endpoint):
    """The first wording of a schema is a strict json_schema, limits included."""
    await reply_from(endpoint, question(SCHEMA))
    assert endpoint.bodies[0]["response_format"]["json_schema"] == {"name": "answer", "schema": SCHEMA, "strict": True}


async def test_structured_output_falls_to_what_the_server_takes_and_is_remembered(endpoint):
    """json_schema, then JSON mode, then words: found out once, the schema told in the last user message."""

    def picky(body):
        form = body.get("response_format")
        return refusal(f"response_format {form['type']} is not supported") if form else "{}"

    endpoint.answer = picky
    model = Endpoint(endpoint.url, "test-model")
    await model.reply(question(SCHEMA))
    assert [body.get("response_format", {}).get("type") for body in endpoint.bodies] == [
        "json_schema",
        "json_object",
        None,
    ]
    await model.reply(question(SCHEMA))
    assert len(endpoint.requests) == 4
    assert model.structured_output == "text"
    last = endpoint.bodies[-1]["messages"][-1]["content"]
    assert last.startswith(MESSAGES[-1].content)
    assert json.dumps(SCHEMA) in last
    assert endpoint.bodies[-1]["messages"][0]["content"] == "Be brief."
    await model.close()


async def test_a_schema_refused_for_its_limits_is_sent_without_them(endpoint):
    """A strict server that takes no lengths still enforces the rest."""
    endpoint.script(refusal("Invalid schema for response_format 'answer': 'maxLength' is not permitted."), "{}")
    await reply_from(endpoint, question(SCHEMA))
    assert endpoint.bodies[1]["response_format"]["type"] == "json_schema"
    assert "maxLength" not in json.dumps(endpoint.bodies[1])


@pytest.mark.parametrize("name", ["seed", "top_p", "temperature"])
async def test_a_refused_sampling_parameter_is_left_out_from_then_on(endpoint, name):
    """A server that names a parameter it doesn't know is not sent it again."""
    endpoint.answer = lambda body: refusal(f"Unrecognized request argument: {name}") if name in body else "ok"
    model = Endpoint(endpoint.url, "test-model")
    for _ in range(2):
        await model.reply(question(seed=1))
    assert [name in body for body in endpoint.bodies] == [True, False, False]
    await model.close()


async def test_max_completion_tokens_where_the_server_asks_for_it(endpoint):
    """Some models take the answer's length under its newer name only."""
    endpoint.script(
        refusal("Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.", status=400), "ok"
    )
    await reply_from(endpoint)
    assert endpoint.bodies[1]["max_completion_tokens"] == 20
    assert "max_tokens" not in endpoint.bodies[1]


async def test_a_plain_bad_request_is_not_asked_again(endpoint):
    """A 400 that names nothing we could leave out is the end of this call, not of the run."""
    endpoint.script(refusal("messages must alternate"))
    error = await error_from(endpoint)
    assert (error.kind, error.retryable, error.fatal) == ("http-400", False, False)
    assert len(endpoint.requests) == 1


async def test_concurrent_first_calls_find_out_once(endpoint):
    """Twenty first calls at once cost one refusal, not twenty."""
    endpoint.answer = lambda body: refusal("unknown field seed") if "seed" in body else "ok"
    model = Endpoint(endpoint.url, "test-model")
    await asyncio.gather(*(model.reply(question(seed=n)) for n in range(20)))
    assert len(endpoint.requests) == 21
    await model.close()


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
async def test_passing_failures_may_be_retried(endpoint, status):
    """What may pass says so, with the status in its kind; HTML bodies are read as text."""
    endpoint.script(Answer(status=status, raw=b"<html><h1>Busy</h1></html>"))
    error = await error_from(endpoint)
    assert (error.status, error.retryable, error.fatal) == (status, True, False)
    assert "Busy" in str(error)
    assert "<" not in str(error)


async def test_retry_after_is_passed_on(endpoint):
    """The wait that a busy server asks for reaches whoever retries."""
    endpoint.script(refusal("slow down", 429, Retry_After="12"))
    assert (await error_from(endpoint)).retry_after_s == 12


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer(drop=True), "reset"),
        (Answer("x" * 1000, cut=True), "truncated"),
        (Answer(raw=b'{"choices": [{"mess'), "bad-body"),
        (Answer(raw=b"[" * 100_000), "bad-body"),
        (Answer(raw=b"{}"), "bad-body"),
        (Answer(raw=b'{"choices": []}'), "bad-body"),
        (Answer(raw=b"null"), "bad-body"),
        (Answer(raw=b'{"error": {"message": "upstream", "code": 502}}'), "http-502"),
    ],
)
async def test_broken_answers_may_be_retried(endpoint, answer, kind):
    """A connection cut, a body broken off or one that is no completion is a failure of its own kind."""
    endpoint.script(answer)
    error = await error_from(endpoint)
    assert (error.kind, error.retryable) == (kind, True)


async def test_a_deadline_ends_a_call_that_hangs(endpoint):
    """A server that never answers costs timeout_s and no more."""
    never = threading.Event()
    endpoint.script(Answer(wait_for=never))
    error = await error_from(endpoint, timeout_s=0.1)
    never.set()
    assert (error.kind, error.retryable) == ("timeout", True)


async def test_an_endless_answer_is_cut(endpoint):
    """No answer may fill the memory."""
    endpoint.script(Answer("x" * (MAX_ANSWER_BYTES + 1)))
    error = await error_from(endpoint)
    assert (error.kind, error.retryable) == ("too-large", False)


async def test_a_missing_content_is_an_empty_text(endpoint):
    """Null content is nothing said; a server's reasoning_content is not an answer."""
    message = {"role": "assistant", "content": None, "reasoning_content": "Let me think."}
    endpoint.script(Answer(raw=json.dumps({"choices": [{"message": message}]}).encode()))
    assert (await reply_from(endpoint)).text == ""


async def test_uncounted_tokens_are_estimated(endpoint):
    """Where the server counts nothing, the counts are estimates, not zeros."""
    endpoint.script(Answer("four words of text", usage=None))
    usage = (await reply_from(endpoint)).usage
    assert usage.prompt_tokens > 0
    assert usage.completion_tokens == 5


async def test_a_bad_key_is_fatal_and_names_the_variable(endpoint):
    """401 can't get better by itself: it stops the run and says what to set."""
    endpoint.script(refusal("invalid key", 401))
    error = await error_from(endpoint, api_key=KEY, api_key_env="MY_KEY")
    assert error.fatal
    assert "MY_KEY" in str(error)
    assert len(endpoint.requests) == 1


async def test_an_unknown_model_is_fatal_and_names_those_there_are(endpoint):
    """404 says which models the server offers."""
    endpoint.models = [{"id": "small-one"}, {"id": "large-one"}]
    endpoint.script(refusal("no such model", 404))
    error = await error_from(endpoint)
    assert error.fatal
    assert "small-one, large-one" in str(error)


async def test_spent_quota_is_fatal_though_it_comes_as_429(endpoint):
    """No waiting helps an account without credit."""
    endpoint.script(refusal("You exceeded your current quota", 429))
    assert (await error_from(endpoint)).fatal


async def test_forbidden_after_good_answers_is_about_this_text(endpoint):
    """One text that a filter turns away does not end a run that works."""
    endpoint.script("ok", refusal("flagged", 403))
    model = Endpoint(endpoint.url, "test-model")
    await model.reply(question())
    with pytest.raises(ModelError) as caught:
        await model.reply(question())
    assert (caught.value.kind, caught.value.fatal, caught.value.retryable) == ("forbidden", False, False)
    await model.close()


async def test_nobody_listening_is_fatal_at_the_start():
    """A wrong address stops at once with a remedy; once the server has answered, its absence may pass."""
    with ScriptedServer() as server:
        model = Endpoint(server.url, "test-model")
        unknown = Endpoint(server.url, "test-model")
        await model.reply(question())
    for endpoint, fatal in ((unknown, True), (model, False)):
        with pytest.raises(ModelError) as caught:
            await endpoint.reply(question())
        await endpoint.close()
        assert caught.value.fatal is fatal
    assert caught.value.retryable


@pytest.mark.parametrize(
    "text",
    [
        "This model's maximum context length is 4096 tokens.",
        "request (3031 tokens) exceeds the available context size (1024 tokens), try increasing it",
    ],
)
async def test_a_prompt_too_long_has_a_kind_of_its_own(endpoint, text):
    """A prompt that does not fit will not fit next time either, and other prompts may."""
    endpoint.script(refusal(text))
    error = await error_from(endpoint, question(SCHEMA, seed=1))
    assert (error.kind, error.retryable, error.fatal) == ("context-too-long", False, False)
    assert len(endpoint.requests) == 1


async def test_redirects_are_not_followed(endpoint):
    """The key goes to the host that was named, and to no other."""
    with ScriptedServer() as elsewhere:
        endpoint.script(Answer(status=307, headers={"Location": f"{elsewhere.url}/chat/completions"}, raw=b""))
        error = await error_from(endpoint, api_key=KEY)
        assert elsewhere.requests == []
    assert error.fatal
    assert elsewhere.url in str(error)


@pytest.mark.parametrize("status", [200, 307, 400, 401, 403, 404, 418, 429, 500])
async def test_the_key_is_in_no_error(endpoint, status):
    """A server that echoes the key in body and headers does not get it into a message, a repr or a cause."""
    endpoint.models = [{"id": KEY}]
    headers = {"Retry-After": KEY, "Location": f"http://x/{KEY}"}
    endpoint.script(Answer(status=status, headers=headers, raw=json.dumps({"error": f"key {KEY} is odd"}).encode()))
    error = await error_from(endpoint, api_key=KEY)
    assert KEY not in f"{error} {error!r} {error.__cause__!r}"


async def test_the_key_is_in_no_answer_and_no_repr(endpoint):
    """A model that repeats the key does not get it into a journal."""
    endpoint.script(f"Your key is {KEY}.")
    assert (await reply_from(endpoint, api_key=KEY)).text == "Your key is [key]."
    assert KEY not in repr(Endpoint(endpoint.url, "test-model", api_key=KEY))


async def test_odd_characters_arrive(endpoint):
    """Control characters arrive as they are; half a surrogate pair, which no encoding has, as a question mark."""
    request = Request((Message("user", 'a\ud800b "\n\x00 😀 \u202e'),), Sampling(max_tokens=5))
    await reply_from(endpoint, request)
    assert endpoint.bodies[0]["messages"][0]["content"] == 'a?b "\n\x00 😀 \u202e'


async def test_room_for_thinking_goes_on_top_of_an_answers_and_out_of_the_context(endpoint):
    """So that a reasoning model has both, and no prompt grows into its room."""
    model = Endpoint(endpoint.url, "m", context_tokens=8000, thinking_tokens=2000)
    await model.reply(question())
    await model.close()
    assert (endpoint.bodies[0]["max_tokens"], model.context_tokens) == (2020, 6000)

"""An answer as it comes: its pieces, its tokens' probabilities, its faults, and leaving it early."""

import asyncio
import json
import math
from contextlib import aclosing
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from proutt.errors import ModelError
from proutt.llm import Message, Piece, Request, Sampling, ScriptedModel, Streaming, Token, streamed
from proutt.llm.embedded import Embedded
from proutt.llm.endpoint import Endpoint
from proutt.llm.stream import EventData, Redaction, piece_of
from servers.scripted import Answer, ScriptedServer, refusal

KEY = "canary-key-0123456789abcdef"
QUESTION = Request((Message("user", "What next? 然后呢？"),), Sampling(max_tokens=20, seed=5))


async def pieces_from(server: ScriptedServer, *, logprobs: bool = False, **options) -> list[Piece]:
    endpoint = Endpoint(server.url, "test-model", **options)
    try:
        return [piece async for piece in endpoint.stream(QUESTION, logprobs=logprobs)]
    finally:
        await endpoint.close()


async def error_from(server: ScriptedServer, **options) -> ModelError:
    with pytest.raises(ModelError) as caught:
        await pieces_from(server, **options)
    return caught.value


def text_of(pieces: list[Piece]) -> str:
    return "".join(piece.text for piece in pieces)


async def test_an_answer_comes_in_pieces(endpoint):
    """As they arrive; the last tells how it ended and what it took."""
    endpoint.script(Answer(pieces=["Which ", "hotel", "？"], finish="length"))
    pieces = await pieces_from(endpoint)
    assert text_of(pieces) == "Which hotel？"
    assert pieces[-1].text == ""
    assert pieces[-1].finish == "length"
    assert (pieces[-1].usage.prompt_tokens, pieces[-1].usage.completion_tokens) == (7, 3)
    assert endpoint.bodies[0]["stream"] is True
    assert endpoint.bodies[0]["seed"] == 5
    assert "logprobs" not in endpoint.bodies[0]


async def test_tokens_come_with_their_probabilities(endpoint):
    """Bytes and logarithm, as the server tells them; only where they were asked for."""
    endpoint.script(Answer(pieces=["你", "好"], logprob=math.log(0.25)))
    pieces = await pieces_from(endpoint, logprobs=True)
    assert endpoint.bodies[0]["logprobs"] is True
    tokens = [token for piece in pieces for token in piece.tokens]
    assert tokens == [Token(char.encode(), math.log(0.25)) for char in "你好"]


async def test_a_server_that_refuses_logprobs_is_asked_without(endpoint):
    """What it does not know is left out, found once and remembered."""

    def picky(body):
        for name in ("stream_options", "logprobs"):
            if name in body:
                return refusal(f"{name} is not supported by this model")
        return "ok"

    endpoint.answer = picky
    model = Endpoint(endpoint.url, "test-model")
    for _ in range(2):
        assert text_of([piece async for piece in model.stream(QUESTION, logprobs=True)]) == "ok"
    assert len(endpoint.requests) == 4
    await model.close()


async def test_a_server_that_does_not_stream_gives_one_piece(endpoint):
    """A whole chat completion is an answer as well."""
    endpoint.script(Answer(raw=Answer("whole").body()))
    (piece,) = await pieces_from(endpoint)
    assert (piece.text, piece.finish, piece.usage.completion_tokens) == ("whole", "stop", 3)


async def test_a_model_that_cannot_stream_gives_its_reply_as_one_piece():
    """Whoever wants pieces need not know who streams."""
    model = ScriptedModel({"chat": ["Hello."]})
    assert not isinstance(model, Streaming)
    request = Request(QUESTION.messages, QUESTION.sampling, step="chat")
    assert [piece.text async for piece in streamed(model, request)] == ["Hello."]


def test_endpoint_and_engine_stream(tmp_path):
    """Both real transports do."""
    assert isinstance(Endpoint("http://127.0.0.1:9/v1", "m"), Streaming)
    assert isinstance(Embedded(tmp_path / "none.gguf", identity="none"), Streaming)


async def test_leaving_early_closes_the_connection(endpoint):
    """A server need not compute what nobody reads any more."""
    endpoint.script(Answer(pieces=["Which "], hold=True))
    model = Endpoint(endpoint.url, "test-model")
    async with aclosing(model.stream(QUESTION)) as pieces:
        assert (await anext(pieces)).text == "Which "
    assert await asyncio.to_thread(endpoint.left.wait, 30)
    await model.close()


async def test_a_cancelled_reader_closes_the_connection(endpoint):
    """The same where the task that reads is cancelled while it waits."""
    endpoint.script(Answer(pieces=[], hold=True))
    model = Endpoint(endpoint.url, "test-model")

    async def read():
        return [piece async for piece in model.stream(QUESTION)]

    with pytest.raises(TimeoutError):
        await asyncio.wait_for(read(), 0.5)
    assert await asyncio.to_thread(endpoint.left.wait, 30)
    await model.close()


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (Answer(pieces=["a", "b", "c", "d"], cut=True), "truncated"),
        (refusal("no", 500), "http-500"),
        (refusal("no", 401), "no-access"),
        (Answer(drop=True), "reset"),
        (Answer(raw=b'{"error": {"message": "out of memory", "code": 500}}'), "http-500"),
        (Answer(raw=b"data: {not json}\n\n", headers={"Content-Type": "text/event-stream"}), "bad-body"),
        (Answer(raw=b'data: {"error": {"code": 503}}\n\n', headers={"Content-Type": "text/event-stream"}), "http-503"),
        (Answer(raw=b"data: [DONE]\n\n", headers={"Content-Type": "text/event-stream"}), "truncated"),
        (Answer(raw=b"x" * 2**21, headers={"Content-Type": "text/event-stream"}), "too-large"),
    ],
    ids=["cut", "500", "401", "dropped", "error", "not-json", "error-event", "no-answer", "endless-line"],
)
async def test_faults_are_model_errors(endpoint, answer, kind):
    """Whatever a server does, the outcome is pieces or a ModelError with its kind."""
    endpoint.script(answer)
    assert (await error_from(endpoint)).kind == kind


async def test_nobody_there_and_a_server_that_is_late(endpoint):
    """Connection refused and a time limit have the kinds that whole answers give them."""
    endpoint.script(Answer(pieces=["a"], hold=True))
    assert (await error_from(endpoint, timeout_s=0.3)).kind == "timeout"
    closed = Endpoint("http://127.0.0.1:9/v1", "m")
    with pytest.raises(ModelError) as caught:
        await anext(closed.stream(QUESTION))
    assert caught.value.kind == "connect"
    await closed.close()


async def test_a_key_that_a_server_echoes_is_taken_out(endpoint):
    """Wherever the pieces cut it."""
    endpoint.script(Answer(pieces=["Your key is canary-", "key-0123456", "789abcdef", ", canary-"]))
    assert text_of(await pieces_from(endpoint, api_key=KEY)) == "Your key is [key], canary-"


@given(st.text("abc", max_size=40), st.lists(st.integers(0, 40), max_size=6))
def test_redaction_does_not_depend_on_where_a_text_is_cut(text, places):
    """Piece by piece the same comes out as from the whole, and the secret never does."""
    cuts = [0, *sorted(min(place, len(text)) for place in places), len(text)]
    redaction = Redaction("abcab")
    shown = "".join(redaction.feed(text[a:b]) for a, b in pairwise(cuts)) + redaction.rest()
    assert shown == text.replace("abcab", "[key]")


@given(st.lists(st.integers(0, 200), max_size=8))
def test_events_do_not_depend_on_where_bytes_are_cut(places):
    """Even within a character or a line's end."""
    whole = "".join(
        f"data: {json.dumps({'n': n, 'text': '你好'}, ensure_ascii=False)}\r\n\r\n" for n in range(3)
    ).encode()
    cuts = [0, *sorted(min(place, len(whole)) for place in places), len(whole)]
    data = EventData()
    found = [each for a, b in pairwise(cuts) for each in data.feed(whole[a:b])]
    assert [json.loads(each)["n"] for each in found] == [0, 1, 2]


_JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text("a你", max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["choices", "delta", "content", "logprobs", "token", "bytes", "logprob", "finish_reason"]),
            inner,
        )
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["choices", "usage", "error"]), _JSON))
def test_a_strange_event_is_an_empty_piece_or_a_sound_one(parsed):
    """Whatever a server puts where, nothing else than a piece comes out, and probabilities stay at most 1."""
    piece = piece_of(parsed)
    assert isinstance(piece.text, str)
    assert all(token.logprob <= 0 for token in piece.tokens)

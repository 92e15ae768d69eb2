"""One session of a run: its models are opened once and closed, its calls journaled, its end told, whatever the work."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext
from typing import Any

import pytest
from pydantic import BaseModel

from proutt.errors import ModelError, UserError
from proutt.llm import ModelSpec
from proutt.llm.chat import Message, Sampling
from proutt.prompts import Role
from proutt.runs.directory import RunDirectory
from proutt.runs.session import Ended, Session, Terms, Work, check_models, run_session
from runs.command import PATIENCE_S
from servers.scripted import Answer, ScriptedServer, refusal


class Watching:
    """An `Observer` that keeps what it is told."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)

    def fetching(self) -> AbstractContextManager[Callable[[Any], None]]:
        return nullcontext(lambda _: None)

    @asynccontextmanager
    async def working(self, now: Callable[[float], Mapping[str, Any]]) -> AsyncIterator[None]:
        yield


class Word(BaseModel):
    word: str


class Question:
    """A step of one word, of no method that there is."""

    tries, name, plain = 1, "question", False

    def __init__(self, text: str, role: Role = Role.REASONER) -> None:
        self.text, self.role = text, role

    def messages(self):
        return (Message("user", self.text),)

    def answer_model(self):
        return Word

    def problems(self, answer):
        return []

    def sampling(self, seed):
        return Sampling(max_tokens=10, seed=seed)

    def correction(self, problem):
        return problem


def asking(*questions: Question, answers: list[str]) -> Work:
    """Work that asks these questions one after the other."""

    async def work(session: Session) -> bool:
        for place, question in enumerate(questions):
            answers.append((await session.calls.for_item((place, 1))(question, f"{place}")).word)
        return True

    return work


@pytest.fixture
def directory(tmp_path) -> Iterator[RunDirectory]:
    directory = RunDirectory(tmp_path / "run")
    yield directory
    directory.close()


@pytest.fixture
def words(endpoint: ScriptedServer) -> ScriptedServer:
    """A server whose answers are all one word."""
    endpoint.answer = lambda body: '{"word": "yes"}'
    return endpoint


def terms(server: ScriptedServer, **more: Any) -> Terms:
    spec = ModelSpec(model="m", base_url=server.url)
    return Terms(**({"specs": dict.fromkeys(Role, spec), "concurrency": 4, "seed": 0} | more))


def session(directory: RunDirectory, settings: Terms, work: Work) -> Ended:
    return run_session(directory, settings, work, Watching())


def test_any_work_gets_journaled_calls(words, directory):
    """Questions of a method that the room knows nothing of are asked once, over all sessions."""
    answers: list[str] = []
    work = asking(Question("one"), Question("two"), answers=answers)
    ended = session(directory, terms(words), work)
    assert (ended.complete, ended.failure, ended.why) == (True, None, [])
    assert session(directory, terms(words), work).complete
    assert (answers, len(words.requests)) == (["yes"] * 4, 2)
    assert ended.identities == dict.fromkeys([role.value for role in Role], f"m @ {words.url}")


def test_roles_of_one_model_share_it(words, directory):
    """It is opened once, so that its limit is one; another role's is another."""
    seen: list[int] = []

    async def work(session: Session) -> bool:
        seen.append(len({id(model) for model in session.calls.models.values()}))
        return True

    plain = terms(words)
    assert session(directory, plain, work).complete
    other = {**plain.specs, Role.JUDGE: ModelSpec(model="strict", base_url=words.url)}
    assert session(directory, terms(words, specs=other), work).complete
    assert seen == [1, 2]


def test_what_no_call_can_mend_is_told_and_not_raised(words, directory):
    """The caller writes down first what was finished."""
    words.answer = lambda body: '{"word": "yes"}' if "one" in str(body) else refusal("bad key", status=401)
    ended = session(directory, terms(words), asking(Question("one"), Question("two"), answers=[]))
    assert not ended.complete
    assert isinstance(ended.failure, ModelError)
    assert directory.journal.rows("SELECT COUNT(*) FROM calls") == [(1,)]


def test_seconds_add_up_over_sessions(words, directory):
    """But a session that had nothing to do changes no byte of the journal."""
    work = asking(Question("one"), answers=[])
    session(directory, terms(words), work)
    first = float(directory.journal.meta("seconds"))
    session(directory, terms(words), work)
    assert float(directory.journal.meta("seconds")) == first
    session(directory, terms(words), asking(Question("two"), answers=[]))
    assert float(directory.journal.meta("seconds")) > first > 0


def test_a_ceiling_that_is_reached_is_why_it_ended(words, directory):
    """With what to do about it."""

    async def work(session: Session) -> bool:
        await asking(Question("one"), answers=[])(session)
        return False

    ended = session(directory, terms(words, max_tokens=5), work)
    assert not ended.complete
    assert ended.why == ["--max-tokens 5 is reached (10 tokens); raise it"]


def test_models_are_closed_whatever_becomes_of_the_work(words, directory):
    """And what it raises passes through."""
    models: list[Any] = []

    async def work(session: Session) -> bool:
        models.append(session.calls.models[Role.REASONER])
        await asking(Question("one"), answers=[])(session)
        raise UserError("the disk is full.")

    with pytest.raises(UserError, match="disk is full"):
        session(directory, terms(words), work)
    with pytest.raises(ValueError, match="closed"):
        asyncio.run(models[0].members[0].model.exchange("GET", "models"))


@pytest.mark.parametrize("idle", [frozenset(), frozenset({Role.JUDGE})])
def test_money_is_limited_only_where_all_that_is_paid_has_a_price(words, directory, tmp_path, monkeypatch, idle):
    """A role that makes no call needs none."""
    prices = tmp_path / "prices.yaml"
    prices.write_text("m: {input: 1, output: 2}\n")
    monkeypatch.setenv("PROUTT_PRICES", str(prices))
    specs = {**terms(words).specs, Role.JUDGE: ModelSpec(model="strict", base_url=words.url)}
    limited = terms(words, specs=specs, idle=idle, max_cost=1.0)
    if not idle:
        with pytest.raises(UserError, match="the price of strict is not known"):
            session(directory, limited, asking(answers=[]))
        return
    ended = session(directory, limited, asking(Question("one"), answers=[]))
    assert (ended.currency, ended.spent) == ("USD", pytest.approx((7 * 1 + 3 * 2) / 1e6))


def test_a_model_that_cannot_be_right_is_refused_before_anything_is_made():
    """Its name may hold a secret: it is not to be written down."""
    with pytest.raises(UserError):
        check_models({Role.JUDGE: ModelSpec(model="m", base_url="http://name:secret@host/v1")})
    with pytest.raises(UserError):
        check_models({Role.JUDGE: ModelSpec(model="local:nothing-of-the-kind")})


def test_calls_that_wait_for_a_batch_are_counted_apart(directory, endpoint):
    """Over all models of the session; those that are answered live are in flight."""
    counted: list[tuple[int, int]] = []

    async def work(session: Session) -> bool:
        calls = [asyncio.ensure_future(asking(Question(f"{n}"), answers=[])(session)) for n in range(3)]
        while session.calls.tally.in_flight < 3:  # noqa: ASYNC110 - turns of the loop, no time
            await asyncio.sleep(0)
        counted.append((session.calls.tally.in_flight, session.waiting))
        session.calls.stop()
        await asyncio.wait(calls, timeout=PATIENCE_S)
        counted.append((session.calls.tally.in_flight, session.waiting))
        return False

    endpoint.answer = lambda _: Answer("never asked")
    ended = session(directory, terms(endpoint, batch="api"), work)
    assert counted == [(3, 3), (0, 0)]
    assert not ended.complete
    assert endpoint.requests == []

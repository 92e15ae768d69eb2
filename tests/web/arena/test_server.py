"""The arena over real sockets: two chats, a verdict, and nothing told of who is who."""

from __future__ import annotations

import asyncio
import threading

import pytest

from proutt.errors import UserError
from proutt.web.arena.bots import Manner
from proutt.web.arena.desk import MOST_CHARS, MOST_TURNS
from proutt.web.arena.store import FILE, Store
from servers.scripted import Answer, refusal
from web.arena.chatting import ASPECTS, NAMES, arena, echo


@pytest.fixture
def chatty(endpoint):
    endpoint.answer = echo
    return endpoint


async def test_both_are_asked_with_upcs_prompt_and_alike(tmp_path, chatty):
    """Each greets, then hears what was said to it alone; prompt, temperature and limits are the same."""
    async with arena(tmp_path, chatty) as people:
        await people.chat(1, 1, "I keep bees.")
        visit = await people.chat(1, 2, "I sail.")
    one, two = ([body for body in chatty.bodies if body["model"] == name] for name in NAMES.values())
    assert len(one) == len(two) == 2
    for first, second in zip(one, two, strict=True):
        shared = ("temperature", "max_tokens", "top_p")
        assert [first.get(name) for name in shared] == [second.get(name) for name in shared]
        assert first["temperature"] == 0.75
        assert first["messages"][0] == second["messages"][0]
        assert first["messages"][0]["role"] == "system"
    assert {body["messages"][-1]["content"] for body in (one[1], two[1])} == {"I keep bees.", "I sail."}
    assert [chat["turns"] for chat in visit["chats"]] == [1, 1]


async def test_plain_chatbots_are_asked_nothing_but_what_was_said(tmp_path, chatty):
    """Without UPC's prompt people speak first, and no word is added."""
    async with arena(tmp_path, chatty, manner=Manner(plain=True)) as people:
        _, visit = await people.ask(1, "visit")
        assert not visit["chats"][0]["awaits_bot"]
        await people.chat(1, 1, "hello")
    assert [body["messages"] for body in chatty.bodies] == [[{"role": "user", "content": "hello"}]]


async def test_a_given_greeting_is_said_by_both_and_costs_no_call(tmp_path, chatty):
    """Both open with the same words."""
    async with arena(tmp_path, chatty, manner=Manner(greeting="Welcome!")) as people:
        await people.chat(1, 1)
        visit = await people.chat(1, 2)
    assert [chat["said"] for chat in visit["chats"]] == [["Welcome!"], ["Welcome!"]]
    assert chatty.bodies == []


async def test_no_answer_of_the_server_names_a_model_or_an_address(tmp_path, chatty):
    """From the first request to the last, errors included: no model, no address, no side, nobody else."""
    async with arena(tmp_path, chatty) as people:
        await people.whole(1, "first")
        chatty.answer = lambda body: refusal(f"{body['model']} at {chatty.url} is full", status=500)
        for bot in (1, 2):
            status, _ = await people.ask(2, "reply", bot=bot)
            assert status == 503
        await people.ask(2, "say", bot=1, at=9, text="x")
        await people.ask(2, "judge", preferred={}, words="")
        await people.ask(7, "visit")
        for path in ("/", "/arena.js", "/words.js", "/arena.css", "/base.css", "/asking.js", "/text.js"):
            answer = await people.client.get(path, headers={"Host": "127.0.0.1:8767"})
            assert answer.status == 200
            people.told += [await answer.text(), *answer.headers.values()]
        told = "\n".join(people.told)
        assert "You have said" in told
        for planted in ("planted", chatty.url, chatty.url.rpartition(":")[2].partition("/")[0], people.links[1]):
            assert planted not in told
        assert any("planted" in note for note in people.notes)  # whoever runs the arena is told


async def test_which_is_bot_1_is_drawn_for_each_participant(tmp_path, chatty):
    """Of every two participants one meets a first and the other b; verdicts are kept by chatbot, not by place."""
    async with arena(tmp_path, chatty, participants=8) as people:
        first = [people.desk.visits[number].first for number in range(1, 9)]
        await people.whole(1, "first")
        await people.whole(2, "first")
        kept = [people.desk.visits[number].verdict.preferred["overall"] for number in (1, 2)]
    assert all({first[at], first[at + 1]} == {"a", "b"} for at in range(0, 8, 2))
    assert len({tuple(first[at : at + 2]) for at in range(0, 8, 2)}) == 2
    assert kept == first[:2]
    assert set(kept) == {"a", "b"}


async def test_a_restart_in_the_middle_loses_nothing(tmp_path, chatty):
    """The links stay valid, what was said is there, and a bot that owed a reply still owes it."""
    async with arena(tmp_path, chatty) as people:
        before = await people.chat(1, 1, "I keep bees.")
        await people.ask(1, "say", bot=1, at=3, text="In Lyon.")
        links = dict(people.links)
    async with arena(tmp_path, chatty, participants=3) as people:
        assert {number: people.links[number] for number in links} == links
        assert len(people.links) == 3
        _, visit = await people.ask(1, "visit")
        assert visit["chats"][0]["said"] == [*before["chats"][0]["said"], "In Lyon."]
        assert visit["chats"][0]["awaits_bot"]
        await people.ask(1, "reply", bot=1)
        await people.chat(1, 1, "And you?")
        await people.chat(1, 2, "x", "y", "z")
        status, _ = await people.ask(1, "judge", preferred=dict.fromkeys(ASPECTS, "same"), words="")
        assert status == 200
    assert chatty.bodies[3]["messages"][-1]["content"] == "And you?"


async def test_other_settings_are_another_arena(tmp_path, chatty):
    """Verdicts on chatbots asked otherwise are not to be mixed."""
    async with arena(tmp_path, chatty):
        pass
    with pytest.raises(UserError, match="other plain"):
        async with arena(tmp_path, chatty, manner=Manner(plain=True)):
            pass


async def test_the_folder_is_one_process_alone_and_its_owners(tmp_path, chatty):
    """It holds the keys of all links, and a second server would say things twice."""
    async with arena(tmp_path, chatty):
        with pytest.raises(UserError, match="another proutt arena"):
            Store(tmp_path)
        assert (tmp_path / FILE).stat().st_mode & 0o077 == 0


async def test_a_bot_that_fails_can_be_asked_again(tmp_path, chatty):
    """What was said stays; an empty answer is a failure too, and the next draw is another one."""
    async with arena(tmp_path, chatty) as people:
        await people.chat(1, 1)
        await people.ask(1, "say", bot=1, at=1, text="I keep bees.")
        chatty.script(refusal("busy", status=500), Answer("<think>hm</think>"), "Bees!")
        for _ in range(2):
            status, told = await people.ask(1, "reply", bot=1)
            assert (status, told["error"]) == (503, "Bot 1 could not answer just now. Nothing is lost.")
        _, visit = await people.ask(1, "reply", bot=1)
        assert visit["chats"][0]["said"][1:] == ["I keep bees.", "Bees!"]
    assert chatty.bodies[-1]["seed"] != chatty.bodies[-2]["seed"]


async def test_two_windows_get_one_reply(tmp_path, chatty):
    """Who asks while the bot thinks waits for the same words; what is sent twice is kept once."""
    gate, thinking = threading.Event(), threading.Event()

    def slow(_):
        thinking.set()
        return Answer("Bees!", wait_for=gate)

    async with arena(tmp_path, chatty) as people:
        await people.chat(1, 1)
        for _ in range(2):
            status, _ = await people.ask(1, "say", bot=1, at=1, text="I keep bees.")
            assert status == 200
        chatty.answer = slow
        asking = [asyncio.create_task(people.ask(1, "reply", bot=1)) for _ in range(2)]
        await asyncio.to_thread(thinking.wait)
        status, _ = await people.ask(1, "say", bot=1, at=1, text="Something else.")
        assert status == 409
        gate.set()
        both = await asyncio.gather(*asking)
    assert [visit["chats"][0]["said"][1:] for _, visit in both] == [["I keep bees.", "Bees!"]] * 2
    assert len(chatty.bodies) == 2


async def test_two_participants_at_once_do_not_meet(tmp_path, chatty):
    """Chats go side by side, each with what was said in it."""
    chatty.answer = lambda body: f"About {body['messages'][-1]['content']}"
    async with arena(tmp_path, chatty) as people:
        said = {1: "bees", 2: "boats"}
        visits = await asyncio.gather(*(people.chat(who, bot, said[who]) for who in said for bot in (1, 2)))
    assert [visit["chats"][at % 2]["said"][1:] for at, visit in enumerate(visits)] == [
        *[["bees", "About bees"]] * 2,
        *[["boats", "About boats"]] * 2,
    ]


async def test_a_reply_is_shown_no_sooner_than_agreed(tmp_path, chatty):
    """A quick bot waits with its words; that they are kept does not wait."""
    async with arena(tmp_path, chatty, least_s=0.3) as people:
        began = asyncio.get_running_loop().time()
        await people.chat(1, 1)
        assert asyncio.get_running_loop().time() - began >= 0.3
        assert people.desk.visits[1].said[people.desk.visits[1].first][0].seconds < 0.3


@pytest.mark.parametrize(
    ("what", "body", "status"),
    [
        ("say", {"bot": 1, "at": 0, "text": "hello"}, 409),  # the bot is to greet first
        ("say", {"bot": 3, "at": 0, "text": "hello"}, 400),
        ("say", {"bot": 1, "at": 0, "text": "  "}, 409),
        ("say", {"bot": 1, "at": 0, "text": "x" * (MOST_CHARS + 1)}, 409),
        ("say", {"bot": 1, "at": 0, "text": "x" * 20_000}, 413),
        ("say", {"bot": 1, "at": 0, "text": 5}, 400),
        ("say", {"bot": 1, "at": 0, "text": "half a character: \ud800"}, 400),
        ("say", {"bot": "1", "at": 0, "text": "hello"}, 400),
        ("visit", {"name": "Ann"}, 400),
        ("judge", {"preferred": dict.fromkeys(ASPECTS, "first"), "words": ""}, 409),  # nothing was said
    ],
    ids=str,
)
async def test_what_is_no_request_of_the_page_is_told_and_not_kept(tmp_path, chatty, what, body, status):
    """Answered as such, never by a crash; nothing is written."""
    async with arena(tmp_path, chatty) as people:
        found, told = await people.ask(1, what, **body)
        assert (found, set(told)) == (status, {"error"})
        assert not people.desk.store.rows("SELECT * FROM said")
        assert not people.desk.store.rows("SELECT * FROM verdicts")


@pytest.mark.parametrize(
    "wrong",
    [
        {"Host": "evil.example:8767", "Origin": "http://evil.example:8767"},
        {"Origin": "http://evil.example"},
        {"Origin": None},
        {"X-Proutt-Key": None},
        {"X-Proutt-Key": "guessed"},
    ],
    ids=str,
)
async def test_any_wrong_header_is_refused(tmp_path, chatty, wrong):
    """A foreign name, another page, no link: 403, and no bot is asked."""
    async with arena(tmp_path, chatty) as people:
        for what, body in (("visit", {}), ("reply", {"bot": 1}), ("say", {"bot": 1, "at": 0, "text": "x"})):
            status, _ = await people.ask(1, what, headers=wrong, **body)
            assert status == 403
    assert chatty.bodies == []


@pytest.mark.parametrize("verdict", [{"overall": "first"}, dict.fromkeys(ASPECTS, "a"), dict.fromkeys(ASPECTS, "")])
async def test_a_verdict_is_whole_and_final(tmp_path, chatty, verdict):
    """Every question is answered, by place; what is given once stays, and the chats are closed."""
    async with arena(tmp_path, chatty) as people:
        for bot in (1, 2):
            await people.chat(1, bot, "x", "y", "z")
        status, _ = await people.ask(1, "judge", preferred=verdict, words="")
        assert status == 409
        good = dict.fromkeys(ASPECTS, "same")
        assert (await people.ask(1, "judge", preferred=good, words=" fine "))[0] == 200
        for again in (("judge", {"preferred": good, "words": ""}), ("say", {"bot": 1, "at": 7, "text": "x"})):
            assert (await people.ask(1, again[0], **again[1]))[0] == 409
        assert people.desk.visits[1].verdict.words == "fine"


async def test_a_chat_has_an_end(tmp_path, chatty):
    """One link costs no more than so many turns."""
    async with arena(tmp_path, chatty, manner=Manner(greeting="Hi")) as people:
        visit = await people.chat(1, 1, *["more"] * MOST_TURNS)
        assert visit["chats"][0]["full"]
        status, _ = await people.ask(1, "say", bot=1, at=1 + 2 * MOST_TURNS, text="more")
        assert status == 409

"""What the arena's page may ask: where a visit is, something said, a reply, a verdict. Knows no network.

Nothing that it hands out names a chatbot's model or address, tells which of the two it is, or another participant.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from proutt.errors import ProuttError
from proutt.web.arena.bots import Bot, Manner, answered, asked
from proutt.web.arena.store import Store
from proutt.web.arena.visits import ASPECTS, SIDES, Preferred, Side, Utterance, Verdict, Visit
from proutt.web.refused import Refused

#: Most characters of an utterance of a participant, and of the words to a verdict.
MOST_CHARS = 2000
#: Most turns of a chat: an end to what one link can cost.
MOST_TURNS = 40


@dataclass(frozen=True)
class Terms:
    """What a visit is held to.

    least_turns    with each bot, before the two are compared
    least_seconds  no reply is shown sooner, so that a quick bot is not known by it
    """

    least_turns: int = 3
    least_seconds: float = 3.0


@dataclass
class Desk:
    """An arena's visits. keys: of each link, the participant's number; note: told of a bot that could not answer."""

    bots: Mapping[Side, Bot]
    manner: Manner
    terms: Terms
    store: Store
    keys: Mapping[str, int]
    note: Callable[[str], None] = lambda _: None
    _asking: dict[tuple[int, Side], asyncio.Task[None]] = field(default_factory=dict)
    _tries: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self.visits = self.store.visits()
        self._context_tokens = min(bot.model.context_tokens for bot in self.bots.values())

    def visit(self, key: str) -> dict[str, Any]:
        """Where the participant is. key: of their link."""
        return self._shown(self._of(key))

    def say(self, key: str, place: int, at: int, text: str) -> dict[str, Any]:
        """Keep what the participant says to bot 1 or bot 2; it is on disk when this returns.

        at: how many utterances the page has of this chat; what was sent twice is kept once. Raises Refused where it is
        not theirs to speak.
        """
        visit = self._open(key)
        side = visit.side(place)
        text = text.strip()
        if not text or len(text) > MOST_CHARS:
            raise Refused(f"a message has 1 to {MOST_CHARS} characters")
        said = visit.said[side]
        if at == len(said) - 1 and visit.awaits_bot(side) and said[at].text == text:
            return self._shown(visit)
        if at != len(said) or visit.awaits_bot(side):
            raise Refused("this chat has gone on in another window: reload the page")
        if visit.turns(side) >= MOST_TURNS:
            raise Refused("this chat is long enough: compare the two")
        self.store.say(visit, side, Utterance(text))
        return self._shown(visit)

    async def reply(self, key: str, place: int) -> dict[str, Any]:
        """Let bot 1 or bot 2 speak, where it is its turn; its words are on disk when this returns.

        Who asks while it thinks waits for the same words. Raises Refused where it could not answer: ask again.
        """
        visit = self._open(key)
        side = visit.side(place)
        if visit.awaits_bot(side):
            which = (visit.participant, side)
            if which not in self._asking:
                self._asking[which] = asyncio.create_task(self._speak(visit, side))
                self._asking[which].add_done_callback(lambda _: self._asking.pop(which))
            try:
                await asyncio.shield(self._asking[which])  # who leaves stops nothing: the words are there on return
            except ProuttError:
                raise Refused(f"Bot {place} could not answer just now. Nothing is lost.", status=503) from None
        return self._shown(visit)

    def judge(self, key: str, said: Mapping[str, str], words: str) -> dict[str, Any]:
        """Keep a verdict; it is on disk when this returns, and final. said: "first", "second" or "same" by aspect.

        Raises Refused where an aspect lacks, or too little was said to either.
        """
        visit = self._open(key)
        if visit.least < self.terms.least_turns:
            raise Refused(f"chat with each bot for {self.terms.least_turns} turns first")
        preferred: dict[str, Side] = {"first": visit.side(1), "second": visit.side(2)}
        if set(said) != set(ASPECTS) or not all(each == "same" or each in preferred for each in said.values()):
            raise Refused("a verdict is first, second or same, for each question")
        if len(words) > MOST_CHARS:
            raise Refused(f"your words have at most {MOST_CHARS} characters")
        by_aspect: dict[str, Preferred] = {aspect: preferred.get(said[aspect], "same") for aspect in ASPECTS}
        self.store.judge(visit, Verdict(by_aspect, words.strip()))
        return self._shown(visit)

    async def close(self) -> None:
        """Wait for no bot any more: what it owes, it owes when the arena goes on."""
        for task in list(self._asking.values()):
            task.cancel()
        await asyncio.gather(*self._asking.values(), return_exceptions=True)

    async def _speak(self, visit: Visit, side: Side) -> None:
        said = visit.said[side]
        if not said and self.manner.greeting:
            self.store.say(visit, side, Utterance(self.manner.greeting))
            return
        began = time.perf_counter()
        place = f"{visit.participant}/{side}/{len(said)}"
        self._tries[place] += 1  # after an empty answer the next draw is another one
        place = f"{place}/{self._tries[place]}"
        texts = [each.text for each in said]
        request = asked(texts, self.manner, context_tokens=self._context_tokens, place=place)
        try:
            text = await answered(self.bots[side], request)
        except ProuttError as error:
            self.note(f"{self.bots[side].name} could not answer participant {visit.participant}: {error}")
            raise
        took = time.perf_counter() - began
        self.store.say(visit, side, Utterance(text, round(took, 3)))
        await asyncio.sleep(max(self.terms.least_seconds - took, 0))

    def _of(self, key: str) -> Visit:
        return self.visits[self.keys[key]]

    def _open(self, key: str) -> Visit:
        """A visit that can still go on. Raises Refused."""
        visit = self._of(key)
        if visit.verdict is not None:
            raise Refused("you have compared the two already; thank you")
        return visit

    def _shown(self, visit: Visit) -> dict[str, Any]:
        """A visit as the page sees it."""
        order = (visit.side(1), visit.side(2))
        return {
            "language": self.manner.language,
            "least": self.terms.least_turns,
            "most_chars": MOST_CHARS,
            "begun": any(visit.said[side] for side in SIDES),
            "judged": visit.verdict is not None,
            "chats": [
                {
                    "said": [each.text for each in visit.said[side]],
                    "greets": visit.greets,
                    "awaits_bot": visit.awaits_bot(side),
                    "turns": visit.turns(side),
                    "full": visit.turns(side) >= MOST_TURNS,
                }
                for side in order
            ],
        }

"""Calls that finish at the same time are written down in one transaction, and each waits until that is done.

A commit costs several times what a row does. Where calls come in one by one nothing is gained and nothing lost; where
the machine is busy, many answers wait to be read in one turn of the event loop, and all of them share a commit.
"""

from __future__ import annotations

import asyncio

from proutt.errors import UserError
from proutt.llm import Reply
from proutt.runs.journal import Journal


class Commits:
    """Finished calls on their way into a journal."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._begun = False
        self._waiting: list[asyncio.Future[None]] = []

    def add_reply(self, key: str, reply: Reply, *, step: str, role: str, model: str) -> asyncio.Future[None]:
        """Write down a finished call; it is there to stay when what is returned is done. Raises UserError, as that may.

        Who no longer waits for it has its call written down all the same.
        """
        loop = asyncio.get_running_loop()
        if not self._begun:
            self._journal.begin()
            self._begun = True
            loop.call_soon(self._commit)
        self._journal.add_reply(key, reply, step=step, role=role, model=model)
        written: asyncio.Future[None] = loop.create_future()
        self._waiting.append(written)
        return written

    def _commit(self) -> None:
        waiting, self._waiting, self._begun = self._waiting, [], False
        failure = None
        try:
            self._journal.commit()
        except UserError as error:
            failure = error
        for written in waiting:
            if written.done():
                continue
            if failure is None:
                written.set_result(None)
            else:
                written.set_exception(failure)

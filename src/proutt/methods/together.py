"""Questions side by side: all are answered, or none of them goes on."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar, overload

A = TypeVar("A")
B = TypeVar("B")


@overload
async def together(one: Awaitable[A], other: Awaitable[B], /) -> tuple[A, B]: ...
@overload
async def together(*all_of: Awaitable[A]) -> tuple[A, ...]: ...
async def together(*all_of: Awaitable[Any]) -> tuple[Any, ...]:
    """Await side by side; where one fails the others are cancelled, so that nothing is paid for an answer unused."""
    tasks = [asyncio.ensure_future(each) for each in all_of]
    try:
        return tuple(await asyncio.gather(*tasks))
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

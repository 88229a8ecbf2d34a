"""Waiting for work: for so long and no longer, until the first is done, or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection
from typing import Any, Optional, TypeVar

LOOK_EVERY_S = 0.05
T = TypeVar("T")


async def within(seconds: float, work: Awaitable[T]) -> T:
    """Return what some work gives, if it comes in time; else cancel it and raise ``asyncio.TimeoutError``.

    Unlike ``asyncio.wait_for`` of Python 3.10, which gives a result where it was canceled in the same moment
    (bpo-37658), whoever is canceled here stops.
    """
    for task in await until_first(work, seconds=seconds):
        return task.result()
    raise asyncio.TimeoutError


async def until_first(*works: Awaitable[T], seconds: Optional[float] = None) -> set[asyncio.Future[T]]:
    """Do several things side by side until one is done, or for so long; return those done, and cancel the others."""
    tasks: list[asyncio.Future[T]] = [asyncio.ensure_future(work) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        return done
    finally:
        await cancel(tasks)


async def until(condition: Callable[[], bool]) -> None:
    """Return once a condition holds, at which is looked now and then."""
    while not condition():
        await asyncio.sleep(LOOK_EVERY_S)


async def cancel(tasks: Collection[asyncio.Future[Any]]) -> None:
    """Cancel what is not done yet, and wait for its end."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


def heed(task: asyncio.Future[Any]) -> None:
    """Take note of how a task ended that nobody may wait for any more; asyncio would log a stack trace."""
    if not task.cancelled():
        task.exception()


class Tasks:
    """Work that goes on by itself, and is canceled all together."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Future[Any]] = set()

    def keep(self, work: Awaitable[Any]) -> asyncio.Future[Any]:
        """Begin some work, and hold on to it until it is done."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def cancel(self) -> None:
        """Cancel what is not done yet, and wait for its end."""
        await cancel(list(self._tasks))

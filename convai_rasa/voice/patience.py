"""Waiting for work: for so long and no longer, or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar

T = TypeVar("T")


async def within(seconds: float, work: Awaitable[T]) -> T:
    """Return what some work gives, if it comes in time.

    Unlike ``asyncio.wait_for`` of Python 3.10, which gives a result where it was canceled in the same moment
    (bpo-37658), whoever is canceled here stops.

    Raises:
        asyncio.TimeoutError: it took longer; the work was canceled.
    """
    task = asyncio.ensure_future(work)
    task.add_done_callback(heed)
    try:
        await asyncio.wait({task}, timeout=seconds)
        if task.done():
            return task.result()
        raise asyncio.TimeoutError
    finally:
        if not task.done():
            task.cancel()
            await asyncio.wait({task})


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
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

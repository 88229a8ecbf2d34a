"""Waiting for so long and no longer."""

from __future__ import annotations

import asyncio
from typing import Any, Coroutine, TypeVar

T = TypeVar("T")


async def within(seconds: float, work: Coroutine[Any, Any, T]) -> T:
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

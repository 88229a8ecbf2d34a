"""Waiting for so long and no longer."""

from __future__ import annotations

import asyncio
import gc

import pytest

from convai_rasa.voice.patience import within


async def test_what_comes_in_time_is_returned() -> None:
    assert await within(5, asyncio.sleep(0, "done")) == "done"


async def test_what_fails_fails() -> None:
    async def failing() -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await within(5, failing())


async def test_what_comes_too_late_is_cancelled() -> None:
    cancelled = asyncio.Event()

    async def endless() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            cancelled.set()

    with pytest.raises(asyncio.TimeoutError):
        await within(0.01, endless())
    assert cancelled.is_set()


async def test_what_fails_after_nobody_waits_any_more_is_no_surprise(caplog: pytest.LogCaptureFixture) -> None:
    async def failing() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            raise ValueError("too late")

    waiting = asyncio.ensure_future(within(5, failing()))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    del waiting
    gc.collect()
    await asyncio.sleep(0)
    assert "never retrieved" not in caplog.text


async def test_a_cancellation_is_never_swallowed() -> None:
    """Not even when the work is done in the same round of the event loop, as asyncio.wait_for does."""
    gate = asyncio.Event()

    async def work() -> str:
        await gate.wait()
        return "done"

    async def waiting() -> str:
        return await within(5, work())

    task = asyncio.ensure_future(waiting())
    await asyncio.sleep(0.01)
    gate.set()
    await asyncio.sleep(0)  # the work is done, and whoever waits for it does not know yet
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task

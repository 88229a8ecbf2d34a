"""What a voice says, made in a thread while others are served."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncGenerator, Generator
from concurrent.futures import Executor
from typing import Any, TypeVar

T = TypeVar("T")


async def pulled(
    stream: Generator[T, None, None],
    pool: Executor,
    closed: threading.Event,
    first: contextlib.AbstractContextManager[Any] | None = None,
) -> AsyncGenerator[T, None]:
    """Yield what a stream gives, each piece when it is asked for: whoever stops listening stops the voice.

    Args:
        stream: of a voice.
        pool: of threads that only wait for it.
        closed: set once the voice has ended, and the pool.
        first: entered while the first piece is waited for.
    """
    loop = asyncio.get_running_loop()
    turn = threading.Lock()  # a generator cannot be closed while it runs

    def pull() -> T | None:
        with turn:
            return next(stream, None)

    def give_up() -> None:
        with turn:
            stream.close()

    try:
        with first or contextlib.nullcontext():
            piece = await loop.run_in_executor(pool, pull)
        while piece is not None:
            yield piece
            piece = await loop.run_in_executor(pool, pull)
    finally:
        if not closed.is_set():
            pool.submit(give_up)

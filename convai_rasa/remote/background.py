"""An event loop in a thread of its own, on which all engines of other machines are waited for.

Engines are called from many threads. What one waits for on the loop ends at a bound and can be given up at any moment,
which takes the connection away from the other machine: it need not work for nobody.
"""

from __future__ import annotations

import asyncio
import functools
import threading
from typing import Any, AsyncGenerator, Awaitable, Callable, Coroutine, Generator, Optional, Sequence, TypeVar, Union

_LOOK_EVERY_S = 0.05  # whether anybody still wants what is waited for
_Result = TypeVar("_Result")


def run(work: Coroutine[Any, Any, _Result]) -> _Result:
    """Wait for work on the loop; any thread but the loop's own may."""
    return asyncio.run_coroutine_threadsafe(work, _loop()).result()


def run_together(
    works: Sequence[Coroutine[Any, Any, _Result]], wanted: Sequence[Callable[[], bool]]
) -> list[Union[_Result, BaseException, None]]:
    """Wait for several works at once, each as long as its ``wanted`` says, now and then, that somebody waits for it.

    Returns:
        For each its result or what it raised; None where nobody wanted it any more.
    """

    async def all_of_them() -> list[Union[_Result, BaseException, None]]:
        each = [_while_wanted(work, still) for work, still in zip(works, wanted, strict=True)]
        return await asyncio.gather(*each, return_exceptions=True)

    return run(all_of_them())


def iterate(chunks: AsyncGenerator[_Result, None]) -> Generator[_Result, None, None]:
    """Yield what comes on the loop, one at a time: nothing is asked for ahead. Closing gives up the rest."""
    try:
        while True:
            try:
                yield run(_next(chunks))
            except StopAsyncIteration:
                return
    finally:
        closing = asyncio.run_coroutine_threadsafe(chunks.aclose(), _loop())
        if threading.current_thread().name != _NAME:  # an iterator that was forgotten may be closed anywhere
            closing.result()


async def _next(chunks: AsyncGenerator[_Result, None]) -> _Result:
    return await chunks.__anext__()


async def _while_wanted(work: Awaitable[_Result], wanted: Callable[[], bool]) -> Optional[_Result]:
    task = asyncio.ensure_future(work)
    try:
        while not (await asyncio.wait({task}, timeout=_LOOK_EVERY_S))[0]:
            if not wanted():
                return None
        return task.result()
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


_NAME = "convai-remote"
_starting = threading.Lock()


def _loop() -> asyncio.AbstractEventLoop:
    with _starting:  # or two would be
        return _started()


@functools.lru_cache(maxsize=1)
def _started() -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name=_NAME, daemon=True).start()
    return loop

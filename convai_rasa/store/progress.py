"""Progress on the terminal, and nowhere else: a log file or a pipe gets none."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from tqdm import tqdm


def byte_bar(label: str, total: int | None) -> tqdm[NoReturn]:
    """Return a bar that counts bytes; a context manager."""
    from tqdm import tqdm

    return tqdm(desc=label, total=total, unit="B", unit_scale=True, unit_divisor=1000, disable=None, leave=False)


@contextmanager
def clock(label: str) -> Iterator[None]:
    """Show that something of unknown length is going on, with the time it has taken so far."""
    from tqdm import tqdm

    done = threading.Event()
    bar = tqdm(desc=label, bar_format="{desc} {elapsed}", disable=None, leave=False)

    def tick() -> None:
        while not done.wait(0.5):
            bar.refresh()

    ticker = threading.Thread(target=tick, daemon=True)
    ticker.start()
    try:
        yield
    finally:
        done.set()
        ticker.join()
        bar.close()

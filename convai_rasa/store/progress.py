"""Progress on the terminal, and nowhere else: a log file or a pipe gets the words but no bars."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from tqdm import tqdm


def byte_bar(label: str, total: int | None) -> tqdm[NoReturn]:
    """Return a bar that counts bytes; a context manager."""
    from tqdm import tqdm

    return tqdm(desc=label, total=total, unit="B", unit_scale=True, unit_divisor=1000, disable=None, leave=False)


class Stopped(BaseException):
    """The person at the keyboard wants it to end: raised where the next bytes are counted or waited for."""


class FileBar:
    """What one file has of its bytes; threads may share it."""

    def __init__(self, bar: tqdm[NoReturn], count: Callable[[int], object]) -> None:
        self._bar = bar
        self._count = count
        self._at = 0  # not the bar's own number: without a terminal that stays 0

    def update(self, count: int) -> None:
        """Add bytes; a negative number where a part has to be fetched again."""
        self._at += count
        self._bar.update(count)
        self._count(count)

    def move_to(self, size: int) -> None:
        """Say how many bytes there are by now."""
        self.update(size - self._at)

    def expect(self, total: int) -> None:
        """Say how many bytes the file has, once that is known."""
        self._bar.total = total


class Progress:
    """What goes on with one model: words for the person at the keyboard, and a bar for each of its files.

    ``total`` is the model's share of the ``overall`` bar in bytes.
    """

    def __init__(
        self, say: Callable[[str], object] = lambda words: None, *, total: int = 0, overall: OverallBar | None = None
    ) -> None:
        self.say = say
        self._total = total
        self._overall = overall
        self._done = 0
        self._lock = threading.Lock()

    @contextmanager
    def file(self, label: str, total: int | None) -> Iterator[FileBar]:
        """Show the bar of one file while it is under way; None is a number of bytes that is not known yet."""
        with byte_bar(label, total) as bar:
            yield FileBar(bar, self._count)

    def restart(self) -> None:
        """Take back what was counted: another source begins anew."""
        self._add(-self._done)

    def finish(self) -> None:
        """The model is installed: its share of the overall bar is full, whatever was really fetched."""
        self._add(self._total - self._done)

    def check(self) -> None:
        """Raise ``Stopped`` if the person at the keyboard wants it to end."""
        if self._overall and self._overall.stopped:
            raise Stopped

    def _count(self, count: int) -> None:
        self.check()
        self._add(count)

    def _add(self, count: int) -> None:
        with self._lock:
            shown = min(self._done, self._total)
            self._done += count
            if self._overall:
                self._overall.update(min(self._done, self._total) - shown)


class OverallBar:
    """One bar over everything a command fetches, above those of the files; a context manager.

    ``to_stderr`` leaves standard output to something else, such as JSON.
    """

    def __init__(self, label: str, total: int, *, to_stderr: bool = False) -> None:
        self._bar = byte_bar(label, total)
        self._to_stderr = to_stderr
        self.update = self._bar.update  # adds bytes; threads may share it
        self.stopped = False  # once set, every thread that counts bytes ends; what has arrived stays for the next run

    def say(self, message: str, *, error: bool = False) -> None:
        """Print a line above the bars, an error to standard error."""
        out = sys.stderr if error or self._to_stderr else sys.stdout
        with self._bar.external_write_mode(file=out):
            print(message, file=out, flush=True)

    def __enter__(self) -> OverallBar:
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()


@contextmanager
def clock(label: str) -> Iterator[None]:
    """Show that something of unknown length is going on, with the time it has taken so far."""
    from tqdm import tqdm

    done = threading.Event()

    def tick() -> None:
        while not done.wait(0.5):
            bar.refresh()

    with tqdm(desc=label, bar_format="{desc} {elapsed}", disable=None, leave=False) as bar:
        ticker = threading.Thread(target=tick, daemon=True)
        ticker.start()
        try:
            yield
        finally:
            done.set()
            ticker.join()

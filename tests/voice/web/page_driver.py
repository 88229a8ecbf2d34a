"""What tests do with a page, whichever browser shows it.

Every wait is bounded: a page that hangs fails its test with what was being waited for.
"""

from __future__ import annotations

import json
import time
from abc import ABC, abstractmethod
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

CALL_TIMEOUT_S = 20.0


class BrowserError(AssertionError):
    """The browser did not do, in time, what the test asked of it."""


class Page(ABC):
    """One page of a browser.

    Attributes:
        requests: addresses that were asked for.
        complaints: errors in the page's code.
    """

    def __init__(self) -> None:
        self.requests: list[str] = []
        self.complaints: list[str] = []

    @abstractmethod
    def open(self, url: str) -> None:
        """Go to ``url`` and wait until it has loaded."""

    @abstractmethod
    def evaluate(self, expression: str) -> Any:
        """Return the JSON value of a JavaScript expression; a promise is awaited."""

    @abstractmethod
    def resize(self, width: int, height: int, *, scale: float = 1) -> None:
        """Give the page a size in CSS pixels; ``scale`` is the number of device pixels to one of them."""

    @abstractmethod
    def holding(self, selector: str) -> AbstractContextManager[None]:
        """Hold the mouse button down on an element."""

    @abstractmethod
    def click(self, selector: str) -> None:
        """Click an element: down and up follow at once, so that a slow page does not take it for a long press."""

    @abstractmethod
    def holding_key(self, code: str) -> AbstractContextManager[None]:
        """Hold down Space, Enter, Escape or Tab."""

    @abstractmethod
    def type(self, selector: str, text: str) -> None:
        """Click into a field and type."""

    @abstractmethod
    def picture(self) -> bytes:
        """Return what the page shows as a PNG file."""

    def press_key(self, code: str) -> None:
        """Press Space, Enter, Escape or Tab."""
        with self.holding_key(code):
            pass

    def wait_for(self, expression: str, timeout_s: float = CALL_TIMEOUT_S) -> Any:
        """Wait until a JavaScript expression is true and return its value.

        Raises:
            BrowserError: It did not become true; the message tells the page's state.
        """
        deadline = time.monotonic() + timeout_s
        while not (value := self.evaluate(expression)):
            if time.monotonic() > deadline:
                state = self.evaluate("JSON.stringify(document.documentElement.dataset) + document.body.innerText")
                raise BrowserError(
                    f"not true after {timeout_s:.0f} s: {expression}; the page: {state}; {self.complaints}"
                )
            time.sleep(0.05)
        return value

    def text(self, selector: str) -> str:
        """Return the visible text of the last element that matches, or an empty string."""
        return str(self.evaluate(f"[...document.querySelectorAll({json.dumps(selector)})].at(-1)?.innerText ?? ''"))

    def middle(self, selector: str) -> dict[str, float]:
        """Return where the middle of an element is, once it is there and in view."""
        self.wait_for(f"document.querySelector({json.dumps(selector)}) !== null")
        box = self.evaluate(
            "((element) => { element.scrollIntoView({block: 'nearest'}); return element.getBoundingClientRect(); })"
            f"(document.querySelector({json.dumps(selector)})).toJSON()"
        )
        return {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}

    def screenshot(self, path: Path) -> Path:
        """Save what the page shows as a PNG file."""
        self.wait_for(
            "document.getAnimations().every(({ playState, effect }) => playState !== 'running'"
            " || effect.getTiming().iterations === Infinity)"
        )
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(self.picture())
        return path

"""A browser's process, and what tests do with a page, whichever browser shows it.

Every wait is bounded: a page that hangs fails its test with what was being waited for.
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, suppress
from pathlib import Path
from typing import Any

from typing_extensions import Self
from websockets.client import connect

START_TIMEOUT_S = 60.0
CALL_TIMEOUT_S = 20.0
CLOSE_TIMEOUT_S = 5.0
LOG = "browser.log"


class BrowserError(AssertionError):
    """The browser did not do, in time, what the test asked of it."""


def installed(names: Sequence[str]) -> str | None:
    """Return the path of the first program of these names that is installed, or None."""
    return next((path for name in names if (path := shutil.which(name))), None)


class Driven(ABC):
    """A browser in a process with a throw-away folder of its own, driven through a socket; use as a context manager.

    Attributes:
        folder: for its profile and its log.
        ending: what happens when it ends, last things first.
    """

    def __init__(self) -> None:
        super().__init__()
        self.ending = ExitStack()
        self._replies: dict[int, dict[str, Any]] = {}
        self._last_id = 0

    def __enter__(self) -> Self:
        folder = tempfile.TemporaryDirectory(prefix="talk-page-", ignore_cleanup_errors=True)
        self.folder = Path(self.ending.enter_context(folder))
        try:
            self.start()
        except BaseException:
            self.ending.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.ending.close()

    @abstractmethod
    def start(self) -> None:
        """Launch the browser, connect to it, and make it what the test asks for."""

    @abstractmethod
    def note(self, method: str, params: dict[str, Any]) -> None:
        """Keep what an event says about requests and complaints."""

    def launch(self, names: Sequence[str], *flags: str, environment: Mapping[str, str] | None = None) -> None:
        """Start the program that has one of these names."""
        executable = installed(names)
        if executable is None:
            raise BrowserError(f"no browser on the PATH: install one of {', '.join(names)}")
        self._loop = asyncio.new_event_loop()
        self.ending.callback(self._loop.close)
        log = self.ending.enter_context((self.folder / LOG).open("wb"))
        self._process = subprocess.Popen(
            [executable, *flags, "about:blank"],
            stdout=log, stderr=log, stdin=subprocess.DEVNULL, start_new_session=True,
            env={**os.environ, **(environment or {})},
        )  # fmt: skip
        self.ending.callback(self._kill)

    def _kill(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)  # the group of its own session
        self._process.wait(CLOSE_TIMEOUT_S)

    def connect(self, find_address: Callable[[], str | None]) -> None:
        """Connect to the socket whose address the browser tells, once it does."""
        deadline = time.monotonic() + START_TIMEOUT_S
        while (address := find_address()) is None:
            if time.monotonic() > deadline or self._process.poll() is not None:
                said = (self.folder / LOG).read_text(errors="replace")[-2000:]
                raise BrowserError(f"the browser did not start within {START_TIMEOUT_S:.0f} s; it said: {said}")
            time.sleep(0.05)
        self._socket = self._run(self._connected(address))
        self.ending.callback(lambda: self._run(self._close()))

    @staticmethod
    async def _connected(address: str) -> Any:
        # No pings: the loop stands still between calls and would take the silence for a lost connection.
        return await connect(address, max_size=None, ping_interval=None, open_timeout=START_TIMEOUT_S)

    async def _close(self) -> None:
        await asyncio.wait({asyncio.ensure_future(self._socket.close())}, timeout=CLOSE_TIMEOUT_S)

    def _run(self, coroutine: Any) -> Any:
        return self._loop.run_until_complete(coroutine)

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Call a method of the browser's protocol and return its result.

        Raises:
            BrowserError: The browser answers with an error, or not at all.
        """
        return self.reply(self.send(method, **params), method)

    def send(self, method: str, **params: Any) -> int:
        """Send a call, and return the number that its reply will have."""
        self._last_id += 1
        self._run(self._socket.send(json.dumps({"id": self._last_id, "method": method, "params": params})))
        return self._last_id

    def reply(self, own_id: int, method: str) -> dict[str, Any]:
        """Return the result of a call that was sent; see :meth:`call`."""
        deadline = time.monotonic() + CALL_TIMEOUT_S
        while own_id not in self._replies:
            try:
                text = self._run(asyncio.wait_for(self._socket.recv(), deadline - time.monotonic()))
            except asyncio.TimeoutError:
                raise BrowserError(f"the browser did not answer {method} within {CALL_TIMEOUT_S:.0f} s") from None
            message = json.loads(text)
            if "id" in message:
                self._replies[message["id"]] = message
            else:
                self.note(message["method"], message.get("params", {}))
        reply = self._replies.pop(own_id)
        if "error" in reply:
            raise BrowserError(f"{method}: {reply['error']} {reply.get('message', '')}")
        result: dict[str, Any] = reply["result"]
        return result


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

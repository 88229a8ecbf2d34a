"""Headless Chromium, driven through the Chrome DevTools Protocol by the packages that are installed anyway."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from page_driver import CALL_TIMEOUT_S, BrowserError, Page
from websockets.client import connect

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage",
    "--no-first-run", "--no-default-browser-check", "--disable-background-networking",
    "--disable-component-update", "--disable-default-apps", "--disable-extensions", "--disable-sync",
    "--disable-features=OptimizationHints,Translate,MediaRouter", "--metrics-recording-only",
    "--no-proxy-server", "--mute-audio", "--remote-debugging-port=0",
)  # fmt: skip
START_TIMEOUT_S = 30.0
KEYS = {"Space": (" ", 32), "Enter": ("Enter", 13), "Escape": ("Escape", 27), "Tab": ("Tab", 9)}


def find_chromium() -> str | None:
    """Return the path of an installed Chromium or Chrome, or None."""
    return next((path for name in CHROMIUM_NAMES if (path := shutil.which(name))), None)


class Browser(Page):
    """One browser with one page, its own throw-away profile and, if given, a wav file as its microphone.

    Args:
        microphone: Wav file that the fake microphone plays once from the moment it is opened; None for
            Chromium's own beeping test device.
        has_microphone: Whether the machine has one at all.
        allow_microphone: Whether the permission prompt is answered with yes or with no.
        size: Width and height of the page in CSS pixels.
        dark: Whether the person prefers a dark colour scheme.
        still: Whether they asked their system for less motion.
        language: That they read first.

    Raises:
        BrowserError: Chromium does not start.
    """

    def __init__(
        self,
        microphone: Path | None = None,
        *,
        has_microphone: bool = True,
        allow_microphone: bool = True,
        size: tuple[int, int] = (1280, 800),
        dark: bool = False,
        still: bool = False,
        language: str = "en",
    ) -> None:
        super().__init__()
        self._microphone, self._has, self._allow = microphone, has_microphone, allow_microphone
        self._size, self._dark, self._still, self._language = size, dark, still, language
        self._replies: dict[int, dict[str, Any]] = {}
        self._last_id = 0

    def __enter__(self) -> Browser:
        executable = find_chromium()
        if executable is None:
            raise BrowserError(f"no browser on the PATH: install one of {', '.join(CHROMIUM_NAMES)}")
        self._profile = tempfile.TemporaryDirectory(prefix="talk-page-", ignore_cleanup_errors=True)
        self._log = open(Path(self._profile.name, "chromium.log"), "wb")
        self._loop = asyncio.new_event_loop()
        self._process = subprocess.Popen(
            [executable, *FLAGS, *self._media_flags(), f"--user-data-dir={self._profile.name}", "about:blank"],
            stdout=self._log, stderr=self._log, stdin=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        try:
            self._socket = self._run(self._connect(self._page_address()))
            for domain in ("Page", "Runtime", "Network", "Log"):
                self.call(f"{domain}.enable")
            self.resize(*self._size)
            preferences = {
                "prefers-color-scheme": "dark" if self._dark else "light",
                "prefers-reduced-motion": "reduce" if self._still else "no-preference",
            }
            features = [{"name": name, "value": value} for name, value in preferences.items()]
            self.call("Emulation.setEmulatedMedia", features=features)
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._run(asyncio.wait_for(self._socket.close(), 5))
        except (asyncio.TimeoutError, OSError):
            self.complaints.append("the DevTools connection did not close in 5 s")
        finally:
            self._stop()

    def _stop(self) -> None:
        try:
            os.killpg(self._process.pid, signal.SIGTERM)  # the group that start_new_session made: only our Chromium
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(5)
        except ProcessLookupError:
            self._process.wait(5)
        self._loop.close()
        self._log.close()
        self._profile.cleanup()

    def _media_flags(self) -> list[str]:
        flags = ["--use-fake-ui-for-media-stream" if self._allow else "--deny-permission-prompts"]
        flags.append(f"--accept-lang={self._language}")
        if self._has:
            flags.append("--use-fake-device-for-media-stream")
        if self._microphone is not None:
            flags.append(f"--use-file-for-fake-audio-capture={self._microphone}%noloop")
        return flags

    def _page_address(self) -> str:
        """The WebSocket address of the first page, once Chromium has written its port down."""
        port_file = Path(self._profile.name, "DevToolsActivePort")
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                break
            if port_file.exists() and (text := port_file.read_text()):
                with direct.open(f"http://127.0.0.1:{text.split()[0]}/json/list", timeout=5) as answer:
                    pages = [target for target in json.load(answer) if target["type"] == "page"]
                if pages:
                    return str(pages[0]["webSocketDebuggerUrl"])
            time.sleep(0.1)
        log = Path(self._profile.name, "chromium.log").read_text(errors="replace")[-2000:]
        raise BrowserError(f"Chromium did not start within {START_TIMEOUT_S:.0f} s; it said: {log}")

    @staticmethod
    async def _connect(address: str) -> Any:
        # No pings: the loop stands still between calls and would take the silence for a lost connection.
        return await connect(address, max_size=None, ping_interval=None, open_timeout=START_TIMEOUT_S)

    def _run(self, coroutine: Coroutine[Any, Any, Any]) -> Any:
        return self._loop.run_until_complete(coroutine)

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Call a DevTools method and return its result.

        Raises:
            BrowserError: The browser answers with an error, or not at all.
        """
        return self._reply(self._send(method, **params), method)

    def _send(self, method: str, **params: Any) -> int:
        self._last_id += 1
        self._run(self._socket.send(json.dumps({"id": self._last_id, "method": method, "params": params})))
        return self._last_id

    def _reply(self, own_id: int, method: str) -> dict[str, Any]:
        deadline = time.monotonic() + CALL_TIMEOUT_S
        while own_id not in self._replies:
            try:
                self._note(json.loads(self._run(asyncio.wait_for(self._socket.recv(), deadline - time.monotonic()))))
            except asyncio.TimeoutError:
                raise BrowserError(f"the browser did not answer {method} within {CALL_TIMEOUT_S:.0f} s") from None
        reply = self._replies.pop(own_id)
        if "error" in reply:
            raise BrowserError(f"{method}: {reply['error']}")
        result: dict[str, Any] = reply["result"]
        return result

    def _note(self, message: dict[str, Any]) -> None:
        """Keep a reply, or what an event says about requests and complaints."""
        params = message.get("params", {})
        if "id" in message:
            self._replies[message["id"]] = message
        elif message["method"] == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])
        elif message["method"] == "Network.webSocketCreated":
            self.requests.append(params["url"])
        elif message["method"] == "Runtime.exceptionThrown":
            details = params["exceptionDetails"]
            self.complaints.append(details.get("exception", {}).get("description", details["text"]))
        elif message["method"] == "Log.entryAdded" and params["entry"]["level"] == "error":
            self.complaints.append(f"{params['entry']['text']} {params['entry'].get('url', '')}")

    def resize(self, width: int, height: int, *, scale: float = 1) -> None:
        """Give the page a size in CSS pixels; ``scale`` is the number of device pixels to one of them."""
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=scale,
            mobile=width < 600,
        )

    def open(self, url: str) -> None:
        """Go to ``url`` and wait until it has loaded."""
        if error := self.call("Page.navigate", url=url).get("errorText"):
            raise BrowserError(f"{url}: {error}")
        self.wait_for("location.href !== 'about:blank' && document.readyState === 'complete'")

    def evaluate(self, expression: str) -> Any:
        """Return the JSON value of a JavaScript expression; a promise is awaited."""
        answer = self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True, userGesture=False
        )
        if "exceptionDetails" in answer:
            raise BrowserError(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    @contextmanager
    def holding(self, selector: str) -> Iterator[None]:
        """Hold the mouse button down on an element."""
        where = self.middle(selector)
        self.call("Input.dispatchMouseEvent", type="mousePressed", button="left", clickCount=1, **where)
        try:
            yield
        finally:
            self.call("Input.dispatchMouseEvent", type="mouseReleased", button="left", clickCount=1, **where)

    def click(self, selector: str) -> None:
        """Click an element: down and up are sent together, so that a slow page does not take it for a long press."""
        where = self.middle(selector)
        kinds = ("mousePressed", "mouseReleased")
        method = "Input.dispatchMouseEvent"
        for sent in [self._send(method, type=kind, button="left", clickCount=1, **where) for kind in kinds]:
            self._reply(sent, method)

    @contextmanager
    def holding_key(self, code: str) -> Iterator[None]:
        """Hold down one of the keys in KEYS."""
        key, number = KEYS[code]
        common = {"key": key, "code": code, "windowsVirtualKeyCode": number}
        text = {"text": "\r" if code == "Enter" else " "} if code in ("Enter", "Space") else {}
        self.call("Input.dispatchKeyEvent", type="keyDown", **common, **text)
        try:
            yield
        finally:
            self.call("Input.dispatchKeyEvent", type="keyUp", **common)

    def type(self, selector: str, text: str) -> None:
        """Click into a field and type."""
        self.click(selector)
        self.call("Input.insertText", text=text)

    def offline(self, on: bool) -> None:
        """Take the page's network away, or give it back."""
        self.call("Network.emulateNetworkConditions", offline=on, latency=0, downloadThroughput=-1, uploadThroughput=-1)

    def forbid_microphone(self) -> None:
        """Withdraw the permission, as a person does in the browser's site settings."""
        self.call("Browser.setPermission", permission={"name": "microphone"}, setting="denied")

    def picture(self) -> bytes:
        """Return what the page shows as a PNG file."""
        return base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"])

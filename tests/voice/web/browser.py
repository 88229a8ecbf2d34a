"""Headless Chromium, driven through the Chrome DevTools Protocol by the packages that are installed anyway."""

from __future__ import annotations

import base64
import functools
import json
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from page_driver import BrowserError, Driven, Page, installed

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-dev-shm-usage",
    "--no-first-run", "--no-default-browser-check", "--disable-background-networking",
    "--disable-component-update", "--disable-default-apps", "--disable-extensions", "--disable-sync",
    "--disable-features=OptimizationHints,Translate,MediaRouter", "--metrics-recording-only",
    "--no-proxy-server", "--mute-audio", "--remote-debugging-port=0",
)  # fmt: skip
KEYS = {"Space": (" ", 32), "Enter": ("Enter", 13), "Escape": ("Escape", 27), "Tab": ("Tab", 9)}


find_chromium = functools.partial(installed, CHROMIUM_NAMES)


class Browser(Driven, Page):
    """One browser with one page and, if given, a wav file as its microphone.

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

    def start(self) -> None:
        self.launch(CHROMIUM_NAMES, *FLAGS, *self._media_flags(), f"--user-data-dir={self.folder}")
        self.connect(self._page_address)
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")
        self.resize(*self._size)
        preferences = {
            "prefers-color-scheme": "dark" if self._dark else "light",
            "prefers-reduced-motion": "reduce" if self._still else "no-preference",
        }
        features = [{"name": name, "value": value} for name, value in preferences.items()]
        self.call("Emulation.setEmulatedMedia", features=features)

    def _media_flags(self) -> list[str]:
        flags = ["--use-fake-ui-for-media-stream" if self._allow else "--deny-permission-prompts"]
        flags.append(f"--accept-lang={self._language}")
        if self._has:
            flags.append("--use-fake-device-for-media-stream")
        if self._microphone is not None:
            flags.append(f"--use-file-for-fake-audio-capture={self._microphone}%noloop")
        return flags

    def _page_address(self) -> str | None:
        """The WebSocket address of the first page, once Chromium has written its port down."""
        port_file = self.folder / "DevToolsActivePort"
        if not port_file.exists() or not (text := port_file.read_text()):
            return None
        direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with direct.open(f"http://127.0.0.1:{text.split()[0]}/json/list", timeout=5) as answer:
            pages = (target for target in json.load(answer) if target["type"] == "page")
            return next((str(target["webSocketDebuggerUrl"]) for target in pages), None)

    def note(self, method: str, params: dict[str, Any]) -> None:
        if method == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])
        elif method == "Network.webSocketCreated":
            self.requests.append(params["url"])
        elif method == "Runtime.exceptionThrown":
            details = params["exceptionDetails"]
            self.complaints.append(details.get("exception", {}).get("description", details["text"]))
        elif method == "Log.entryAdded" and params["entry"]["level"] == "error":
            self.complaints.append(f"{params['entry']['text']} {params['entry'].get('url', '')}")

    def resize(self, width: int, height: int, *, scale: float = 1) -> None:
        self.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=scale,
            mobile=width < 600,
        )

    def open(self, url: str) -> None:
        if error := self.call("Page.navigate", url=url).get("errorText"):
            raise BrowserError(f"{url}: {error}")
        self.wait_for("location.href !== 'about:blank' && document.readyState === 'complete'")

    def evaluate(self, expression: str) -> Any:
        answer = self.call(
            "Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True, userGesture=False
        )
        if "exceptionDetails" in answer:
            raise BrowserError(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    @contextmanager
    def holding(self, selector: str) -> Iterator[None]:
        where = self.middle(selector)
        self.call("Input.dispatchMouseEvent", type="mousePressed", button="left", clickCount=1, **where)
        try:
            yield
        finally:
            self.call("Input.dispatchMouseEvent", type="mouseReleased", button="left", clickCount=1, **where)

    def click(self, selector: str) -> None:
        where = self.middle(selector)
        kinds = ("mousePressed", "mouseReleased")
        method = "Input.dispatchMouseEvent"
        for sent in [self.send(method, type=kind, button="left", clickCount=1, **where) for kind in kinds]:
            self.reply(sent, method)

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
        self.click(selector)
        self.call("Input.insertText", text=text)

    def offline(self, on: bool) -> None:
        """Take the page's network away, or give it back."""
        self.call("Network.emulateNetworkConditions", offline=on, latency=0, downloadThroughput=-1, uploadThroughput=-1)

    def forbid_microphone(self) -> None:
        """Withdraw the permission, as a person does in the browser's site settings."""
        self.call("Browser.setPermission", permission={"name": "microphone"}, setting="denied")

    def picture(self) -> bytes:
        return base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"])

"""Headless Firefox, driven through WebDriver BiDi; a loudspeaker that nobody hears, and a wav file as its microphone.

One process shows many pages, each in a profile of its own, as starting it takes seconds. Its sound goes to a
PulseAudio of ours; without that program Firefox has neither a loudspeaker nor a microphone.
"""

from __future__ import annotations

import base64
import contextlib
import functools
import json
import os
import re
import shutil
import subprocess
import threading
import time
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from page_driver import LOG, START_TIMEOUT_S, BrowserError, Driven, Page, installed

FIREFOX_NAMES = ("firefox-esr", "firefox")
LEFT = "was interrupted while the page was loading"  # Firefox's word for a socket of a page that is left
KEYS = {"Space": " ", "Enter": "\ue007", "Escape": "\ue00c", "Tab": "\ue004"}
RATE = 22_050  # of the microphone, Hz: that of the voice which is recorded for it
PULSE_FLAGS = ("-n", "--daemonize=no", "--use-pid-file=no", "--disable-shm=yes", "--exit-idle-time=-1")
FLAGS = ("--headless", "--no-remote", "--remote-debugging-port=0")
PREFERENCES = {
    "app.update.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "network.proxy.type": 0,
    "remote.active-protocols": 1,
    "toolkit.telemetry.reportingpolicy.firstRun": False,
}


find_firefox = functools.partial(installed, FIREFOX_NAMES)


def has_sound() -> bool:
    """Whether Firefox can be given a loudspeaker and a microphone."""
    return shutil.which("pulseaudio") is not None


class _Sound:
    """A PulseAudio server with a loudspeaker that leads nowhere and a microphone that hears what it is given.

    Args:
        folder: for its socket, and for the pipe that is the microphone.
    """

    def __init__(self, folder: Path) -> None:
        self._pipe = folder / "microphone"
        socket = folder / "pulse"
        self.environment = {"PULSE_SERVER": f"unix:{socket}"}
        modules = [
            "module-null-sink sink_name=loudspeaker",
            f"module-pipe-source source_name=microphone file={self._pipe} format=s16le rate={RATE} channels=1",
            f"module-native-protocol-unix auth-anonymous=1 socket={socket}",
        ]
        loading = [word for module in modules for word in ("-L", module)]
        self._server = subprocess.Popen(
            ["pulseaudio", *PULSE_FLAGS, *loading],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env={**os.environ, **self.environment},
        )  # fmt: skip
        deadline = time.monotonic() + START_TIMEOUT_S
        while self._control("set-default-source", "microphone").returncode != 0:
            if time.monotonic() > deadline or self._server.poll() is not None:
                raise BrowserError("PulseAudio did not start")
            time.sleep(0.05)
        self._said = threading.Event()
        self._closed = threading.Event()
        self._wav: Path | None = None
        self._speaking = threading.Thread(target=self._speak, daemon=True)
        self._speaking.start()

    def say(self, wav: Path) -> None:
        """Let the microphone hear a recording from the moment that somebody listens."""
        self._wav = wav
        self._said.set()

    def close(self) -> None:
        self._closed.set()
        self._said.set()
        self._speaking.join(10)
        self._server.terminate()
        self._server.wait(10)

    def _control(self, *words: str) -> subprocess.CompletedProcess[str]:
        environment = {**os.environ, **self.environment}
        return subprocess.run(["pactl", *words], env=environment, capture_output=True, text=True, check=False)

    def _speak(self) -> None:
        while True:
            self._said.wait()
            if self._closed.is_set() or self._wav is None:
                return
            while "RUNNING" not in self._source():
                if self._closed.wait(0.05):
                    return
            self._said.clear()
            self._play(self._wav)

    def _source(self) -> str:
        lines = self._control("list", "short", "sources").stdout.splitlines()
        return next((line for line in lines if "\tmicrophone\t" in line), "")

    def _play(self, path: Path) -> None:
        with wave.open(str(path)) as file:
            rate, sound = file.getframerate(), file.readframes(file.getnframes())
        if rate != RATE:
            raise BrowserError(f"{path} has {rate} Hz, and the microphone {RATE}")
        step = 2 * (rate // 50)
        with open(self._pipe, "wb", buffering=0) as pipe:
            begun = time.monotonic()
            for number, start in enumerate(range(0, len(sound), step)):
                if self._closed.is_set():
                    return
                time.sleep(max(0.0, begun + number / 50 - time.monotonic()))
                with contextlib.suppress(BlockingIOError):
                    pipe.write(sound[start : start + step])


class Firefox(Driven):
    """A process, to take pages from.

    Args:
        has_output: Whether there is a loudspeaker.
        has_microphone: Whether there is one.
        allow_microphone: Whether the permission prompt is answered with yes or with no.
    """

    def __init__(self, *, has_output: bool = True, has_microphone: bool = True, allow_microphone: bool = True) -> None:
        super().__init__()
        self._has_output, self._has_microphone = has_output and has_sound(), has_microphone
        self._allow = allow_microphone
        self._pages: dict[str, FirefoxPage] = {}
        self.sound: _Sound | None = None

    def start(self) -> None:
        if self._has_output:
            self.sound = _Sound(self.folder)
            self.ending.callback(self.sound.close)
        environment = self.sound.environment if self.sound else {"PULSE_SERVER": f"unix:{self.folder / 'none'}"}
        preferences = {
            **PREFERENCES,
            "media.navigator.streams.fake": self._has_microphone and self.sound is None,
            "media.navigator.permission.disabled": self._allow,
            "permissions.default.microphone": 0 if self._allow else 2,  # a page that has it may play without a gesture
        }
        lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in preferences.items()]
        (self.folder / "user.js").write_text("\n".join(lines))
        self.launch(FIREFOX_NAMES, *FLAGS, "--profile", str(self.folder), environment=environment)
        self.connect(self._address)
        self.call("session.new", capabilities={})
        self.call("session.subscribe", events=["log.entryAdded", "network.beforeRequestSent"])

    def _address(self) -> str | None:
        said = (self.folder / LOG).read_text(errors="replace")
        found = re.search(r"WebDriver BiDi listening on (ws://\S+)", said)
        return f"{found[1]}/session" if found else None

    def note(self, method: str, params: dict[str, Any]) -> None:
        page = self._pages.get(params.get("context") or params.get("source", {}).get("context") or "")
        if page is None:
            return
        if method == "network.beforeRequestSent":
            page.requests.append(params["request"]["url"])
        elif params["level"] == "error" and LEFT not in params["text"]:
            page.complaints.append(params["text"])

    @contextmanager
    def page(
        self,
        microphone: Path | None = None,
        *,
        size: tuple[int, int] = (1280, 800),
        dark: bool = False,
        still: bool = False,
        language: str = "en",
    ) -> Iterator[FirefoxPage]:
        """Show a page in a profile of its own; the arguments are those of ``Browser``.

        ``dark`` and ``still`` are the page's own style sheets' to know, so they hold for pages opened from now on.
        """
        if microphone is not None and self.sound is not None:
            self.sound.say(microphone)
        profile = self.call("browser.createUserContext")["userContext"]
        context = self.call("browsingContext.create", type="window", userContext=profile)["context"]
        page = self._pages[context] = FirefoxPage(self, context)
        try:
            page.resize(*size)
            self.call("emulation.setLocaleOverride", locale=language, contexts=[context])
            if dark or still:
                page.prefer(dark=dark, still=still)
            yield page
        finally:
            del self._pages[context]
            self.call("browser.removeUserContext", userContext=profile)


class FirefoxPage(Page):
    """One page of a Firefox."""

    def __init__(self, firefox: Firefox, context: str) -> None:
        super().__init__()
        self._firefox, self._context = firefox, context

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Call a BiDi method on this page."""
        return self._firefox.call(method, context=self._context, **params)

    def prefer(self, *, dark: bool, still: bool) -> None:
        """Let the page believe that the person prefers dark colors, or less motion."""
        answers = {"(prefers-color-scheme: dark)": dark, "(prefers-reduced-motion: reduce)": still}
        self._firefox.call(
            "script.addPreloadScript",
            contexts=[self._context],
            functionDeclaration=f"""() => {{
              const answers = {json.dumps(answers)};
              const ask = window.matchMedia.bind(window);
              window.matchMedia = (query) => (query in answers
                ? Object.assign(new EventTarget(), {{ media: query, matches: answers[query] }}) : ask(query));
            }}""",
        )

    def open(self, url: str) -> None:
        self.call("browsingContext.navigate", url=url, wait="complete")

    def evaluate(self, expression: str) -> Any:
        answer = self._firefox.call(
            "script.evaluate",
            expression=f"Promise.resolve({expression}).then((value) => JSON.stringify(value))",
            target={"context": self._context},
            awaitPromise=True,
        )
        if answer["type"] == "exception":
            raise BrowserError(f"{expression}: {answer['exceptionDetails']['text']}")
        text = answer["result"].get("value")
        return None if text is None else json.loads(text)

    def resize(self, width: int, height: int, *, scale: float = 1) -> None:
        self.call("browsingContext.setViewport", viewport={"width": width, "height": height}, devicePixelRatio=scale)

    def _point(self, *actions: dict[str, Any]) -> None:
        self.call("input.performActions", actions=[{"type": "pointer", "id": "mouse", "actions": list(actions)}])

    def _to(self, selector: str) -> dict[str, Any]:
        where = self.middle(selector)
        return {"type": "pointerMove", "x": round(where["x"]), "y": round(where["y"])}

    @contextmanager
    def holding(self, selector: str) -> Iterator[None]:
        self._point(self._to(selector), {"type": "pointerDown", "button": 0})
        try:
            yield
        finally:
            self._point({"type": "pointerUp", "button": 0})

    def click(self, selector: str) -> None:
        self._point(
            self._to(selector), {"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}
        )  # fmt: skip

    def _key(self, *actions: dict[str, Any]) -> None:
        self.call("input.performActions", actions=[{"type": "key", "id": "keyboard", "actions": list(actions)}])

    @contextmanager
    def holding_key(self, code: str) -> Iterator[None]:
        self._key({"type": "keyDown", "value": KEYS[code]})
        try:
            yield
        finally:
            self._key({"type": "keyUp", "value": KEYS[code]})

    def type(self, selector: str, text: str) -> None:
        self.click(selector)
        self._key(*({"type": kind, "value": letter} for letter in text for kind in ("keyDown", "keyUp")))

    def picture(self) -> bytes:
        return base64.b64decode(self.call("browsingContext.captureScreenshot")["data"])

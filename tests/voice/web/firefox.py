"""Headless Firefox, driven through WebDriver BiDi; a loudspeaker that nobody hears, and a wav file as its microphone.

One process shows many pages, each in a profile of its own, as starting it takes seconds. Its sound goes to a
PulseAudio of ours; without that program Firefox has neither a loudspeaker nor a microphone.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from page_driver import CALL_TIMEOUT_S, BrowserError, Page
from websockets.client import connect
from websockets.exceptions import ConnectionClosed

FIREFOX_NAMES = ("firefox-esr", "firefox")
START_TIMEOUT_S = 60.0
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


def find_firefox() -> str | None:
    """Return the path of an installed Firefox, or None."""
    return next((path for name in FIREFOX_NAMES if (path := shutil.which(name))), None)


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


class Firefox:
    """A process; use as a context manager, and take pages from it.

    Args:
        has_output: Whether there is a loudspeaker.
        has_microphone: Whether there is one.
        allow_microphone: Whether the permission prompt is answered with yes or with no.
    """

    def __init__(self, *, has_output: bool = True, has_microphone: bool = True, allow_microphone: bool = True) -> None:
        self._has_output, self._has_microphone = has_output and has_sound(), has_microphone
        self._allow = allow_microphone
        self._replies: dict[int, dict[str, Any]] = {}
        self._pages: dict[str, FirefoxPage] = {}
        self._last_id = 0
        self._socket: Any = None
        self.sound: _Sound | None = None

    def __enter__(self) -> Firefox:
        executable = find_firefox()
        if executable is None:
            raise BrowserError(f"no Firefox on the PATH: install one of {', '.join(FIREFOX_NAMES)}")
        self._profile = tempfile.TemporaryDirectory(prefix="talk-firefox-", ignore_cleanup_errors=True)
        folder = Path(self._profile.name)
        if self._has_output:
            self.sound = _Sound(folder)
        environment = self.sound.environment if self.sound else {"PULSE_SERVER": f"unix:{folder / 'none'}"}
        fake = self._has_microphone and self.sound is None
        preferences = {
            **PREFERENCES,
            "media.navigator.streams.fake": fake,
            "media.navigator.permission.disabled": self._allow,
            "permissions.default.microphone": 0 if self._allow else 2,  # a page that has it may play without a gesture
        }
        lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in preferences.items()]
        (folder / "user.js").write_text("\n".join(lines))
        self._loop = asyncio.new_event_loop()
        self._log = open(folder / "firefox.log", "wb")
        self._process = subprocess.Popen(
            [executable, *FLAGS, "--profile", str(folder), "about:blank"],
            stdout=self._log, stderr=self._log, stdin=subprocess.DEVNULL, start_new_session=True,
            env={**os.environ, **environment},
        )  # fmt: skip
        try:
            self._socket = self._run(self._connect(self._address(folder / "firefox.log")))
            self.call("session.new", capabilities={})
            self.call("session.subscribe", events=["log.entryAdded", "network.beforeRequestSent"])
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._stop()

    def _stop(self) -> None:
        with contextlib.ExitStack() as steps:
            steps.callback(self._profile.cleanup)
            steps.callback(self._log.close)
            steps.callback(self._loop.close)
            if self.sound is not None:
                steps.callback(self.sound.close)
            steps.callback(self._process.wait, 5)
            if self._socket is not None:
                with contextlib.suppress(ConnectionClosed, asyncio.TimeoutError):
                    self._run(asyncio.wait_for(self._socket.close(), 2))
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)  # the group that start_new_session made: only our Firefox

    def _address(self, log: Path) -> str:
        deadline = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < deadline and self._process.poll() is None:
            if found := re.search(r"WebDriver BiDi listening on (ws://\S+)", log.read_text(errors="replace")):
                return f"{found[1]}/session"
            time.sleep(0.05)
        raise BrowserError(f"Firefox did not start; it said: {log.read_text(errors='replace')[-2000:]}")

    @staticmethod
    async def _connect(address: str) -> Any:
        # No pings: the loop stands still between calls and would take the silence for a lost connection.
        return await connect(address, max_size=None, ping_interval=None, open_timeout=START_TIMEOUT_S)

    def _run(self, coroutine: Any) -> Any:
        return self._loop.run_until_complete(coroutine)

    def call(self, method: str, **params: Any) -> dict[str, Any]:
        """Call a BiDi method and return its result.

        Raises:
            BrowserError: The browser answers with an error, or not at all.
        """
        self._last_id += 1
        self._run(self._socket.send(json.dumps({"id": self._last_id, "method": method, "params": params})))
        deadline = time.monotonic() + CALL_TIMEOUT_S
        while self._last_id not in self._replies:
            try:
                self._note(json.loads(self._run(asyncio.wait_for(self._socket.recv(), deadline - time.monotonic()))))
            except asyncio.TimeoutError:
                raise BrowserError(f"the browser did not answer {method} within {CALL_TIMEOUT_S:.0f} s") from None
        reply = self._replies.pop(self._last_id)
        if reply["type"] == "error":
            raise BrowserError(f"{method}: {reply['error']}: {reply['message']}")
        result: dict[str, Any] = reply["result"]
        return result

    def _note(self, message: dict[str, Any]) -> None:
        if "id" in message:
            self._replies[message["id"]] = message
            return
        params = message["params"]
        page = self._pages.get(params.get("context") or params.get("source", {}).get("context") or "")
        if page is None:
            return
        if message["method"] == "network.beforeRequestSent":
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

"""A service around an engine of a few lines, which hears and says what a test tells it to."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncGenerator, Iterator, Sequence
from typing import Any, Callable

import httpx
import numpy as np

from convai_rasa.asr import Request, Transcript
from convai_rasa.audio import Sound
from convai_rasa.speech.batches import Load
from convai_rasa.speech.options import SpeechOptions

VOICES = ["tts/vits-joe", "tts/other"]
START_S = 20.0


class ScriptedEngines:
    """Engines that wait until they are let go on.

    Attributes:
        requests: what was recognized.
        outcome: what every recognition ends with.
        spoken: texts, with the voice, speed and language that were asked for.
        sounds: what every text is spoken as; an error among them is raised in its place.
        go: holds the work back while it is clear.
        given_up: set when work has been.
    """

    load = Load()

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.outcome: Any = Transcript("A table for two.", 0.9, "en", 1.0, 0.01)
        self.spoken: list[tuple[str, str, float, str | None]] = []
        self.sounds: list[Any] = [tone(0.2), tone(0.3)]
        self.go = threading.Event()
        self.go.set()
        self.begun = threading.Event()
        self.given_up = threading.Event()

    async def recognize(self, request: Request) -> Transcript:
        self.requests.append(request)
        await self._let_go()
        if isinstance(self.outcome, Exception):
            raise self.outcome
        return self.outcome

    async def speak(self, text: str, *, voice: str, speed: float, language: str | None) -> AsyncGenerator[Sound, None]:
        self.spoken.append((text, voice, speed, language))
        try:
            for number, sound in enumerate(self.sounds):
                if number:
                    await self._let_go()
                if isinstance(sound, Exception):
                    raise sound
                yield sound
        finally:
            self.given_up.set()

    async def languages(self) -> dict[str, Sequence[str]]:
        return {"whisper/base": ("en", "de"), "tts/vits-joe": ("en",)}

    def close(self) -> None:
        self.go.set()

    async def _let_go(self) -> None:
        self.begun.set()
        try:
            while not self.go.is_set():
                await asyncio.sleep(0.005)
        except asyncio.CancelledError:
            self.given_up.set()
            raise


class Served:
    """A running service.

    Attributes:
        engines: behind it.
        desk: in front of them.
        url: where HTTP is spoken.
        wyoming: where Wyoming is.
    """

    def __init__(self, engines: ScriptedEngines, desk: Any, url: str, wyoming: str, loop: Any) -> None:
        self.engines = engines
        self.desk = desk
        self.url = url
        self.wyoming = wyoming
        self.loop = loop

    def client(self, **more: Any) -> httpx.Client:
        return httpx.Client(base_url=self.url, timeout=20, **more)

    def run(self, work: Any) -> Any:
        """Do something on the service's own event loop."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(20)


Serve = Callable[..., Served]


@contextlib.contextmanager
def serving(options: SpeechOptions, tokens: Sequence[str], opened: bool) -> Iterator[Served]:
    from convai_rasa.launch import bound
    from convai_rasa.speech.app import make_app
    from convai_rasa.speech.desk import Desk
    from convai_rasa.speech.prometheus import Metrics
    from convai_rasa.speech.serving import http_server
    from convai_rasa.speech.wyoming_server import WyomingServer

    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    engines = ScriptedEngines()
    with bound("127.0.0.1", 0, option="--port") as address, bound("127.0.0.1", 0, option="--port") as home:

        async def begin() -> Any:
            desk = Desk(options, Metrics())
            if opened:
                desk.open(engines)
            server = http_server(make_app(desk, tokens))
            task = asyncio.ensure_future(server.serve(sockets=[address]))
            wyoming = WyomingServer(desk)
            await wyoming.start(home)
            while not server.started:
                await asyncio.sleep(0.005)
            return desk, server, task, wyoming

        desk, server, task, wyoming = asyncio.run_coroutine_threadsafe(begin(), loop).result(START_S)
        url, at_home = (f"127.0.0.1:{each.getsockname()[1]}" for each in (address, home))
        served = Served(engines, desk, f"http://{url}", f"tcp://{at_home}", loop)
        try:
            yield served
        finally:
            engines.go.set()

            async def end() -> None:
                await wyoming.close()
                server.should_exit = True
                await task
                desk.close()

            served.run(end())
            loop.call_soon_threadsafe(loop.stop)
            thread.join(START_S)


def tone(seconds: float, rate: int = 22_050) -> Sound:
    return Sound((9_000 * np.sin(np.arange(int(seconds * rate)) / 8)).astype(np.int16), rate)

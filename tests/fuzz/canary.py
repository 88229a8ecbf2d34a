"""An honest caller in a process of its own: asks, and writes down how long each answer took.

``python canary.py ADDRESS``, the token in the environment as ``CANARY_TOKEN``. It stops when its input is closed.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
import time
from typing import Any

from convai_rasa.errors import ConvaiError
from convai_rasa.voice.wire import messages as m
from convai_rasa.voice.wire.client import VoiceClient

QUESTION = "what are your opening hours"
EVERY_S = 0.5
NEW_EVERY_S = 4.0
PATIENCE_S = 30.0
LONGEST_S = 400.0  # it stops by itself


async def main(url: str) -> None:
    """Ask until the input is closed."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(sys.stdin.fileno(), stop.set)
    loop.call_later(LONGEST_S, stop.set)
    await asyncio.gather(_keep_asking(url, stop), _keep_opening(url, stop))


async def _keep_asking(url: str, stop: asyncio.Event) -> None:
    async with VoiceClient(url, _start()) as client:
        while not stop.is_set():
            began = time.monotonic()
            try:
                await client.send(m.Text(text=QUESTION))
                answer = await _first_message(client, began)
            except ConvaiError as error:
                _write("typed", began, f"failed: {error}")
                return
            _write("typed", began, "answered" if answer else "silent")
            await _listen_until(client, began + EVERY_S)


async def _keep_opening(url: str, stop: asyncio.Event) -> None:
    while not stop.is_set():
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(stop.wait(), NEW_EVERY_S)
        began = time.monotonic()
        try:
            async with VoiceClient(url, _start()):
                _write("opened", began, "answered")
        except ConvaiError as error:
            _write("opened", began, f"refused: {error}")


def _start() -> m.Start:
    return m.Start(token=os.environ["CANARY_TOKEN"])


async def _first_message(client: VoiceClient, began: float) -> bool:
    while time.monotonic() < began + PATIENCE_S:
        event = await client.receive(PATIENCE_S)
        if isinstance(event, m.BotMessage) and event.text:
            return True
    return False


async def _listen_until(client: VoiceClient, when: float) -> None:
    """Take the sound of the answer; at least for a moment, in which nothing else of it may come."""
    while True:
        left = max(when - time.monotonic(), 0.05)
        try:
            event: Any = await asyncio.wait_for(client.receive(PATIENCE_S), left)
        except asyncio.TimeoutError:
            return
        if isinstance(event, m.BotMessage):
            _write("surplus", time.monotonic(), event.text or "")
        if time.monotonic() > when + 1:
            return


def _write(kind: str, began: float, outcome: str) -> None:
    line = {"kind": kind, "at": began, "s": round(time.monotonic() - began, 3), "outcome": outcome}
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))

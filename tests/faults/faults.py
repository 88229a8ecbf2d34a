"""What a fault is, and the list of them all: the modules beside this one fill it when they are imported."""

from __future__ import annotations

import asyncio
import contextlib
import functools
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any, Callable

import numpy as np
import requests
from callers import APOLOGY, HELLO, WELCOME, Caller
from house import House

from convai_rasa.tts import SharedVoice
from convai_rasa.voice.wire.client import BotTurn

NOTE_S = 30.0


@dataclass
class Scene:
    """Who is there when something goes wrong.

    Attributes:
        house: the servers.
        ann: the caller whom it happens to.
        bob: another caller, there all the time.
        question: "Do you have parking?" spoken, int16 at 16 kHz.
        recording: the same as a wav file.
        voice: a voice like the servers'.
        stack: holds the callers.
    """

    house: House
    ann: Caller
    bob: Caller
    question: np.ndarray
    recording: bytes
    voice: SharedVoice
    stack: contextlib.AsyncExitStack

    async def others_go_on(self) -> None:
        """Somebody else is answered now."""
        turn = await self.bob.ask(HELLO, 10)
        assert WELCOME in turn.text, turn
        assert not turn.errors

    def newcomer(self) -> Caller:
        """Return somebody who has not called yet."""
        return Caller(self.house.url)

    async def come_back(self) -> Caller:
        """Let Ann connect again and go on with her conversation."""
        back = Caller(self.house.url, session_id=self.ann.session_id, name=self.ann.name)
        back.answered, back.said = self.ann.answered, self.ann.said
        self.ann = await self.stack.enter_async_context(back)
        assert back.resumed
        return back

    async def note(self, recording: bytes | None = None) -> tuple[int, dict[str, Any]]:
        """Send a voice note; return the answer's status and content."""
        data = self.recording if recording is None else recording
        post = functools.partial(requests.post, self.house.url + "message", files={"audio": data}, timeout=NOTE_S)
        answer = await asyncio.get_running_loop().run_in_executor(None, post)
        return answer.status_code, dict(answer.json())


Happen = Callable[[Any], Awaitable[Any]]
"""Is given a ``Scene``; those of the group ``starting`` a folder, and they return what was printed."""


@dataclass(frozen=True)
class Fault:
    """Something that goes wrong.

    Attributes:
        name: a sentence, the same in docs/operations.md.
        group: of the table.
        happen: does it, sees what the caller gets, and undoes it.
        log: a piece of what the log says; empty: nothing.
        shell: how a shell starts Rasa, if not simply.
    """

    name: str
    group: str
    happen: Happen
    log: str = ""
    shell: str = ""

    def __str__(self) -> str:
        return self.name


FAULTS: list[Fault] = []


def fault(name: str, *, log: str = "", shell: str = "") -> Callable[[Happen], Happen]:
    """Put a function into the list; its group is its module.

    Args:
        name: a sentence.
        log: a piece of what the log says.
        shell: how a shell starts Rasa, if not simply.
    """

    def add(happen: Happen) -> Happen:
        FAULTS.append(Fault(name, happen.__module__.removesuffix("_faults"), happen, log, shell))
        return happen

    return add


def faults_of(*groups: str) -> list[Fault]:
    """Return the faults of some groups, in the groups' order."""
    return [fault for group in groups for fault in FAULTS if fault.group == group]


def fault_named(name: str) -> Fault:
    """Return one fault."""
    return next(fault for fault in FAULTS if fault.name == name)


def check_apology(turn: BotTurn, code: str = "bot_failed") -> None:
    """The caller got an error with a sentence, and heard one."""
    assert [error.code for error in turn.errors] == [code], turn
    assert turn.errors[0].message.endswith("."), turn.errors
    apologies = [message.id for message in turn.messages if message.text and APOLOGY in message.text]
    assert len(apologies) == 1, turn
    assert len(turn.audio[apologies[0]]) > 8_000, "it was not said"

"""The loop that speaks, in this process: who comes first, and how far ahead of its listener it goes."""

from __future__ import annotations

import threading
from typing import Any, Iterator, Optional

import numpy as np
import pytest

from convai_rasa.tts.worker_main import Inbox, Wish, _serve


class Letters:
    """A voice that speaks 100 samples a letter."""

    def stream(self, text: str, *, speed: float = 1.0, language: Optional[str] = None) -> Iterator[np.ndarray]:
        for _ in text:
            yield np.zeros(100, np.int16)


class Line:
    """The pipe's end in the child: keeps what is sent."""

    def __init__(self) -> None:
        self.messages: list[tuple[Any, ...]] = []

    def send(self, *message: Any) -> None:
        self.messages.append(message)

    def chunks(self, number: int) -> int:
        return sum(message[:2] == ("chunk", number) for message in self.messages)


@pytest.fixture
def inbox() -> Inbox:
    return Inbox(lead=250)


@pytest.fixture
def line(inbox: Inbox) -> Line:
    line = Line()
    threading.Thread(target=_serve, args=(line, inbox, Letters()), daemon=True).start()
    return line


def quiet(inbox: Inbox) -> None:
    assert inbox.quiet.wait(10)


def test_it_stops_when_it_is_far_enough_ahead_and_goes_on_when_sound_is_taken(inbox: Inbox, line: Line) -> None:
    inbox.speak(Wish(1, "abcdefgh", 1.0, None, "first"))
    quiet(inbox)
    assert line.chunks(1) == 3  # 300 samples are the first that reach 250
    inbox.quiet.clear()
    inbox.taken(1, 100)
    quiet(inbox)
    assert line.chunks(1) == 4
    inbox.quiet.clear()
    inbox.taken(1, 10_000)
    quiet(inbox)
    assert line.chunks(1) == 8
    assert line.messages[-1] == ("end", 1)


def test_others_are_served_meanwhile_and_what_is_given_up_is_forgotten(inbox: Inbox, line: Line) -> None:
    inbox.speak(Wish(1, "abcdefgh", 1.0, None, "first"))
    quiet(inbox)
    inbox.speak(Wish(2, "ab", 1.0, None, "more"))
    quiet(inbox)
    assert line.messages[-1] == ("end", 2)
    inbox.cancel(1)
    inbox.speak(Wish(3, "a", 1.0, None, "first"))
    quiet(inbox)
    inbox.taken(1, 10_000)  # it was on its way when the request was given up
    inbox.speak(Wish(4, "a", 1.0, None, "first"))
    quiet(inbox)
    assert line.messages[-1] == ("end", 4)
    assert line.chunks(1) == 3

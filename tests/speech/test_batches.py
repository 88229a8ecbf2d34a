from __future__ import annotations

import asyncio
import threading
from typing import Any

import numpy as np
import pytest

from convai_rasa.asr import Capabilities, Request, Transcript
from convai_rasa.asr.recognizer import Outcome, TakesSeveral
from convai_rasa.errors import AudioError, RecognitionError
from convai_rasa.speech import batches as speech_batches
from convai_rasa.speech.batches import Batches, kind_of, recognize_in_kinds
from convai_rasa.speech.openai_errors import Refusal

WAIT_S = 20.0


class Gated(TakesSeveral):
    """Recognizes the length of what it is given, when it is let; notes its batches."""

    capabilities = Capabilities(languages=("en",), partials=True, together=4)

    def __init__(self) -> None:
        self.batches: list[list[float]] = []
        self.begun = threading.Semaphore(0)
        self.go = threading.Semaphore(0)

    def transcribe_together(self, requests: Any) -> list[Outcome]:
        self.batches.append([len(request.samples) / 16_000 for request in requests])
        self.begun.release()
        assert self.go.acquire(timeout=WAIT_S)
        return [self._one(request) for request in requests]

    def _one(self, request: Request) -> Outcome:
        if not request.wanted():
            return None
        if request.prompt == "fail":
            return AudioError("no sound")
        return Transcript(f"{len(request.samples) / 16_000:g}", 1.0, "en", 1.0, 0.0)

    def close(self) -> None:
        pass


def sound(seconds: float = 1.0, **more: Any) -> Request:
    return Request(np.zeros(int(seconds * 16_000), np.float32), **more)


async def begun(recognizer: Gated) -> None:
    assert await asyncio.to_thread(recognizer.begun.acquire, timeout=WAIT_S)


def asked(batches: Batches, *requests: Request) -> list[asyncio.Future[Transcript]]:
    return [asyncio.ensure_future(batches.recognize(request)) for request in requests]


async def occupied(batches: Batches, recognizer: Gated) -> list[asyncio.Future[Transcript]]:
    """Have a request begun that goes on until it is let go."""
    tasks = asked(batches, sound())
    await begun(recognizer)
    return tasks


@pytest.fixture
def recognizer() -> Gated:
    return Gated()


@pytest.fixture(autouse=True)
def no_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(speech_batches, "_MOMENT", 0)


async def test_an_idle_recognizer_waits_for_nobody_and_what_comes_meanwhile_is_the_next_batch(
    recognizer: Gated,
) -> None:
    seen: list[int] = []
    batches = Batches(recognizer, observe=lambda size, waited_s: seen.append(size))
    tasks = [asyncio.ensure_future(batches.recognize(sound()))]
    await begun(recognizer)  # nobody else has come
    tasks += asked(batches, *(sound(1 + number / 10) for number in range(5)))
    await asyncio.sleep(0)
    assert batches.load.waiting == 5
    for _ in range(3):
        recognizer.go.release()
    texts = [transcript.text for transcript in await asyncio.gather(*tasks)]
    assert texts == ["1", "1", "1.1", "1.2", "1.3", "1.4"]  # each its own
    assert [len(batch) for batch in recognizer.batches] == seen == [1, 4, 1]
    batches.close()


async def test_after_a_batch_of_several_those_who_come_back_in_a_moment_are_waited_for(
    recognizer: Gated, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(speech_batches, "_MOMENT", 1_000)
    batches = Batches(recognizer)
    tasks = await occupied(batches, recognizer)
    tasks += asked(batches, *[sound()] * 2)
    recognizer.go.release()
    await begun(recognizer)
    await asyncio.sleep(0.02)  # the batch of two takes so long, and a moment is a thousand times that
    recognizer.go.release()
    await asyncio.gather(*tasks)
    again: list[asyncio.Future[Transcript]] = []
    for _ in range(3):  # as many as were served just now
        again += asked(batches, sound())
        await asyncio.sleep(0.02)
    recognizer.go.release()
    await asyncio.gather(*again)
    assert [len(batch) for batch in recognizer.batches] == [1, 2, 3]
    batches.close()


async def test_those_that_wait_are_shared_among_free_workers(recognizer: Gated) -> None:
    batches = Batches(recognizer, workers=2)
    first = asked(batches, *[sound()] * 2)
    await begun(recognizer)
    await begun(recognizer)
    rest = asked(batches, *[sound()] * 4)
    await asyncio.sleep(0)
    recognizer.go.release()
    await begun(recognizer)  # one is free, so it takes all four
    for _ in range(2):
        recognizer.go.release()
    await asyncio.gather(*first, *rest)
    assert [len(batch) for batch in recognizer.batches] == [1, 1, 4]
    batches.close()


async def test_only_what_is_alike_is_decoded_together_and_nobody_is_passed_over(recognizer: Gated) -> None:
    batches = Batches(recognizer)
    tasks = await occupied(batches, recognizer)
    tasks += asked(batches, *map(sound, (20.0, 1.0, 21.0, 2.0)))
    await asyncio.sleep(0)
    for _ in range(3):
        recognizer.go.release()
    await asyncio.gather(*tasks)
    assert recognizer.batches == [[1.0], [20.0, 21.0], [1.0, 2.0]]
    batches.close()


async def test_who_is_alone_gets_the_recognizer_with_more_threads() -> None:
    one, all_cores = Gated(), Gated()
    batches = Batches(one, alone=all_cores, workers=2)
    tasks = await occupied(batches, all_cores)
    tasks += asked(batches, sound())  # no longer alone
    await begun(one)
    for recognizer in (one, all_cores):
        recognizer.go.release()
    await asyncio.gather(*tasks)
    batches.close()


def test_what_is_alike() -> None:
    words = "word " * 80
    alike = kind_of(sound(2.0, language="en", prompt=words))
    assert kind_of(sound(6.9, language="en", prompt=words + "and a question?")) == alike
    for other in (
        sound(14.1, language="en", prompt=words),  # would keep it waiting
        sound(2.0, language="de", prompt=words),
        sound(2.0, language="en"),
        sound(2.0, language="en", prompt="Short."),  # all prompts would be cut to it
    ):
        assert kind_of(other) != alike


async def test_what_nobody_waits_for_any_more_is_not_begun(recognizer: Gated) -> None:
    batches = Batches(recognizer)
    tasks = await occupied(batches, recognizer)
    tasks += asked(batches, *[sound()] * 2)
    await asyncio.sleep(0)
    tasks[1].cancel()
    await asyncio.sleep(0)
    for _ in range(2):
        recognizer.go.release()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(results[1], asyncio.CancelledError)
    assert [len(batch) for batch in recognizer.batches] == [1, 1]
    batches.close()


async def test_an_error_belongs_to_its_own_request(recognizer: Gated) -> None:
    recognizer.go = threading.Semaphore(10)
    batches = Batches(recognizer)
    fine, failed = await asyncio.gather(
        batches.recognize(sound(prompt="fine")), batches.recognize(sound(prompt="fail")), return_exceptions=True
    )
    assert fine.text == "1"  # type: ignore[union-attr]
    assert isinstance(failed, AudioError)
    batches.close()


async def test_the_queue_has_an_end_and_tells_how_long_the_next_would_wait(recognizer: Gated) -> None:
    batches = Batches(recognizer, most=2, max_wait_s=3600)
    tasks = await occupied(batches, recognizer)
    tasks += asked(batches, *[sound()] * 2)
    await asyncio.sleep(0)
    assert batches.load.is_full
    with pytest.raises(Refusal, match="2 recordings wait already; try again later") as refused:
        await batches.recognize(sound())
    assert refused.value.status == 429
    for _ in range(2):
        recognizer.go.release()
    await asyncio.gather(*tasks)
    assert not batches.load.is_full
    batches.close()


async def test_a_service_that_stops_gives_up_what_waits(recognizer: Gated) -> None:
    batches = Batches(recognizer)
    tasks = await occupied(batches, recognizer)
    tasks += asked(batches, sound())
    await asyncio.sleep(0)
    closing = asyncio.ensure_future(asyncio.to_thread(batches.close))
    with pytest.raises(RecognitionError, match="stopping"):
        await tasks[1]
    recognizer.go.release()
    assert (await tasks[0]).text == "1"  # what has begun is finished
    await closing
    with pytest.raises(RecognitionError, match="stopping"):
        await batches.recognize(sound())


def test_a_mixed_batch_is_taken_apart_and_put_together_in_order(recognizer: Gated) -> None:
    recognizer.go = threading.Semaphore(10)
    outcomes = recognize_in_kinds(recognizer, [sound(1.0), sound(19.0), sound(2.0), sound(prompt="fail")])
    assert [getattr(outcome, "text", None) for outcome in outcomes] == ["1", "19", "2", None]
    assert isinstance(outcomes[3], AudioError)
    assert recognizer.batches == [[1.0, 2.0], [19.0], [1.0]]

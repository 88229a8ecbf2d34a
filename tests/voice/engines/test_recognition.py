"""Who is recognised when, with whom and on how many threads, by an engine that waits until it is let go on."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from typing import Any, Iterator, List, Sequence

import numpy as np
import pytest

from convai_rasa.asr import Capabilities, Outcome, Request, Transcript
from convai_rasa.errors import ConfigurationError, RecognitionError
from convai_rasa.options import parse_options
from convai_rasa.voice.engines import recognition as module
from convai_rasa.voice.engines.admission import Load
from convai_rasa.voice.engines.recognition import Recognition, Urgency
from convai_rasa.voice.options import AsrOptions


class Engine:
    """Hears how many samples there are; each batch waits for its permission."""

    def __init__(self, threads: int, seconds: float = 0.1) -> None:
        self.threads = threads
        self.seconds = seconds
        self.capabilities = Capabilities(languages=("en",), partials=True, together=3, threads=True)
        self.batches: List[List[int]] = []
        self.languages: List[Any] = []
        self.given_up: List[int] = []
        self.begun = threading.Semaphore(0)
        self.may_go_on = threading.Semaphore(0)
        self.is_closed = False

    def transcribe_together(self, requests: Sequence[Request]) -> List[Outcome]:
        self.batches.append([len(request.samples) for request in requests])
        self.languages += [request.language for request in requests]
        self.begun.release()
        assert self.may_go_on.acquire(timeout=20)
        if not any(request.wanted() for request in requests):
            self.given_up += [len(request.samples) for request in requests]
            return [None] * len(requests)
        return [self.heard(request) for request in requests]

    def transcribe(self, samples: np.ndarray, *, language: Any, prompt: Any) -> Transcript:
        self.languages.append(language)
        return Transcript("", 0.0, "", 0.1, 1.0)

    def heard(self, request: Request) -> Outcome:
        if len(request.samples) == 13:
            return RecognitionError("Thirteen is too much.")
        if len(request.samples) == 666:
            raise ZeroDivisionError("somebody else's bug")
        return Transcript(str(len(request.samples)), 0.9, "en", 0.1, 0.0)

    def measure(self) -> float:
        return self.seconds

    def close(self) -> None:
        self.is_closed = True


class House:
    """A recognition with all engines it has loaded, in order."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *seconds: float, **options: Any) -> None:
        self.engines: List[Engine] = []
        left = list(seconds or (0.1, 0.1))

        def load(engine: str, model: str, *, threads: int, **_: Any) -> Engine:
            self.engines.append(Engine(threads, left.pop(0)))
            return self.engines[-1]

        monkeypatch.setattr(module, "load_recognizer", load)
        monkeypatch.setattr("convai_rasa.asr.sharing.cores", lambda: 2)
        self.load = Load()
        self.recognition = Recognition(parse_options(AsrOptions, {"workers": 1, **options}, where="test"), self.load)

    def ask(self, samples: int, urgency: Urgency = Urgency.PAUSE) -> asyncio.Task[Transcript]:
        asking = self.recognition.recognise(np.zeros(samples, np.float32), urgency=urgency)
        return asyncio.ensure_future(asking)

    async def first(self, urgency: Urgency = Urgency.PAUSE) -> asyncio.Task[Transcript]:
        """Ask for what is recognized now, and keeps others waiting."""
        asking = self.ask(1, urgency)
        await self.begun(self.engines[0])
        return asking

    async def begun(self, engine: Engine) -> None:
        assert await asyncio.get_running_loop().run_in_executor(None, engine.begun.acquire, True, 20)


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    one = House(monkeypatch)
    with contextlib.closing(one.recognition):
        yield one
        for engine in one.engines:
            engine.may_go_on.release(100)


async def texts(*asked: asyncio.Task[Transcript]) -> List[str]:
    return [transcript.text for transcript in await asyncio.wait_for(asyncio.gather(*asked), 20)]


async def test_those_who_wait_together_are_recognised_together(house: House) -> None:
    engine = house.engines[0]
    first = await house.first()
    others = [house.ask(number) for number in (2, 3, 4, 5)]
    await asyncio.sleep(0)
    assert not house.recognition.idle
    engine.may_go_on.release(3)
    assert await texts(first, *others) == ["1", "2", "3", "4", "5"]
    assert engine.batches == [[1], [2, 3, 4], [5]]


async def test_a_glimpse_waits_for_nobody_and_is_given_up_for_who_may_be_done(house: House) -> None:
    engine = house.engines[0]
    glimpse = await house.first(Urgency.GLIMPSE)
    waiting_glimpse, pause = house.ask(2, Urgency.GLIMPSE), house.ask(3)
    await asyncio.sleep(0)
    engine.may_go_on.release(2)
    assert await texts(pause) == ["3"]
    for task in (glimpse, waiting_glimpse):
        with pytest.raises(asyncio.CancelledError):
            await task
    assert engine.given_up == [1]
    assert engine.batches == [[1], [3]]


async def test_words_that_are_overdue_are_recognized_beside_those_of_who_may_be_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    house = House(monkeypatch, workers=2)
    with contextlib.closing(house.recognition):
        engine = house.engines[0]
        overdue = await house.first(Urgency.OVERDUE)
        next_overdue = house.ask(2, Urgency.OVERDUE)
        await asyncio.sleep(0.05)
        assert engine.batches == [[1]], "one at a time: the other worker is for those who wait"
        pause = house.ask(3)
        await house.begun(engine)
        engine.may_go_on.release(3)
        assert await texts(overdue, pause, next_overdue) == ["1", "3", "2"]
        assert engine.given_up == []
        assert engine.batches == [[1], [3], [2]]


async def test_who_goes_on_speaking_gives_their_place_away(house: House) -> None:
    engine = house.engines[0]
    running = await house.first()
    waiting, next_one = house.ask(2), house.ask(3)
    await asyncio.sleep(0)
    running.cancel()
    waiting.cancel()
    await asyncio.sleep(0)
    engine.may_go_on.release(2)
    assert await texts(next_one) == ["3"]
    assert engine.given_up == [1]
    assert engine.batches == [[1], [3]]


async def test_an_error_is_told_to_whom_it_concerns(house: House) -> None:
    engine = house.engines[0]
    first = await house.first()
    wrong, right = house.ask(13), house.ask(2)
    await asyncio.sleep(0)
    engine.may_go_on.release(3)
    assert await texts(first, right) == ["1", "2"]
    with pytest.raises(RecognitionError, match="Thirteen"):
        await wrong
    with pytest.raises(RecognitionError, match="somebody else's bug"):
        await house.ask(666)
    engine.may_go_on.release()
    assert await texts(house.ask(4)) == ["4"]


@pytest.mark.parametrize(("on_all_cores", "alone"), [(0.05, [1, 2]), (0.09, [1])])
async def test_who_is_alone_gets_all_cores_where_that_is_quicker(
    monkeypatch: pytest.MonkeyPatch, on_all_cores: float, alone: List[int]
) -> None:
    house = House(monkeypatch, 0.1, on_all_cores, workers=2)
    with contextlib.closing(house.recognition):
        house.recognition.settle()
        each, wide = house.engines
        assert (each.threads, wide.threads) == (1, 2)
        assert wide.is_closed == (alone == [1])
        first_engine = each if wide.is_closed else wide
        first = house.ask(1)
        await house.begun(first_engine)
        second = house.ask(2)  # somebody else speaks meanwhile
        await house.begun(each)
        each.may_go_on.release(2)
        wide.may_go_on.release(2)
        assert await texts(first, second) == ["1", "2"]
        assert (each.batches, wide.batches) == (([[1], [2]], []) if wide.is_closed else ([[2]], [[1]]))


@pytest.mark.parametrize("threads", [1, 2])
def test_who_names_a_number_of_threads_gets_it(monkeypatch: pytest.MonkeyPatch, threads: int) -> None:
    house = House(monkeypatch, threads=threads)
    with contextlib.closing(house.recognition):
        house.recognition.settle()
        assert [engine.threads for engine in house.engines] == [threads]


async def test_the_bots_language_is_heard_where_nobody_asks_for_another(house: House) -> None:
    house.recognition.language = "de"
    house.engines[0].may_go_on.release(2)
    sound = np.zeros(1, np.float32)
    await house.recognition.recognise(sound)
    await house.recognition.recognise(sound, language="en")
    await house.recognition.recognise_patiently(sound)
    assert house.engines[0].languages == ["de", "en", "de"]


async def test_how_long_somebody_waited_is_noted(house: House) -> None:
    house.engines[0].may_go_on.release(10)
    for number in range(1, 6):
        await texts(house.ask(number))
    assert 0 < house.load.wait_s < 5


async def test_closing_gives_up_what_waits(house: House) -> None:
    running = house.ask(1)
    await house.begun(house.engines[0])
    waiting = house.ask(2)
    await asyncio.sleep(0)
    house.recognition.close()
    house.engines[0].may_go_on.release()
    assert await texts(running) == ["1"]
    with pytest.raises(asyncio.CancelledError):
        await waiting
    with pytest.raises(RecognitionError, match="The server is stopping"):
        await house.ask(3)


def test_only_whisper_has_models_to_choose_from() -> None:
    options = parse_options(AsrOptions, {"engine": "other", "model": "auto"}, where="test")
    with pytest.raises(ConfigurationError, match="name the model of the engine 'other'"):
        Recognition(options, Load())

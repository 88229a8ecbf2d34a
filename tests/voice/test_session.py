"""A session with a fake clock and no models: loud frames are speech, and the words are its length."""

from __future__ import annotations

import asyncio
from typing import Any, AsyncGenerator, Callable, List, Optional, Union

import numpy as np
import pytest

from convai_rasa.asr import Transcript
from convai_rasa.errors import BotError, ProtocolError, RecognitionError, SynthesisError
from convai_rasa.voice import messages as m
from convai_rasa.voice.bot import UserTurn
from convai_rasa.voice.options import VoiceOptions
from convai_rasa.voice.session import Session

RATE = 16_000


def speech(milliseconds: int) -> bytes:
    return np.full(RATE * milliseconds // 1000, 10_000, "<i2").tobytes()


def silence(milliseconds: int) -> bytes:
    return bytes(2 * RATE * milliseconds // 1000)


class Loudness:
    def probability(self, frame: np.ndarray) -> float:
        return 0.99 if np.abs(frame).mean() > 0.1 else 0.01


class Models:
    """Recognises the length of what was said; speaks one chunk a word."""

    voice_sample_rate = RATE

    def __init__(self) -> None:
        self.recognised: List[float] = []
        self.prompts: List[Optional[str]] = []
        self.may_recognise = asyncio.Event()
        self.may_recognise.set()
        self.may_speak_on = asyncio.Event()
        self.may_speak_on.set()

    def voice_detector(self) -> Loudness:
        return Loudness()

    async def recognise(
        self, samples: np.ndarray, *, language: Optional[str] = None, prompt: Optional[str] = None
    ) -> Transcript:
        await self.may_recognise.wait()
        self.recognised.append(len(samples) / RATE)
        self.prompts.append(prompt)
        if len(samples) > 10 * RATE:
            raise RecognitionError("Too long for this test.")
        voiced = int((np.abs(samples) > 0.1).sum() * 1000 / RATE)
        return Transcript(f"{voiced} ms" if voiced > 150 else "", 0.9, "en", len(samples) / RATE, 0.0)

    async def speak(self, text: str) -> AsyncGenerator[np.ndarray, None]:
        if "unspeakable" in text:
            raise SynthesisError("This cannot be said.")
        for number, _ in enumerate(text.split()):
            if number:
                await self.may_speak_on.wait()
            yield np.full(RATE // 2, 1000, np.int16)


class Call:
    """A session with everything it said."""

    def __init__(self, answer: Callable[[Call, UserTurn], Any], start: Optional[m.Start] = None) -> None:
        self.models = Models()
        self.events: List[Union[m.ServerMessage, bytes]] = []
        self.turns: List[UserTurn] = []
        self.clock = 0.0
        self._answer = answer
        self.session = Session(
            "session-1",
            start or m.Start(),
            engines=self.models,  # type: ignore[arg-type]  # the part of Engines a session uses
            options=VoiceOptions(),
            emit=self._emit,
            converse=self._converse,
            prompt_for=lambda question: f"expect {question}",
            clock=lambda: self.clock,
        )

    async def _emit(self, event: Union[m.ServerMessage, bytes]) -> None:
        self.events.append(event)

    async def _converse(self, turn: UserTurn) -> None:
        self.turns.append(turn)
        await self._answer(self, turn)

    @property
    def types(self) -> List[str]:
        """Types of the events, runs of sound as one."""
        names = ["sound" if isinstance(event, bytes) else event.type for event in self.events]
        return [name for number, name in enumerate(names) if number == 0 or name != names[number - 1]]

    def of(self, kind: type) -> List[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    async def hold(self, *steps: Any) -> Call:
        """Run the steps (sound, messages, functions) as the client, then wait until the bot is done."""

        async def client() -> None:
            for step in steps:
                if isinstance(step, bytes):
                    await self.session.hear(step)
                elif callable(step):
                    await step()
                else:
                    await self.session.receive(step)
            await settle()

        await asyncio.wait_for(self.session.run(client()), 10)
        return self


async def settle() -> None:
    for _ in range(200):
        await asyncio.sleep(0)


async def echo(call: Call, turn: UserTurn) -> None:
    await call.session.say({"text": f"You said {turn.text}"})


async def test_a_spoken_turn_goes_from_sound_to_sound() -> None:
    call = await Call(echo).hold(silence(500), speech(960), silence(700))
    assert call.types == [
        "speech.started",
        "transcript.partial",
        "speech.stopped",
        "transcript.final",
        "bot.message",
        "audio.start",
        "sound",
        "audio.end",
        "turn.end",
    ]
    assert call.turns[0].text == "960 ms"
    assert call.turns[0].metadata == {
        "voice": {"session_id": "session-1", "confidence": 0.9, "language": "en"},
    }
    assert call.of(m.AudioStart)[0].text == "You said 960 ms"


async def test_an_utterance_is_recognised_once_at_its_first_pause() -> None:
    call = await Call(echo).hold(silence(500), speech(960), silence(700))
    assert len(call.models.recognised) == 1
    assert call.models.recognised[0] < 0.32 + 0.96 + 0.3


async def test_a_guess_is_thrown_away_when_the_person_goes_on() -> None:
    call = await Call(echo).hold(speech(640), silence(320), speech(640), silence(700))
    assert [turn.text for turn in call.turns] == ["1280 ms"]
    assert [final.text for final in call.of(m.TranscriptFinal)] == ["1280 ms"]


async def test_no_sound_is_lost_however_it_is_cut() -> None:
    whole = silence(500) + speech(960) + silence(700)
    call = await Call(echo).hold(*[whole[i : i + 333] for i in range(0, len(whole), 333)])
    assert [turn.text for turn in call.turns] == ["960 ms"]


async def test_ten_turns_sent_at_once_are_answered_in_order() -> None:
    sound = b"".join(speech(320 + 32 * number) + silence(600) for number in range(10))
    call = await Call(echo).hold(sound)
    assert [turn.text for turn in call.turns] == [f"{320 + 32 * number} ms" for number in range(10)]
    assert len(call.of(m.TurnEnd)) == 10


async def test_noise_without_words_does_not_reach_the_bot() -> None:
    call = await Call(echo).hold(speech(128), silence(700))
    assert call.turns == []
    assert call.of(m.TranscriptFinal)[0].text == ""
    assert len(call.of(m.TurnEnd)) == 1


async def test_a_typed_message_is_answered_aloud() -> None:
    call = await Call(echo).hold(m.Text(text="hello"))
    assert call.types == ["bot.message", "audio.start", "sound", "audio.end", "turn.end"]
    assert call.of(m.TurnEnd)[0].metrics.response is None


async def test_telephone_keys_arrive_as_an_intent() -> None:
    call = await Call(echo).hold(m.Dtmf(digits="42"))
    assert call.turns[0].text == '/dtmf{"digits": "42"}'


async def test_letting_go_of_the_button_ends_the_turn_without_waiting() -> None:
    call = await Call(echo).hold(speech(960), m.Stop())
    assert [turn.text for turn in call.turns] == ["960 ms"]


async def test_the_recogniser_is_told_what_the_bot_just_asked() -> None:
    call = await Call(echo).hold(speech(320), silence(700), settle, speech(640), silence(700))
    assert call.models.prompts == ["expect ", "expect You said 320 ms"]


async def test_the_first_message_is_spoken_while_the_bot_still_thinks() -> None:
    async def slow(call: Call, turn: UserTurn) -> None:
        await call.session.say({"text": "One moment"})
        await settle()
        assert call.of(bytes), "nothing was spoken before the second action"
        await call.session.say({"text": "Done"})

    call = await Call(slow).hold(m.Text(text="hello"))
    assert [message.text for message in call.of(m.BotMessage)] == ["One moment", "Done"]
    assert not call.of(m.Error)


async def test_speaking_over_the_bot_stops_it() -> None:
    call = Call(echo)

    async def hold_back() -> None:
        call.models.may_speak_on.clear()

    async def let_go() -> None:
        call.models.may_speak_on.set()
        await settle()

    await call.hold(m.Text(text="hello"), hold_back, settle, speech(320), let_go, silence(700))
    interrupted = call.of(m.Interrupted)
    assert len(interrupted) == 1
    after = call.events[call.events.index(interrupted[0]) :]
    resumed = next(event for event in after if isinstance(event, m.AudioStart))
    assert not any(isinstance(event, bytes) for event in after[: after.index(resumed)])
    assert [end.id for end in call.of(m.AudioEnd)] != [interrupted[0].id]


async def test_the_next_turn_works_after_recognition_failed() -> None:
    call = await Call(echo).hold(speech(11_000), silence(700), speech(640), silence(700))
    assert [error.code for error in call.of(m.Error)] == ["recognition_failed"]
    assert [turn.text for turn in call.turns] == ["640 ms"]


async def test_the_next_turn_works_after_the_bot_failed() -> None:
    async def fail_first(call: Call, turn: UserTurn) -> None:
        if len(call.turns) == 1:
            raise BotError("The bot could not answer this.")
        await echo(call, turn)

    call = await Call(fail_first).hold(m.Text(text="one"), m.Text(text="two"))
    assert [error.code for error in call.of(m.Error)] == ["bot_failed"]
    assert [message.text for message in call.of(m.BotMessage)] == ["You said two"]


async def test_the_next_reply_is_spoken_after_one_could_not_be() -> None:
    call = await Call(echo).hold(m.Text(text="unspeakable"), m.Text(text="fine"))
    assert [error.code for error in call.of(m.Error)] == ["synthesis_failed"]
    assert [start.text for start in call.of(m.AudioStart)] == ["You said fine"]
    assert len(call.of(m.TurnEnd)) == 2


async def test_starting_twice_is_an_error() -> None:
    with pytest.raises(ProtocolError, match="send 'start' once"):
        await Call(echo).hold(m.Start())


async def test_the_client_gets_the_sample_rate_it_asked_for() -> None:
    call = await Call(echo, m.Start(output_sample_rate=8000)).hold(m.Text(text="hello"))
    samples = sum(len(event) // 2 for event in call.of(bytes))
    assert samples == pytest.approx(3 * 0.5 * 8000, rel=0.01)
    assert call.of(m.AudioStart)[0].sample_rate == 8000


async def test_a_client_that_hangs_up_mid_word_leaves_nothing_running() -> None:
    call = Call(echo)
    call.models.may_recognise.clear()
    before = asyncio.all_tasks()
    await call.hold(speech(640), silence(256))
    assert asyncio.all_tasks() == before


async def test_the_metrics_add_up() -> None:
    async def slow(call: Call, turn: UserTurn) -> None:
        call.clock += 0.1
        await echo(call, turn)

    call = await Call(slow).hold(speech(640), silence(700))
    metrics = call.of(m.TurnEnd)[0].metrics
    assert metrics.dict() == {"endpoint": 512, "asr": 0, "rasa": 100, "tts_first_audio": 0, "response": 612}

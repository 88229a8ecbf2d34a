"""A session with a fake clock and no models: loud frames are speech, and the words are its length."""

from __future__ import annotations

import asyncio
import functools
from typing import Any, AsyncGenerator, Awaitable, Callable, Dict, FrozenSet, List, Mapping, Optional, Tuple, Union

import numpy as np

from convai_rasa.asr import Alternative, Transcript
from convai_rasa.audio import Sound
from convai_rasa.errors import RecognitionError, SynthesisError
from convai_rasa.voice.bot import Deliver, Expectation, Occasion, Understanding, UserTurn
from convai_rasa.voice.call import Host, Session
from convai_rasa.voice.ears import PhraseEnds, load_turn_ending
from convai_rasa.voice.options import VoiceOptions
from convai_rasa.voice.wire import messages as m

RATE = 16_000


def speech(milliseconds: int) -> bytes:
    return np.resize(np.repeat([10_000, -10_000], 8), RATE * milliseconds // 1000).astype("<i2").tobytes()


def silence(milliseconds: int) -> bytes:
    return bytes(2 * RATE * milliseconds // 1000)


class Loudness:
    def probability(self, frame: np.ndarray) -> float:
        return 0.99 if np.abs(frame).mean() > 0.1 else 0.01

    def reset(self) -> None:
        pass


class Models:
    """Recognises the length of what was said; speaks one chunk a word."""

    language: Optional[str] = None  # the bot's
    idle = False

    def __init__(self) -> None:
        self.recognised: List[float] = []
        self.prompts: List[Optional[str]] = []
        self.words: Optional[str] = None
        self.words_language = "en"
        self.alternatives: Tuple[Alternative, ...] = ()
        self.spoken: List[Tuple[str, Optional[str], float]] = []
        self.may_recognise = asyncio.Event()
        self.may_recognise.set()
        self.may_speak_on = asyncio.Event()
        self.may_speak_on.set()

    def voice_detector(self) -> Loudness:
        return Loudness()

    async def recognise(self, samples: np.ndarray, *, prompt: Optional[str] = None, **_: Any) -> Transcript:
        await self.may_recognise.wait()
        self.recognised.append(len(samples) / RATE)
        self.prompts.append(prompt)
        if len(samples) > 10 * RATE:
            raise RecognitionError("Too long for this test.")
        if self.words is not None:
            heard = (self.words, 0.9, self.words_language, len(samples) / RATE, 0.0)
            return Transcript(*heard, -3.0, self.alternatives, 0.15 if self.alternatives else 0.0)
        voiced = int((np.abs(samples) > 0.1).sum() * 1000 / RATE)
        return Transcript(f"{voiced} ms" if voiced > 150 else "", 0.9, "en", len(samples) / RATE, 0.0)

    async def speak(
        self, text: str, *, language: Optional[str] = None, speed: float = 1.0
    ) -> AsyncGenerator[Sound, None]:
        self.spoken.append((text, language, speed))
        if "unspeakable" in text:
            raise SynthesisError("This cannot be said.")
        for number, _ in enumerate(text.split()):
            if number:
                await self.may_speak_on.wait()
            yield Sound(np.full(RATE // 2, 1000, np.int16), RATE)


class Call:
    """A session with everything it said; it is the bot, too."""

    intents: FrozenSet[str] = frozenset()
    understood: Optional[Understanding] = None
    understood_as: Mapping[str, Understanding] = {}  # by the words
    expected = Expectation()
    bridge = ""

    def __init__(
        self,
        answer: Callable[[Call, UserTurn], Any],
        start: Optional[m.Start] = None,
        *,
        may_inspect: bool = False,
        goes_on: bool = False,
        **options: Any,
    ) -> None:
        self.models = Models()
        self.events: List[Union[m.ServerMessage, bytes]] = []
        self.turns: List[UserTurn] = []
        self.clock = 0.0
        self._answer = answer
        models: Any = self.models  # the part of Engines a session uses
        channel = VoiceOptions.parse_obj({"call": {"announce": False, "dtmf_wait_ms": 0}, **options})
        self.session = Session(
            m.Ready(session_id="session-1", sender_id="ann", sample_rate=RATE, inspect=may_inspect),
            start or m.Start(),
            Host(channel, models, self, load_turn_ending(channel.turn)),
            self._emit,
            prompt_for=lambda question: f"expect {question}",
            phrase_ends=PhraseEnds(),
            goes_on=goes_on,
            clock=lambda: self.clock,
        )

    async def _emit(self, event: Union[m.ServerMessage, bytes]) -> None:
        self.events.append(event)

    async def answer(self, sender_id: str, turn: UserTurn, deliver: Deliver) -> None:
        self.turns.append(turn)
        await self._answer(self, turn)

    async def understand(self, sender_id: str, turn: UserTurn) -> Optional[Understanding]:
        return self.understood_as.get(turn.text, self.understood)

    async def inspect(self, sender_id: str) -> Optional[Dict[str, Any]]:
        return {"text": self.turns[-1].text}

    def expectation(self, sender_id: str) -> Expectation:
        return self.expected

    def knows_intent(self, name: str) -> bool:
        return name in self.intents

    def words_for(self, occasion: Occasion) -> str:
        return {
            Occasion.LONG_WAIT: self.bridge,
            Occasion.TECHNICAL_PROBLEM: "Something went wrong.",
            Occasion.SERVER_STOPS: "Goodbye.",
            Occasion.CUT_OFF: "Please say that again.",
        }[occasion]

    @property
    def types(self) -> List[str]:
        """Types of the events, runs of sound as one."""
        names = ["sound" if isinstance(event, bytes) else event.type for event in self.events]
        return [name for number, name in enumerate(names) if number == 0 or name != names[number - 1]]

    def live(self, sound: bytes) -> List[Callable[[], Any]]:
        """Return steps that send sound as it is spoken."""

        async def frame(piece: bytes) -> None:
            self.clock += len(piece) / 2 / RATE
            await self.session.hear(piece)
            await settle()

        return [functools.partial(frame, sound[start : start + 1024]) for start in range(0, len(sound), 1024)]

    def passing(self, seconds: float) -> Callable[[], Any]:
        """Return a step in which time passes."""

        async def step() -> None:
            await settle()
            self.clock += seconds

        return step

    def of(self, kind: type) -> List[Any]:
        return [event for event in self.events if isinstance(event, kind)]

    async def hold(self, *steps: Any) -> Call:
        """Run the steps (sound, messages, functions) as the client, then wait until the bot is done."""
        talking = asyncio.ensure_future(self.session.run())

        async def client() -> None:
            for step in steps:
                if isinstance(step, bytes):
                    await self.session.hear(step)
                elif callable(step):
                    await step()
                else:
                    await self.session.receive(step)
            await settle()

        stepping = asyncio.ensure_future(client())
        try:
            done, _ = await asyncio.wait({talking, stepping}, timeout=10, return_when=asyncio.FIRST_COMPLETED)
            for part in done:
                part.result()
        finally:
            for part in (talking, stepping):
                part.cancel()
            await asyncio.gather(talking, stepping, return_exceptions=True)
        return self


async def settle() -> None:
    for _ in range(60):
        await asyncio.sleep(0)


def held_up(event: asyncio.Event) -> Tuple[Callable[[], Awaitable[None]], Callable[[], Awaitable[None]]]:
    """Return a step from which on nothing passes that waits for an event, and one that lets it pass."""

    async def stop() -> None:
        event.clear()

    async def go_on() -> None:
        event.set()
        await settle()

    return stop, go_on


async def echo(call: Call, turn: UserTurn) -> None:
    await call.session.say({"text": f"You said {turn.text}"})


def saying(text: str = "", **content: Any) -> Callable[[Call, UserTurn], Awaitable[None]]:
    """A bot that answers everything with one message, or with none."""

    async def answer(call: Call, turn: UserTurn) -> None:
        if text:
            await call.session.say({"text": text, **content})

    return answer


five_words = saying("one two three four five")


def said_while_the_bot_speaks(call: Call, *steps: Any) -> Any:
    """The bot speaks 2.5 s, of which 1 s is heard before the steps."""

    return call.hold(m.Text(text="go"), call.passing(1.0), *steps)

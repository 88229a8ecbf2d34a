"""The engines behind the Wyoming protocol, as Home Assistant speaks it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import socket
from typing import Any, Optional

import numpy as np

from convai_rasa.asr import Request, join_transcripts
from convai_rasa.audio import SAMPLE_RATE, StreamResampler, pcm16_to_float
from convai_rasa.errors import ConvaiError, require
from convai_rasa.speech.desk import Desk
from convai_rasa.speech.forms import Speech
from convai_rasa.speech.openai_errors import Refusal, bad_request

require("wyoming", extra="remote")
from wyoming.asr import Transcript  # noqa: E402 - with our own words where it is missing
from wyoming.audio import AudioChunk, AudioStart, AudioStop  # noqa: E402 - as above
from wyoming.error import Error  # noqa: E402 - as above
from wyoming.event import Event, async_write_event  # noqa: E402 - as above
from wyoming.info import AsrModel, AsrProgram, Attribution, Info, TtsProgram, TtsVoice  # noqa: E402 - as above
from wyoming.ping import Ping, Pong  # noqa: E402 - as above

logger = logging.getLogger(__name__)

_MOST_CONNECTIONS = 256
_LONGEST_LINE = 64 * 1024  # bytes of an event's head
_MOST_DATA = 256 * 1024  # bytes of its data: the longest text, escaped
_MOST_PAYLOAD = 1 << 20  # bytes of sound; clients send a tenth of a second
_IDLE_S = 120.0  # a connection on which nothing is said
_CHUNK_S = 0.1


class WyomingServer:
    """Serves connections until it is closed; the desk does the work."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._server: Optional[asyncio.Server] = None
        self._connections: set[asyncio.Task[None]] = set()

    async def start(self, address: socket.socket) -> None:
        """Begin to serve at a bound address."""
        self._server = await asyncio.start_server(self._connected, sock=address, limit=_LONGEST_LINE)

    async def close(self) -> None:
        """End all connections."""
        if self._server is not None:
            self._server.close()
        for task in list(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections.add(task)
        try:
            if len(self._connections) <= _MOST_CONNECTIONS:
                await _Connection(self._desk, reader, writer).run()
        except (OSError, asyncio.IncompleteReadError, asyncio.TimeoutError):  # they are gone, or silent
            pass
        finally:
            self._connections.discard(task)
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()


class _Connection:
    """One client, which says one thing after the other."""

    def __init__(self, desk: Desk, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._desk = desk
        self._reader = reader
        self._writer = writer
        self._wanted: dict[str, Any] = {}  # of the transcription that the sound is for
        self._sound = _HeardSound(desk.options.max_s)

    async def run(self) -> None:
        """Answer until the client is gone or says what is no Wyoming."""
        while True:
            try:
                event = await _read(self._reader)
                if event is None:
                    return
                await self._answer(event)
            except ConvaiError as error:
                await self._fail(error)
                if isinstance(error, _NotWyoming):
                    return
            # Whatever a client makes of us, it hears of it, and the log knows why.
            except (TypeError, KeyError, AttributeError, ValueError):
                logger.info("A Wyoming client sent an event with other fields.", exc_info=True)
                await self._fail(_NotWyoming(400, "The event does not have the fields that Wyoming gives it."))
                return

    async def _answer(self, event: Any) -> None:
        if event.type == "describe":
            await self._write(await self._info())
        elif event.type == "ping":
            await self._write(Pong(text=Ping.from_event(event).text))
        elif event.type == "transcribe":
            self._wanted = event.data
        elif event.type == "audio-start":
            self._sound = _HeardSound(self._desk.options.max_s)
        elif event.type == "audio-chunk":
            self._sound.add(event.data, event.payload or b"")
        elif event.type == "audio-stop":
            await self._transcribe()
        elif event.type == "synthesize":
            await self._speak(event.data)

    async def _transcribe(self) -> None:
        samples, self._sound = self._sound.samples(), _HeardSound(self._desk.options.max_s)
        wanted, self._wanted = self._wanted, {}
        terms = [term for term in wanted.get("transcript_terms") or [] if isinstance(term, str)]
        language = wanted.get("language")
        with self._desk.place("transcription"):
            self._desk.names.check_recognizer(str(wanted.get("name") or ""))
            code = str(language).replace("_", "-").partition("-")[0].lower() if language else None
            pieces = await self._desk.recognize(Request(samples, code, " ".join(terms) or None))
        heard = join_transcripts(pieces)
        self._desk.metrics.answered("transcription", 200)
        await self._write(Transcript(text=heard.text, language=heard.language))

    async def _speak(self, data: Any) -> None:
        text, voice = data["text"], data.get("voice") or {}
        if not isinstance(text, str) or len(text) > self._desk.options.max_characters:
            raise bad_request(f"A text may have {self._desk.options.max_characters} characters at most.")
        language = voice.get("language")
        wanted = Speech(text.strip(), voice=str(voice.get("name") or ""), language=language and str(language))
        form: dict[str, int] = {}
        with self._desk.place("speech"):
            async with contextlib.aclosing(self._desk.speak(wanted)) as sounds:
                async for sound in sounds:
                    if not form:
                        form = {"rate": sound.rate, "width": 2, "channels": 1}
                        await self._write(AudioStart(**form))
                    size = max(1, int(_CHUNK_S * sound.rate))
                    for start in range(0, len(sound.samples), size):
                        pcm = sound.samples[start : start + size].astype("<i2").tobytes()
                        await self._write(AudioChunk(audio=pcm, **form))
        if not form:
            await self._write(AudioStart(rate=SAMPLE_RATE, width=2, channels=1))
        self._desk.metrics.answered("speech", 200)
        await self._write(AudioStop())

    async def _info(self) -> Any:
        languages = await self._desk.engines.languages()
        by = Attribution(name="convai-rasa", url="")

        def about(name: str) -> dict[str, Any]:
            return {"name": name, "attribution": by, "installed": True, "description": name, "version": None}

        names = self._desk.names
        heard = [AsrModel(languages=list(languages.get(names.asr, ())), **about(names.asr))] if names.asr else []
        spoken = [TtsVoice(languages=list(languages.get(name, ())), **about(name)) for name in names.tts]
        program = about("convai-rasa")
        return Info(
            asr=[AsrProgram(models=heard, **program)] if heard else [],
            tts=[TtsProgram(voices=spoken, **program)] if spoken else [],
        )

    async def _write(self, event: Any) -> None:
        await asyncio.wait_for(async_write_event(event.event(), self._writer), self._desk.options.timeout_s)

    async def _fail(self, error: ConvaiError) -> None:
        code = error.code if isinstance(error, Refusal) else None
        await self._write(Error(text=str(error), code=code))


class _NotWyoming(Refusal):
    """What came is not the protocol; the connection ends."""


class _HeardSound:
    """16-bit sound of any rate and number of channels, as samples for the recognizer.

    Args:
        max_s: of it.
    """

    def __init__(self, max_s: float) -> None:
        self._max_s = max_s
        self._form: Optional[tuple[int, int]] = None
        self._rest = b""
        self._pieces: list[np.ndarray] = []
        self._seconds = 0.0
        self._resampler: Optional[StreamResampler] = None

    def add(self, form: Any, pcm: bytes) -> None:
        """Take the next piece.

        Raises:
            ConvaiError: it is too much, or another kind of sound.
        """
        rate, width, channels = form["rate"], form["width"], form["channels"]
        if width != 2 or channels not in (1, 2) or not isinstance(rate, int):
            raise _NotWyoming(400, "Send 16-bit sound of one or two channels.")
        if self._form is None or self._resampler is None:
            self._form = (rate, channels)
            self._resampler = StreamResampler(rate, SAMPLE_RATE)
        if self._form != (rate, channels):
            raise _NotWyoming(400, "The sound changes its rate or channels in the middle; send an audio-start first.")
        pcm = self._rest + pcm
        whole = len(pcm) - len(pcm) % (2 * channels)
        self._rest = pcm[whole:]
        samples = pcm16_to_float(pcm[:whole]).reshape(-1, channels).mean(axis=1)
        self._seconds += len(samples) / rate
        if self._seconds > self._max_s:
            raise _NotWyoming(413, f"The recording is longer than {self._max_s:g} seconds; send a shorter one.")
        self._pieces.append(self._resampler.push(samples))

    def samples(self) -> np.ndarray:
        """Return all of it: float32 of shape (n,) at 16 kHz."""
        rest = [self._resampler.flush()] if self._resampler is not None else []
        return np.concatenate([np.zeros(0, np.float32), *self._pieces, *rest])


async def _read(reader: asyncio.StreamReader) -> Any:
    """Read an event with bounds, which the package's own reader does not have; None: there are no more."""
    try:
        line = await asyncio.wait_for(reader.readline(), _IDLE_S)
        if not line:
            return None
        head = json.loads(line)
        data = dict(head.get("data") or {})
        if length := _length(head, "data_length", _MOST_DATA):
            data.update(json.loads(await asyncio.wait_for(reader.readexactly(length), _IDLE_S)))
    except (ValueError, RecursionError, AttributeError, TypeError) as error:
        raise _NotWyoming(400, "What came is not Wyoming's protocol; send one JSON object in each line.") from error
    length = _length(head, "payload_length", _MOST_PAYLOAD)
    payload = await asyncio.wait_for(reader.readexactly(length), _IDLE_S) if length else None
    return Event(type=str(head.get("type")), data=data, payload=payload)


def _length(head: Any, name: str, most: int) -> int:
    length = head.get(name) or 0
    if not isinstance(length, int) or not 0 <= length <= most:
        raise _NotWyoming(413, f"'{name}' may be {most} bytes at most.")
    return length

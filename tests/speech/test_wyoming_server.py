"""Wyoming over a real socket, with the package that Home Assistant uses."""

from __future__ import annotations

import asyncio
import contextlib
import json
from typing import Any

import numpy as np
import pytest
from scripted_speech import START_S, Serve, Served, tone

for module in ("starlette", "uvicorn", "prometheus_client", "wyoming"):
    pytest.importorskip(module)

from wyoming.asr import Transcribe, Transcript  # noqa: E402 - found only now
from wyoming.audio import AudioChunk, AudioStart, AudioStop  # noqa: E402 - found only now
from wyoming.client import AsyncClient  # noqa: E402 - found only now
from wyoming.error import Error  # noqa: E402 - found only now
from wyoming.info import Describe, Info  # noqa: E402 - found only now
from wyoming.tts import Synthesize, SynthesizeVoice  # noqa: E402 - found only now

from convai_rasa.errors import RecognitionError  # noqa: E402 - found only now

pytestmark = pytest.mark.slow

FORM: dict[str, int] = {"rate": 8_000, "width": 2, "channels": 2}


async def exchange(served: Served, *events: Any, until: str) -> list[Any]:
    """Say events, and return what comes back up to one of a type, or to the end of the connection."""
    heard = []
    async with AsyncClient.from_uri(served.wyoming) as client:
        for event in events:
            await client.write_event(event.event())
        while (event := await asyncio.wait_for(client.read_event(), START_S)) is not None:
            heard.append(event)
            if event.type == until:
                break
    return heard


async def test_it_says_what_it_knows(serve: Serve) -> None:
    (event,) = await exchange(serve(), Describe(), until="info")
    info = Info.from_event(event)
    assert [(model.name, model.languages) for model in info.asr[0].models] == [("whisper/base", ["en", "de"])]
    assert [voice.name for voice in info.tts[0].voices] == ["tts/vits-joe", "tts/other"]


async def test_stereo_of_any_rate_is_heard(serve: Serve) -> None:
    served = serve()
    pcm = np.repeat(tone(1.5, 8_000).samples, 2).astype("<i2").tobytes()
    chunks = [AudioChunk(audio=part, **FORM) for part in (pcm[:7_001], pcm[7_001:])]  # cut inside a sample
    events = [Transcribe(language="de-AT", transcript_terms=["A table?"]), AudioStart(**FORM), *chunks, AudioStop()]
    (event,) = await exchange(served, *events, until="transcript")
    assert Transcript.from_event(event).text == "A table for two."
    request = served.engines.requests[0]
    assert (request.language, request.prompt) == ("de", "A table?")
    assert len(request.samples) == pytest.approx(24_000, abs=4)
    assert np.abs(request.samples[8_000:16_000]).max() == pytest.approx(9_000 / 32_768, rel=0.05)


async def test_a_text_is_spoken(serve: Serve) -> None:
    served = serve()
    voice = SynthesizeVoice(name="tts/other")
    start, *chunks, _ = await exchange(served, Synthesize("Hello.", voice=voice), until="audio-stop")
    assert AudioStart.from_event(start).rate == 22_050
    assert sum(len(AudioChunk.from_event(chunk).audio) for chunk in chunks) / 2 / 22_050 == pytest.approx(0.5, abs=0.01)
    assert served.engines.spoken == [("Hello.", "tts/other", 1.0, None)]
    served.engines.sounds = []
    silent = Synthesize("...", voice=SynthesizeVoice(language="en"))
    start, *chunks, _ = await exchange(served, silent, until="audio-stop")
    assert chunks == []
    assert served.engines.spoken[-1] == ("...", "tts/vits-joe", 1.0, "en")


async def test_errors_are_sentences_and_the_connection_goes_on(serve: Serve) -> None:
    served = serve(max_characters=10)
    served.engines.outcome = RecognitionError("Whisper has no memory left.")
    wrong = [Synthesize("Hi.", voice=SynthesizeVoice(name="nobody")), Synthesize("too long a text"), AudioStop()]
    events = await exchange(served, *wrong, Describe(), until="info")
    assert [Error.from_event(event).text for event in events[:-1]] == [
        "There is no voice 'nobody' here; ask for vits-joe or other.",
        "A text may have 10 characters at most.",
        "Whisper has no memory left.",
    ]


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", "not Wyoming's protocol"),
        (b"[1]\n", "not Wyoming's protocol"),
        (b"x" * 100_000, "not Wyoming's protocol"),
        (b'{"type": "audio-chunk", "payload_length": 99999999999}\n', "'payload_length' may be"),
        (b'{"type": "audio-chunk", "data_length": -1}\n', "'data_length' may be"),
        (b'{"type": "audio-chunk"}\n', "does not have the fields"),
        (b'{"type": "audio-chunk", "data": {"rate": 1, "width": 2, "channels": 1}}\n', "Sample rate 1 is impossible"),
        (b'{"type": "audio-chunk", "data": {"rate": 8000, "width": 4, "channels": 1}}\n', "16-bit sound"),
        (b'{"type": "synthesize", "data": {"text": 3}}\n', "A text may have"),
        (b'{"type": "synthesize", "data": {"text": "a", "voice": 3}}\n', "does not have the fields"),
    ],
)
async def test_what_is_no_wyoming_is_answered_with_a_sentence(serve: Serve, sent: bytes, said: str) -> None:
    host, _, port = serve().wyoming.rpartition("//")[2].partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    with contextlib.closing(writer):
        writer.write(sent)
        writer.write_eof()
        answer = await asyncio.wait_for(reader.read(), START_S)
    head = json.loads(answer.split(b"\n")[0])
    assert (head["type"], b"Traceback" in answer) == ("error", False)
    assert said in answer.decode()


async def test_more_sound_than_is_taken_ends_the_connection(serve: Serve) -> None:
    served = serve(max_s=1.0)
    chunk = AudioChunk(audio=bytes(2 * 8_000), rate=8_000, width=2, channels=1)
    events = await exchange(served, AudioStart(rate=8_000, width=2, channels=1), chunk, chunk, until="never")
    assert "longer than 1 seconds" in Error.from_event(events[0]).text
    assert served.engines.requests == []

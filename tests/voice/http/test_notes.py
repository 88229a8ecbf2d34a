"""One recording in, words and sound out; the models only count."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import time
import wave
from types import SimpleNamespace
from typing import Any, AsyncIterator, Dict, List, Optional

import numpy as np
import pytest
import requests

from convai_rasa.asr import Transcript
from convai_rasa.audio import Recording, Sound, decode_audio, wav_bytes
from convai_rasa.errors import AudioError, BotError, PartialAnswer, ProtocolError, SynthesisError
from convai_rasa.voice.bot import Deliver, UserTurn
from convai_rasa.voice.call import Host
from convai_rasa.voice.ears import load_turn_ending
from convai_rasa.voice.http.notes import answer_note, parse_note, read_note
from convai_rasa.voice.options import VoiceOptions

BEEP = wav_bytes((np.sin(np.arange(16_000) / 8) * 9000).astype(np.int16), 16_000)
DAMAGED = wav_bytes((np.sin(np.arange(16_000) / 9) * 9000).astype(np.int16), 16_000)


class Engines:
    """Hears what it is told to, and speaks one sample a letter."""

    language = "fr"  # the bot's

    def __init__(self, heard: str = "two coffees", language: str = "en") -> None:
        self._heard, self._language = heard, language
        self.spoken: List[tuple[str, Optional[str]]] = []

    async def decode(self, data: bytes, *, max_seconds: float) -> Recording:
        return Recording(
            decode_audio(data, max_seconds=max_seconds), "The end is missing." if data == DAMAGED else None
        )

    async def recognise_patiently(self, samples: np.ndarray, **options: Any) -> Transcript:
        return Transcript(self._heard, 0.9 if self._heard else 0.0, self._language, len(samples) / 16_000, 0.0)

    async def speak(self, text: str, *, language: Optional[str] = None) -> AsyncIterator[Sound]:
        self.spoken.append((text, language))
        if text == "unspeakable":
            raise SynthesisError("No sound for that.")
        yield Sound(np.ones(len(text), np.int16), 16_000)


class Body:
    """A request's body as Sanic gives it: piece by piece, when asked for."""

    def __init__(self, body: bytes, declared: Optional[int] = None) -> None:
        self.request_body: Any = True
        self.request_bytes = len(body) if declared is None else declared
        self.read_bytes = 0
        self._body = body

    async def read(self) -> Optional[bytes]:
        piece = self._body[self.read_bytes : self.read_bytes + 10_000]
        self.read_bytes += len(piece)
        return piece or None


def form(audio: Optional[bytes] = BEEP, **fields: str) -> tuple[str, bytes]:
    """Content type and body as `requests` sends them."""
    files = {"audio": ("note.wav", audio)} if audio is not None else {"other": ("x", b"x")}
    sent = requests.Request("POST", "http://bot/", files=files, data=fields).prepare()
    assert isinstance(sent.body, bytes)
    return sent.headers["content-type"], sent.body


def request(content_type: str, body: bytes, declared: Optional[int] = None) -> Any:
    return SimpleNamespace(headers={"content-type": content_type}, stream=Body(body, declared))


async def answered(
    *messages: Dict[str, Any],
    engines: Optional[Engines] = None,
    audio: Optional[bytes] = BEEP,
    fails: Optional[BotError] = None,
    **options: Any,
) -> tuple[Dict[str, Any], List[tuple[str, UserTurn]]]:
    turns: List[tuple[str, UserTurn]] = []

    async def answer(sender: str, turn: UserTurn, deliver: Deliver) -> None:
        turns.append((sender, turn))
        for message in messages:
            await deliver(sender, message)
        if fails is not None:
            raise fails

    configured = VoiceOptions(**options)
    recorded, sender = await read_note(request(*form(audio, sender="ann")), configured)
    models: Any = engines or Engines()  # the part of the engines that a note uses
    bot: Any = SimpleNamespace(answer=answer)  # the part of a bot that a note uses
    host = Host(configured, models, bot, load_turn_ending(configured.turn))
    reply = await answer_note(recorded, sender or "", host, lambda question: None, sound_only=False)
    return json.loads(reply.body), turns


def samples(answer: Dict[str, Any]) -> int:
    with wave.open(io.BytesIO(base64.b64decode(answer["audio"]))) as sound:
        return sound.getnframes()


async def test_the_words_go_to_the_bot_with_their_confidence() -> None:
    answer, ((sender, turn),) = await answered({"text": "Coming."})
    assert (sender, turn.text) == ("ann", "two coffees")
    assert turn.metadata == {"voice": {"confidence": 0.9, "language": "en"}}
    assert (answer["transcript"], answer["messages"]) == ("two coffees", [{"text": "Coming."}])
    assert samples(answer) == len("Coming.")


async def test_a_note_without_words_does_not_reach_the_bot() -> None:
    answer, turns = await answered({"text": "Coming."}, engines=Engines(""))
    assert turns == []
    assert (answer["transcript"], answer["messages"], samples(answer)) == ("", [], 0)


async def test_what_there_is_of_an_answer_is_sent_though_an_action_failed_on_the_way() -> None:
    answer, _ = await answered({"text": "Coming."}, fails=PartialAnswer("An action failed."))
    assert (answer["transcript"], answer["messages"]) == ("two coffees", [{"text": "Coming."}])


async def test_mark_up_is_heard_and_not_read() -> None:
    engines = Engines()
    marked = 'One <break time="1s"/> moment.'
    answer, _ = await answered({"text": marked}, engines=engines)
    assert answer["messages"] == [{"text": "One moment."}]
    assert [text for text, _ in engines.spoken] == [marked]


@pytest.mark.parametrize(("say", "spoken"), [(True, "Sure?\nYou can say: Yes or No."), (False, "Sure?")])
async def test_buttons_are_said(say: bool, spoken: str) -> None:
    engines = Engines()
    buttons = [{"title": "Yes", "payload": "/yes"}, {"title": "No", "payload": "/no"}]
    answer, _ = await answered({"text": "Sure?", "buttons": buttons}, engines=engines, tts={"say_buttons": say})
    assert [text for text, _ in engines.spoken] == [spoken]
    assert answer["messages"] == [{"text": "Sure?", "buttons": buttons}]


async def test_the_answer_is_spoken_in_the_language_of_the_question() -> None:
    engines = Engines("zwei Kaffee", "de")
    await answered({"text": "Gerne."}, engines=engines)
    assert engines.spoken == [("Gerne.", "de")]


async def test_where_nothing_tells_the_language_it_is_the_bots() -> None:
    engines = Engines("deux cafés", "")
    await answered({"text": "Avec sucre ?", "buttons": [{"title": "Oui", "payload": "/oui"}]}, engines=engines)
    assert engines.spoken == [("Avec sucre ?\nVous pouvez dire: Oui.", "fr")]


async def test_what_cannot_be_spoken_is_shown_all_the_same() -> None:
    answer, _ = await answered({"text": "unspeakable"}, {"text": "Coming."})
    assert [message["text"] for message in answer["messages"]] == ["unspeakable", "Coming."]
    assert samples(answer) == len("Coming.")


@pytest.mark.parametrize(
    ("audio", "options", "sentence"),
    [
        (None, {}, "form field 'audio'"),
        (b"", {}, "empty"),
        (b"<html></html>" * 100, {}, "not a recording|cannot be decoded|send wav"),
        (BEEP, {"max_note_s": 0.5}, r"longer than 0\.5 s"),
    ],
    ids=["none", "empty", "html", "too long"],
)
async def test_what_is_wrong_with_a_recording_gets_a_sentence(
    audio: Optional[bytes], options: Dict[str, Any], sentence: str
) -> None:
    with pytest.raises(AudioError, match=sentence):
        await answered(audio=audio, **options)


async def test_what_was_not_heard_of_a_recording_is_said() -> None:
    answer, _ = await answered({"text": "Coming."}, audio=DAMAGED)
    assert answer["warning"] == "The end is missing."


async def test_of_a_recording_that_is_too_large_no_more_is_read_than_the_limit() -> None:
    content_type, body = form(bytes(3 << 20))
    options = VoiceOptions(max_note_mb=1)
    declared, undeclared = request(content_type, body), request(content_type, body, declared=0)
    for given in (declared, undeclared):
        with pytest.raises(ProtocolError, match=r"more than the 1\.02 MB allowed"):
            await read_note(given, options)
    assert declared.stream.read_bytes == 0
    assert undeclared.stream.read_bytes < 1.1 * (1 << 20)


async def test_an_upload_that_stands_still_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("convai_rasa.voice.http.uploads.UPLOAD_IDLE_S", 0.02)

    class Stuck(Body):
        async def read(self) -> Optional[bytes]:
            await asyncio.Event().wait()
            return None

    given = request(*form())
    given.stream = Stuck(b"x" * 1000)
    with pytest.raises(ProtocolError) as error:
        await read_note(given, VoiceOptions())
    assert error.value.code == "timeout"


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/form-data; boundary=a", b"a" * 2_000_000),
        ("multipart/form-data; boundary=xyz", b"--xyz\r\n" + b"a:b\r\n" * 400_000),
        (
            "multipart/form-data; boundary=xyz",
            b'--xyz\r\nContent-Disposition: form-data; name="f"\r\n\r\n\r\n' * 50_000,
        ),
        ("multipart/form-data; boundary=" + "x" * 100, b"--x"),
        ("multipart/form-data", b"--x"),
        ("multipart/form-data; boundary=xyz", b"--xyz\r\nno colon\r\n\r\n--xyz--"),
        ("multipart/form-data; boundary=\ud800", b"--x"),
        ("audio/wav", BEEP),
        ("", b""),
    ],
)
def test_a_body_that_is_no_form_costs_little_and_gets_a_sentence(content_type: str, body: bytes) -> None:
    began = time.process_time()
    with pytest.raises((AudioError, ProtocolError), match="form"):
        parse_note(content_type, body)
    assert time.process_time() - began < 2, "bounded by the body's length"


@pytest.mark.parametrize("sender", ["\x00", "\x1b[31m"])
def test_a_sender_with_control_characters_is_refused(sender: str) -> None:
    with pytest.raises(ProtocolError):
        parse_note(*form(sender=sender))

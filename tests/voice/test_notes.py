"""One recording in, words and sound out; the models only count."""

from __future__ import annotations

import base64
import io
import json
import wave
from types import SimpleNamespace
from typing import Any, AsyncIterator, Dict, List, Optional

import numpy as np
import pytest

from convai_rasa.asr import Transcript
from convai_rasa.audio import wav_bytes
from convai_rasa.errors import AudioError, SynthesisError
from convai_rasa.voice.bot import Deliver, UserTurn
from convai_rasa.voice.notes import answer_note
from convai_rasa.voice.options import VoiceOptions

BEEP = wav_bytes((np.sin(np.arange(16_000) / 8) * 9000).astype(np.int16), 16_000)


class Engines:
    """Hears what it is told to, and speaks one sample a letter."""

    voice_sample_rate = 16_000

    def __init__(self, heard: str = "two coffees", language: str = "en") -> None:
        self._heard, self._language = heard, language
        self.spoken: List[tuple[str, Optional[str]]] = []

    async def recognise(self, samples: np.ndarray, **options: Any) -> Transcript:
        return Transcript(self._heard, 0.9 if self._heard else 0.0, self._language, len(samples) / 16_000, 0.0)

    async def speak(self, text: str, *, language: Optional[str] = None) -> AsyncIterator[np.ndarray]:
        self.spoken.append((text, language))
        if text == "unspeakable":
            raise SynthesisError("No sound for that.")
        yield np.ones(len(text), np.int16)


def request(audio: Optional[bytes] = BEEP, **form: str) -> Any:
    files = {"audio": SimpleNamespace(body=audio)} if audio is not None else {}
    return SimpleNamespace(files=files, form=form, headers={})


async def answered(
    *messages: Dict[str, Any], engines: Optional[Engines] = None, note: Any = None, **options: Any
) -> tuple[Dict[str, Any], List[tuple[str, UserTurn]]]:
    turns: List[tuple[str, UserTurn]] = []

    async def answer(sender: str, turn: UserTurn, deliver: Deliver) -> None:
        turns.append((sender, turn))
        for message in messages:
            await deliver(sender, message)

    reply = await answer_note(
        note or request(),
        engines or Engines(),  # type: ignore[arg-type]  # the part of the engines that a note uses
        VoiceOptions(**options),
        answer,
        lambda question: None,
    )
    return json.loads(reply.body), turns


def samples(answer: Dict[str, Any]) -> int:
    with wave.open(io.BytesIO(base64.b64decode(answer["audio"]))) as sound:
        return sound.getnframes()


async def test_the_words_go_to_the_bot_with_their_confidence() -> None:
    answer, ((sender, turn),) = await answered({"text": "Coming."}, note=request(sender="ann"))
    assert (sender, turn.text) == ("ann", "two coffees")
    assert turn.metadata == {"voice": {"confidence": 0.9, "language": "en"}}
    assert (answer["transcript"], answer["messages"]) == ("two coffees", [{"text": "Coming."}])
    assert samples(answer) == len("Coming.")


async def test_a_note_without_words_does_not_reach_the_bot() -> None:
    answer, turns = await answered({"text": "Coming."}, engines=Engines(""))
    assert turns == []
    assert (answer["transcript"], answer["messages"], samples(answer)) == ("", [], 0)


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


async def test_what_cannot_be_spoken_is_shown_all_the_same() -> None:
    answer, _ = await answered({"text": "unspeakable"}, {"text": "Coming."})
    assert [message["text"] for message in answer["messages"]] == ["unspeakable", "Coming."]
    assert samples(answer) == len("Coming.")


@pytest.mark.parametrize(
    ("note", "options", "sentence"),
    [
        (request(None), {}, "form field 'audio'"),
        (request(b""), {}, "empty"),
        (request(b"<html></html>" * 100), {}, "not a recording"),
        (request(), {"max_note_s": 0.5}, r"longer than 0\.5 seconds"),
        (request(BEEP * 40), {"max_note_mb": 1}, r"has 1\.2 MB, more than the 1 MB allowed"),
    ],
    ids=["none", "empty", "html", "too long", "too large"],
)
async def test_what_is_wrong_with_a_recording_gets_a_sentence(
    note: Any, options: Dict[str, Any], sentence: str
) -> None:
    with pytest.raises(AudioError, match=sentence):
        await answered(note=note, **options)

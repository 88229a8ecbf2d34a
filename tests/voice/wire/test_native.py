from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, strategies as st

from convai_rasa.errors import ProtocolError
from convai_rasa.voice.wire import messages as m, native

CLIENT = [
    m.Start(),
    m.Start(sender_id="ann", token="t", sample_rate=8000, output_sample_rate=48000, language="en", metadata={"a": 1}),
    m.Text(text="hello"),
    m.Dtmf(digits="42#"),
    m.PlaybackReport(id="1", played_ms=12.5),
    m.Stop(),
]
SERVER = [
    m.Ready(session_id="s", sender_id="ann", sample_rate=16000),
    m.SpeechStarted(),
    m.SpeechStopped(),
    m.TranscriptPartial(text="a table"),
    m.TranscriptFinal(text="a table for two", confidence=0.9),
    m.BotMessage(id="1", text="Hi", buttons=[{"title": "Yes", "payload": "/affirm"}], custom={"voice": {}}),
    m.AudioStart(id="1", text="Hi", sample_rate=22050),
    m.AudioEnd(id="1"),
    m.Interrupted(id="1", heard_text="H"),
    m.TurnEnd(metrics=m.TurnMetrics(endpoint=512, response=700)),
    m.Error(code="bad_message", message="No."),
]


@pytest.mark.parametrize("message", CLIENT, ids=lambda message: message.type)
def test_client_messages_survive_the_wire(message: Any) -> None:
    assert native.decode_client(native.encode(message)) == message


@pytest.mark.parametrize("message", SERVER, ids=lambda message: message.type)
def test_server_messages_survive_the_wire(message: Any) -> None:
    assert native.decode_server(native.encode(message)) == message


def test_sound_passes_unchanged() -> None:
    assert native.decode_client(b"\x00\x01\x02") == b"\x00\x01\x02"


def test_what_did_not_happen_is_absent() -> None:
    assert json.loads(native.encode(m.TurnEnd(metrics=m.TurnMetrics(rasa=3.0)))) == {
        "type": "turn.end",
        "metrics": {"rasa": 3.0},
    }


@pytest.mark.parametrize(
    ("frame", "code", "says"),
    [
        ("{", "bad_message", "must be one JSON object"),
        ("[1]", "bad_message", "not list"),
        ('"start"', "bad_message", "not str"),
        (b"\x00" * (native.MAX_FRAME_BYTES + 2), "frame_too_large", "at most 1,048,576 bytes"),
        ("[" * 50_000, "bad_message", "one JSON object"),
        ('{"type": "strat"}', "unknown_type", "did you mean 'start'"),
        ('{"type": 5}', "unknown_type", "known types are start"),
        ("{}", "unknown_type", "known types are"),
        ('{"type": "start", "sample_rate": 100}', "bad_message", "In 'start', sample_rate"),
        ('{"type": "start", "sample_rate": "fast"}', "bad_message", "In 'start', sample_rate"),
        ('{"type": "text"}', "bad_message", "In 'text', text"),
        ('{"type": "text", "text": ""}', "bad_message", "In 'text', text"),
        ('{"type": "dtmf", "digits": "x; drop"}', "bad_message", "In 'dtmf', digits"),
        ("[" * 100_000, "frame_too_large", "at most 65,536 characters"),
        (json.dumps({"type": "x" * 60_000}), "unknown_type", "Unknown message type of 60,000 characters"),
        ('{"type": "text", "text": "\\ud800"}', "bad_message", "half a character"),
        ('{"type": "text", "text": "a\\u0000b"}', "bad_message", "a control character"),
        ('{"type": "start", "metadata": {"\\udfff": 1}}', "bad_message", "half a character"),
        ('{"type": "start", "metadata": {"a": NaN}}', "bad_message", "finite"),
        ('{"type": "start", "metadata": {"a": 1e999}}', "bad_message", "finite"),
        ('{"type": "start", "metadata": ' + '{"a":' * 900 + "1" + "}" * 901, "bad_message", "nested 8 deep"),
        (json.dumps({"type": "start", "metadata": {"a": "x" * 20_000}}), "bad_message", "at most 16,384 bytes"),
        (json.dumps({"type": "start", "token": "x" * 5_000}), "bad_message", "In 'start', token"),
        (json.dumps({"type": "start", "session_id": "x" * 200}), "bad_message", "In 'start', session_id"),
        (json.dumps({"type": "settings", "language": "x" * 17}), "bad_message", "In 'settings', language"),
        (json.dumps({"type": "text", "text": "x" * 4_001}), "bad_message", "In 'text', text"),
        (json.dumps({"type": "dtmf", "digits": "1" * 65}), "bad_message", "In 'dtmf', digits"),
        ('{"type": "dtmf", "digits": "1\\n"}', "bad_message", "In 'dtmf', digits"),
        ('{"type": "playback", "id": "1", "played_ms": ' + "9" * 5_000 + "}", "bad_message", "one JSON object"),
        ('{"type": "playback", "id": "1", "played_ms": 1e300}', "bad_message", "In 'playback', played_ms"),
    ],
)
def test_a_wrong_frame_is_answered_with_a_sentence(frame: Any, code: str, says: str) -> None:
    with pytest.raises(ProtocolError) as error:
        native.decode_client(frame)
    assert error.value.code == code
    assert says in str(error.value)


def test_a_newer_client_may_send_more_keys() -> None:
    assert native.decode_client('{"type": "text", "text": "hi", "self": 1, "mood": "good"}') == m.Text(text="hi")


@given(st.text(max_size=200))
def test_no_text_frame_raises_anything_else(frame: str) -> None:
    try:
        native.decode_client(frame)
    except ProtocolError as error:
        assert str(error)

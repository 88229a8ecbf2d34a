"""The wire of a telephone call, frame by frame, as Twilio documents them."""

from __future__ import annotations

import base64
import json
from typing import Any, Dict, List, Optional, get_args

import numpy as np
import pytest
from hypothesis import given, strategies as st

from convai_rasa.audio import mulaw
from convai_rasa.errors import ProtocolError
from convai_rasa.voice.wire import messages as m
from convai_rasa.voice.wire.twilio import TwilioWire

CONNECTED = '{"event": "connected", "protocol": "Call", "version": "1.0.0"}'
ANN = "+441632960001"


def start(**parameters: str) -> str:
    return frame(
        "start",
        sequenceNumber="1",
        start={
            "accountSid": "AC1",
            "streamSid": "MZ1",
            "callSid": "CA1",
            "tracks": ["inbound"],
            "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
            "customParameters": {"token": "good", "from": ANN, "to": "+441632960002", **parameters},
        },
    )


def frame(event: str, **content: Any) -> str:
    return json.dumps({"event": event, "streamSid": "MZ1", **content})


def media(sound: bytes, **more: Any) -> str:
    payload = base64.b64encode(sound).decode()
    return frame("media", media={"track": "inbound", "chunk": "1", "timestamp": "5", "payload": payload, **more})


def check(call: str, token: Optional[str]) -> None:
    if (call, token) != ("CA1", "good"):
        raise ProtocolError("unauthorized", "This call was not answered here.")


class Call:
    def __init__(self, begun: bool = True) -> None:
        self.transfers: Dict[str, str] = {}
        self.wire = TwilioWire(check, on_transfer=self.transfers.__setitem__)
        if begun:
            self.hear(CONNECTED)
            self.hear(start())

    def hear(self, frame: Any) -> List[Any]:
        return list(self.wire.receive(frame))

    def say(self, *items: Any) -> List[Dict[str, Any]]:
        return [json.loads(frame) for item in items for frame in self.wire.send(item)]


def pcm(samples: int) -> bytes:
    return (np.sin(np.arange(samples) / 10) * 9000).astype("<i2").tobytes()


def reply(samples: int, from_ms: float = 0.0) -> List[Any]:
    return [m.AudioStart(id="r1", text="Hello", sample_rate=8000, from_ms=from_ms), pcm(samples), m.AudioEnd(id="r1")]


def played(frames: List[Dict[str, Any]]) -> bytes:
    return b"".join(base64.b64decode(f["media"]["payload"]) for f in frames if f["event"] == "media")


def test_a_call_begins_with_who_calls_whom() -> None:
    call = Call(begun=False)
    assert call.hear(CONNECTED) == []
    assert call.hear(start(language="de", table="7")) == [
        m.Start(
            sender_id=ANN,
            language="de",
            greet=True,
            sample_rate=8000,
            output_sample_rate=8000,
            metadata={
                "call": {
                    "sid": "CA1",
                    "stream": "MZ1",
                    "account": "AC1",
                    "from": ANN,
                    "to": "+441632960002",
                    "table": "7",
                }
            },
        )
    ]


@pytest.mark.parametrize(
    ("number", "sender"),
    [
        (ANN, ANN),
        ("sip:ann@example.com", "sip:ann@example.com"),
        ("client:ann", "client:ann"),
        ("", "call:CA1"),
        ("anonymous", "call:CA1"),
        ("Restricted", "call:CA1"),
        ("+266696687", "call:CA1"),
        ("+7378742833", "call:CA1"),
        ("sip:" + "a" * 200, "call:CA1"),
    ],
)
def test_callers_who_withhold_their_number_are_not_one_person(number: str, sender: str) -> None:
    (opened,) = Call(begun=False).hear(start(**{"from": number}))
    assert opened.sender_id == sender


def test_whom_the_bot_calls_is_who_it_talks_to() -> None:
    (opened,) = Call(begun=False).hear(start(direction="outbound-api"))
    assert opened.sender_id == "+441632960002"


def test_a_call_that_was_not_answered_here_is_refused() -> None:
    for token in ("bad", ""):
        with pytest.raises(ProtocolError) as refused:
            Call(begun=False).hear(start(token=token))
        assert refused.value.code == "unauthorized"


def test_what_the_person_says_arrives_as_samples() -> None:
    sound = mulaw.encode(pcm(160))
    assert Call().hear(media(sound)) == [mulaw.decode(sound)]


def test_what_the_bot_says_is_not_heard_as_the_person() -> None:
    assert Call().hear(media(b"\x12" * 160, track="outbound")) == []


def test_sound_is_taken_in_whatever_order_it_is_numbered() -> None:
    call = Call()
    pieces = [bytes([code]) * 160 for code in (1, 2, 3)]
    frames = [media(piece, chunk=chunk) for piece, chunk in zip(pieces, ("7", "3", "5"))]
    assert [sound for frame in frames for sound in call.hear(frame)] == [mulaw.decode(piece) for piece in pieces]


def test_a_key_and_the_end_of_the_call() -> None:
    call = Call()
    assert call.hear(frame("dtmf", dtmf={"track": "inbound_track", "digit": "#"})) == [m.Dtmf(digits="#")]
    assert call.hear(frame("stop", stop={"accountSid": "AC1", "callSid": "CA1"})) == [m.Bye()]


def test_what_twilio_may_add_one_day_is_passed_over() -> None:
    assert Call().hear(frame("weather", weather="sunny")) == []


def test_the_bots_sound_is_sent_in_packets_with_a_mark_after_each_piece() -> None:
    call = Call()
    frames = call.say(*reply(2_000))
    assert [f["event"] for f in frames] == ["media", "mark"] * 3
    assert {f["streamSid"] for f in frames} == {"MZ1"}
    assert played(frames) == mulaw.encode(pcm(2_000)).ljust(2_080, mulaw.SILENCE)


@given(st.lists(st.integers(0, 700), max_size=20))
def test_any_cutting_of_a_reply_gives_the_same_call(sizes: List[int]) -> None:
    whole = pcm(sum(sizes))
    call = Call()
    frames = call.say(m.AudioStart(id="r1", text="", sample_rate=8000))
    begin = 0
    for size in sizes:
        frames += call.say(whole[2 * begin : 2 * (begin + size)])
        begin += size
    frames += call.say(m.AudioEnd(id="r1"))
    assert played(frames)[: sum(sizes)] == mulaw.encode(whole)
    assert all(len(base64.b64decode(f["media"]["payload"])) % 160 == 0 for f in frames if f["event"] == "media")
    if whole:
        (report,) = call.hear(json.dumps(frames[-1]))
        assert report == m.PlaybackReport(id="r1", played_ms=sum(sizes) / 8)


def test_marks_that_come_back_tell_what_was_heard() -> None:
    call = Call()
    marks = [f for f in call.say(*reply(1_700)) if f["event"] == "mark"]
    reports = [report for mark in marks for report in call.hear(json.dumps(mark))]
    assert reports == [m.PlaybackReport(id="r1", played_ms=ms) for ms in (100, 200, 212.5)]


def test_marks_of_sound_that_was_thrown_away_tell_nothing() -> None:
    call = Call()
    marks = [f for f in call.say(*reply(1_600)) if f["event"] == "mark"]
    call.hear(json.dumps(marks[0]))
    assert [f["event"] for f in call.say(m.Interrupted(id="r1", heard_text=""))] == ["clear"]
    assert call.hear(json.dumps(marks[1])) == []


def test_a_reply_that_goes_on_counts_from_where_it_was_stopped() -> None:
    call = Call()
    call.say(m.AudioStart(id="r1", text="", sample_rate=8000), pcm(900), m.Interrupted(id="r1", heard_text=""))
    frames = call.say(*reply(800, from_ms=60.0))
    assert played(frames) == mulaw.encode(pcm(800))
    assert call.hear(json.dumps(frames[-1])) == [m.PlaybackReport(id="r1", played_ms=160)]


def test_a_reply_whose_name_has_strokes_is_told_apart() -> None:
    call = Call()
    frames = call.say(m.AudioStart(id="a/b", text="", sample_rate=8000), pcm(800))
    assert call.hear(json.dumps(frames[-1])) == [m.PlaybackReport(id="a/b", played_ms=100)]


def test_a_transfer_is_noted_for_after_the_call() -> None:
    call = Call()
    assert call.say(m.Transfer(to="tel:+441632960000")) == []
    assert call.transfers == {"CA1": "tel:+441632960000"}


def test_nothing_else_is_sent_to_a_telephone() -> None:
    told = (m.AudioStart, m.AudioEnd, m.Interrupted, m.Transfer)
    others = [kind.construct(message="The bot failed.") for kind in get_args(m.ServerMessage) if kind not in told]
    assert Call().say(*others) == []


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("no json", "one JSON object"),
        ("[1]", "one JSON object"),
        ('{"event": 5}', "one JSON object with an 'event'"),
        ("[" * 50_000, "one JSON object"),
        (b"\x00\x01", "binary frame"),
        ("x" * 70_000, "Twilio sends less"),
        ('{"event": "media"}', "In 'media', the object 'media' is missing"),
        ('{"event": "media", "media": {}}', "media.payload: field required"),
        ('{"event": "media", "media": {"payload": "§§"}}', "not base64"),
        ('{"event": "media", "media": {"payload": "abc"}}', "not base64"),
        ('{"event": "dtmf", "dtmf": {"digit": "x; drop"}}', "dtmf.digit"),
        ('{"event": "mark", "mark": 7}', "In 'mark'"),
        ('{"event": "mark", "mark": {"name": "0/soon/r1"}}', "was never sent"),
        ('{"event": "mark", "mark": {"name": "0/-5/r1"}}', "was never sent"),
        (start(), "sends 'start' once"),
    ],
)
def test_a_wrong_frame_is_answered_with_a_sentence(text: Any, says: str) -> None:
    with pytest.raises(ProtocolError) as error:
        Call().hear(text)
    assert says in str(error.value)
    assert str(error.value).endswith(".")


@pytest.mark.parametrize("event", ["media", "dtmf", "mark"])
def test_nothing_counts_before_the_start(event: str) -> None:
    content = {"payload": "", "digit": "1", "name": "0/1/r1"}
    with pytest.raises(ProtocolError, match="came before 'start'"):
        Call(begun=False).hear(frame(event, **{event: content}))


@pytest.mark.parametrize("key", ["streamSid", "callSid"])
def test_a_start_without_its_names_is_refused(key: str) -> None:
    fields = json.loads(start())
    del fields["start"][key]
    with pytest.raises(ProtocolError, match=f"start.{key}"):
        Call(begun=False).hear(json.dumps(fields))


def test_another_kind_of_sound_is_refused() -> None:
    fields = json.loads(start())
    fields["start"]["mediaFormat"]["sampleRate"] = 16000
    with pytest.raises(ProtocolError, match=r"mediaFormat.sampleRate is 16000; only 8000"):
        Call(begun=False).hear(json.dumps(fields))


@given(st.text(max_size=200))
def test_no_text_frame_raises_anything_else(text: str) -> None:
    try:
        Call().hear(text)
    except ProtocolError as error:
        assert str(error)

"""What a caller's sound, texts and keys become: turns of the conversation."""

from __future__ import annotations

import asyncio
import functools
from pathlib import Path
from typing import List, Optional

import pytest
from scripted_call import (
    RATE,
    Call,
    echo,
    five_words,
    held_up,
    said_while_the_bot_speaks,
    saying,
    settle,
    silence,
    speech,
)

from convai_rasa.asr import Alternative
from convai_rasa.capture import prompts
from convai_rasa.errors import ProtocolError
from convai_rasa.voice.bot import Expectation, Fit, Understanding, UserTurn
from convai_rasa.voice.call.session import SilenceCounter
from convai_rasa.voice.engines.admission import Pace
from convai_rasa.voice.wire import messages as m

PLUGIN = Path(__file__).parents[2] / "contracts" / "plugin"


async def test_a_spoken_turn_goes_from_sound_to_sound() -> None:
    call = Call(echo)
    await call.hold(*call.live(silence(512) + speech(960) + silence(704)))
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
        "voice": {
            "call_id": "session-1",
            "caller": "ann",
            "confidence": 0.9,
            "language": "en",
            "latency": {"endpoint": 512.0, "asr": 0.0},
        },
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


async def test_words_are_shown_while_one_speaks_though_the_recognizer_is_never_idle() -> None:
    call = Call(echo)
    await call.hold(*call.live(speech(3200) + silence(704)))
    begun, *_ = [number for number, event in enumerate(call.events) if isinstance(event, m.TranscriptPartial)]
    stopped = next(number for number, event in enumerate(call.events) if isinstance(event, m.SpeechStopped))
    assert begun < stopped
    shown = [partial.text for partial in call.of(m.TranscriptPartial)]
    assert shown[-1] == call.turns[0].text
    assert 1900 <= int(shown[0].split()[0]) <= 2200, "a look that is due after two seconds, not at every one"
    assert len(call.models.recognised) == len(shown)


async def test_a_guess_that_was_wrong_is_still_worth_seeing_when_nothing_was_for_long() -> None:
    call = Call(echo)
    recognition_is_slow, words_come = held_up(call.models.may_recognise)
    await call.hold(
        recognition_is_slow,
        *call.live(speech(1984) + silence(128) + speech(320)),
        words_come,
        *call.live(speech(160) + silence(704)),
    )
    assert [partial.text for partial in call.of(m.TranscriptPartial)] == ["1984 ms", "2464 ms"]
    assert [turn.text for turn in call.turns] == ["2464 ms"]


async def test_no_sound_is_lost_however_it_is_cut() -> None:
    whole = silence(500) + speech(960) + silence(700)
    call = await Call(echo).hold(*[whole[i : i + 333] for i in range(0, len(whole), 333)])
    assert [turn.text for turn in call.turns] == ["960 ms"]


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


@pytest.mark.parametrize(("kind", "text"), [("phone", "42"), ("name", '/dtmf{"digits": "42"}'), (None, "42")])
async def test_keys_answer_a_form_whose_slot_can_be_pressed(kind: Optional[str], text: str) -> None:
    call = Call(echo)
    call.expected = Expectation("contact", spoken=kind)
    await call.hold(m.Dtmf(digits="42"))
    assert call.turns[0].text == text


async def test_while_a_value_is_spelled_the_recognizer_is_shown_such_values() -> None:
    call = Call(echo, m.Start(language="en"))
    call.models.words = "K-O-W-A-L"
    call.expected = Expectation("contact", spoken="name")
    await call.hold(speech(960), silence(2_000))
    assert [turn.text for turn in call.turns] == ["K-O-W-A-L"]
    assert set(call.models.prompts) == {*prompts("name", "en"), "expect "}


async def test_letting_go_of_the_button_ends_the_turn_without_waiting() -> None:
    call = await Call(echo).hold(speech(960), m.Stop())
    assert [turn.text for turn in call.turns] == ["960 ms"]


async def test_the_recogniser_is_told_what_the_bot_just_asked() -> None:
    call = await Call(echo).hold(speech(320), silence(700), settle, speech(640), silence(700))
    assert call.models.prompts == ["expect ", "expect You said 320 ms"]


async def test_speaking_over_the_bot_stops_it() -> None:
    call = Call(echo)
    hold_back, let_go = held_up(call.models.may_speak_on)
    await call.hold(m.Text(text="hello"), hold_back, settle, speech(320), let_go, silence(700))
    interrupted = call.of(m.Interrupted)
    assert len(interrupted) == 1
    after = call.events[call.events.index(interrupted[0]) :]
    resumed = next(event for event in after if isinstance(event, m.AudioStart))
    assert not any(isinstance(event, bytes) for event in after[: after.index(resumed)])
    assert [end.id for end in call.of(m.AudioEnd)] != [interrupted[0].id]


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

    call = Call(slow)
    await call.hold(*call.live(speech(640) + silence(704)))
    metrics = call.of(m.TurnEnd)[0].metrics
    assert metrics.dict() == {
        "endpoint": 512,
        "asr": 0,
        "readings": None,
        "left_out": None,
        "rasa": 100,
        "tts_first_audio": 0,
        "response": 612,
    }


@pytest.mark.parametrize("decided_by", ["dialogue", "silence"])
@pytest.mark.parametrize("late_s", [0.0, 0.1, 0.4, 2.0])
async def test_a_late_verdict_makes_no_turn_longer_than_a_fixed_wait_and_is_in_the_metrics(
    decided_by: str, late_s: float
) -> None:
    call = Call(echo, turn={"decided_by": decided_by})
    call.models.words = "a table for two"
    call.understood = Understanding("book", 0.5)
    call.models.may_recognise.clear()

    async def words_come_late() -> None:
        call.clock += 0.032
        listening = asyncio.ensure_future(call.session.hear(silence(32)))
        await settle()
        call.clock += late_s  # the client speaks on, perhaps into a socket that nobody reads meanwhile
        call.models.may_recognise.set()
        await listening
        await settle()

    await call.hold(*call.live(speech(640) + silence(480)), words_come_late, *call.live(silence(704)))
    metrics = call.of(m.TurnEnd)[0].metrics
    assert metrics.response == metrics.endpoint + metrics.asr == pytest.approx(512 + 1000 * late_s)


async def test_the_bot_is_told_what_was_heard_of_its_words() -> None:
    call = Call(five_words)
    await said_while_the_bot_speaks(call, speech(640), silence(700))
    assert call.turns[1].metadata["voice"]["interrupted"] == {"heard": "one two", "unheard": "three four five"}
    assert [cut.heard_text for cut in call.of(m.Interrupted)] == ["one two"]
    assert "interrupted" not in call.turns[0].metadata["voice"]


@pytest.mark.parametrize("words", ["", "mhm", "Okay.", "Right, I see."])
async def test_a_false_alarm_lets_the_bot_go_on_where_it_stopped(words: str) -> None:
    call = Call(five_words)
    call.models.words = words
    await said_while_the_bot_speaks(call, speech(640), silence(700))
    assert len(call.turns) == 1
    assert [start.from_ms for start in call.of(m.AudioStart)] == [0, 1000]
    again = call.events.index(call.of(m.AudioStart)[1])
    assert sum(len(event) for event in call.events[again:] if isinstance(event, bytes)) == 2 * RATE * 3 // 2
    assert len(call.of(m.TurnEnd)) == 2


async def test_the_bots_own_words_come_back_are_no_turn() -> None:
    call = Call(five_words)
    call.models.words = "One two three."
    await said_while_the_bot_speaks(call, speech(640), silence(700))
    assert len(call.turns) == 1
    assert len(call.of(m.AudioStart)) == 2


async def test_whoever_was_asked_answers_however_short() -> None:
    call = Call(saying("Is that right?"))
    call.models.words = "Right."
    await call.hold(m.Text(text="go"), call.passing(1.4), speech(640), silence(700))
    assert [turn.text for turn in call.turns] == ["go", "Right."]


@pytest.mark.parametrize(
    ("said", "told"), [("okay", "okay"), ("/restart", "restart")], ids=["a word of assent is an answer", "no intent"]
)
async def test_what_is_said_when_the_bot_is_silent_are_words_for_it(said: str, told: str) -> None:
    call = Call(echo)
    call.models.words = said
    await call.hold(speech(640), silence(700))
    assert [turn.text for turn in call.turns] == [told]


async def test_without_resuming_a_false_alarm_ends_the_reply() -> None:
    call = Call(five_words, interruption={"resume": False})
    call.models.words = "mhm"
    await said_while_the_bot_speaks(call, speech(640), silence(700))
    assert [start.from_ms for start in call.of(m.AudioStart)] == [0]


async def test_a_cough_does_not_stop_the_bot() -> None:
    call = Call(five_words)
    await said_while_the_bot_speaks(call, speech(96), silence(700))
    assert call.of(m.Interrupted) == []


async def test_nobody_interrupts_where_that_is_off() -> None:
    call = Call(five_words, interruption={"enabled": False})
    await said_while_the_bot_speaks(call, speech(640), silence(700))
    assert call.of(m.Interrupted) == []
    assert len(call.turns) == 2


@pytest.mark.parametrize(("words", "stops"), [("I want", False), ("I want a table", True)])
async def test_it_takes_words_to_interrupt_where_that_is_asked_for(words: str, stops: bool) -> None:
    call = Call(five_words, interruption={"min_words": 3})
    call.models.words = words
    await said_while_the_bot_speaks(call, speech(640), silence(700))
    assert bool(call.of(m.Interrupted)) == stops
    assert len(call.turns) == 1 + stops


@pytest.mark.parametrize(
    ("words", "confidence", "waited"),
    [("a table for two", 0.95, 384), ("a table for", 0.95, 1216), ("a table for two", 0.3, 512)],
)
async def test_the_dialogue_decides_when_a_turn_is_over(words: str, confidence: float, waited: int) -> None:
    call = Call(echo)
    call.models.words = words
    call.understood = Understanding("book", confidence, {"parsed": words})
    await call.hold(*call.live(speech(640) + silence(1280)))
    assert call.of(m.TurnEnd)[0].metrics.endpoint == waited
    assert call.turns[0].understanding == call.understood, "what was understood is not understood again"


async def test_another_reading_is_taken_where_the_bot_makes_more_sense_of_it() -> None:
    call = Call(echo)
    call.models.words, call.models.alternatives = "and ice mocha", (Alternative("an iced mocha", -3.5),)
    call.understood_as = {
        "and ice mocha": Understanding("order", 0.9, {"parsed": 1}, Fit(-25.0, 0.0)),
        "an iced mocha": Understanding("order", 0.9, {"parsed": 2}, Fit(-12.0, 0.0)),
    }
    await call.hold(*call.live(speech(640) + silence(1280)))
    (turn,) = call.turns
    assert (turn.text, turn.understanding) == ("an iced mocha", call.understood_as["an iced mocha"])
    assert turn.metadata["voice"]["heard_first"] == "and ice mocha"
    assert call.of(m.TranscriptFinal)[0].text == "an iced mocha"
    assert call.of(m.TurnEnd)[0].metrics.readings == 150


async def test_a_slow_bot_judges_only_the_likeliest_readings() -> None:
    class Slow(Call):
        async def understand(self, sender_id: str, turn: UserTurn) -> Optional[Understanding]:
            self.clock += 0.2
            return Understanding("order", 0.9, None, Fit(-12.0, 0.0)) if turn.text == "last" else self.understood

    call = Slow(echo)
    others = ("second", "last")
    call.models.words, call.models.alternatives = "first", tuple(Alternative(text, -3.5) for text in others)
    call.understood = Understanding("order", 0.9, None, Fit(-25.0, 0.0))
    await call.hold(*call.live(speech(640) + silence(1280)))
    assert call.turns[0].text == "first"


async def test_what_was_heard_first_stays_where_the_bot_does_not_tell() -> None:
    call = Call(echo)
    call.models.words, call.models.alternatives = "and ice mocha", (Alternative("an iced mocha", -0.5),)
    call.understood = Understanding("order", 0.9)
    await call.hold(*call.live(speech(640) + silence(1280)))
    assert call.turns[0].text == "and ice mocha"
    assert "heard_first" not in call.turns[0].metadata["voice"]


async def test_a_recording_sent_at_once_gives_the_same_turns() -> None:
    call = Call(echo)
    call.models.words = "a table for"
    call.understood = Understanding("book", 0.95)
    await call.hold(speech(640) + silence(800) + speech(640) + silence(1300))
    assert len(call.turns) == 1


async def test_a_fixed_wait_asks_nobody() -> None:
    call = Call(echo, turn={"decided_by": "silence"})
    call.understood = Understanding("book", 0.99)
    await call.hold(*call.live(speech(640) + silence(704)))
    assert call.turns[0].understanding is None
    assert call.of(m.TurnEnd)[0].metrics.endpoint == 512


@pytest.mark.parametrize(("words", "waited"), [("one", 320), ("one two three", 640), ("fail", 512)])
async def test_an_ending_of_another_package_decides(words: str, waited: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(PLUGIN))
    call = Call(echo, turn={"decided_by": "tiny"})
    call.models.words = words
    call.understood = Understanding("book", 0.99)
    await call.hold(*call.live(speech(640) + silence(704)))
    assert call.of(m.TurnEnd)[0].metrics.endpoint == waited
    assert call.turns[0].understanding is None


@pytest.mark.parametrize(("language", "waited"), [("de", 1216), ("en", 512), ("fr", 512), ("", 1216)])
async def test_the_language_of_the_words_decides_which_of_them_leave_a_turn_open(language: str, waited: int) -> None:
    call = Call(echo)
    call.models.language = "de-AT"  # the bot's, where the recognizer does not tell
    call.models.words, call.models.words_language = "ein Tisch für", language
    call.understood = Understanding("book", 0.3)
    await call.hold(*call.live(speech(640) + silence(1280)))
    assert call.of(m.TurnEnd)[0].metrics.endpoint == waited


@pytest.mark.parametrize(("language", "goes_on"), [("de", True), ("en", False)])
async def test_the_language_of_the_words_decides_which_of_them_show_attention(language: str, goes_on: bool) -> None:
    call = Call(five_words)
    call.models.words, call.models.words_language = "Genau.", language
    await said_while_the_bot_speaks(call, speech(640), silence(700))
    assert len(call.turns) == (1 if goes_on else 2)


async def test_the_bot_is_told_that_a_conversation_begins() -> None:
    call = await Call(echo, m.Start(greet=True, metadata={"shop": 7}), call={"announce": True}).hold(settle)
    assert call.turns[0].text == "/session_start"
    assert call.turns[0].metadata["shop"] == 7
    assert call.turns[0].metadata["voice"]["greet"] is True
    assert call.of(m.TurnEnd) == [], "nobody asked for anything"


@pytest.mark.parametrize("knows", [True, False])
async def test_the_bot_is_told_that_it_ends_if_it_wants_to_know(knows: bool) -> None:
    call = Call(echo, call={"announce": True})
    call.intents = frozenset(["session_end"] if knows else [])
    await call.hold(settle)
    await call.session.end()
    assert [turn.text for turn in call.turns] == ["/session_start", "/session_end"][: 1 + knows]


async def test_silence_is_told_three_times_and_then_no_more() -> None:
    call = Call(saying(), call={"announce": False, "silence_s": 2})
    call.intents = frozenset(["silence"])
    await call.hold(*[step for _ in range(100) for step in (silence(160), settle)])
    assert [turn.text for turn in call.turns] == [f'/silence{{"count": "{number}"}}' for number in (1, 2, 3)]


async def test_a_bot_that_knows_no_silence_is_not_bothered() -> None:
    call = Call(echo, call={"announce": False, "silence_s": 1})
    await call.hold(silence(3000), settle)
    assert call.turns == []


async def test_speech_makes_the_next_silence_the_first() -> None:
    call = Call(saying(), call={"announce": False, "silence_s": 2})
    call.intents = frozenset(["silence"])
    await call.hold(silence(2100), settle, speech(640), silence(800), settle, silence(2100), settle)
    assert [turn.text for turn in call.turns] == ['/silence{"count": "1"}', "640 ms", '/silence{"count": "1"}']


async def test_keys_pressed_one_by_one_are_one_number() -> None:
    call = Call(echo, call={"announce": False, "dtmf_wait_ms": 20})
    a_moment = functools.partial(asyncio.sleep, 0.06)
    await call.hold(m.Dtmf(digits="4"), m.Dtmf(digits="2"), a_moment, m.Dtmf(digits="7#"), settle)
    assert [turn.text for turn in call.turns] == ['/dtmf{"digits": "42"}', '/dtmf{"digits": "7"}']


async def test_a_form_that_asked_gets_the_digits_as_text() -> None:
    call = Call(echo)
    call.expected = Expectation("party_size")
    await call.hold(m.Dtmf(digits="4#"), settle)
    assert call.turns[0].text == "4"


async def test_settings_change_how_the_bot_speaks_and_listens() -> None:
    call = await Call(echo).hold(m.Settings(speed=1.5, language="de"), m.Text(text="hallo"))
    assert call.models.spoken == [("You said hallo", "de", 1.5)]


async def test_what_was_not_played_waits_for_a_lost_client() -> None:
    call = Call(five_words)

    async def connection_breaks() -> None:
        await call.session.lost()
        call.clock += 20
        call.events.clear()
        await settle()
        assert call.events == []

    await said_while_the_bot_speaks(call, connection_breaks, call.session.found)
    assert [start.from_ms for start in call.of(m.AudioStart)] == [1000]
    assert sum(len(event) for event in call.of(bytes)) == 2 * RATE * 3 // 2
    assert call.of(m.Interrupted) == []


async def test_a_call_that_another_server_began_goes_on_with_one_sentence() -> None:
    call = Call(echo, goes_on=True, call={"announce": True, "dtmf_wait_ms": 0})
    await call.hold(settle, m.Text(text="hello"))
    assert [start.text for start in call.of(m.AudioStart)] == ["Please say that again.", "You said hello"]
    assert [turn.text for turn in call.turns] == ["hello"], "the bot begins nothing anew"


async def test_texts_sent_at_once_are_taken_at_a_pace(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: List[float] = []

    async def note(seconds: float) -> None:
        waits.append(seconds)

    call = Call(echo)
    call.session._pace = Pace(2, 1.0)
    for _ in range(2):
        await call.session.receive(m.Text(text="hello"))
    monkeypatch.setattr("convai_rasa.voice.call.session.asyncio.sleep", note)
    await call.session.receive(m.Text(text="hello"))
    assert waits == [pytest.approx(1.0, abs=0.05)]


def count(counter: SilenceCounter, seconds: float, speaking: bool = False) -> List[int]:
    heard: List[Optional[int]] = [counter.heard(32, speaking) for _ in range(round(seconds * 1000 / 32))]
    return [times for times in heard if times is not None]


def test_three_silences_in_a_row_and_no_fourth() -> None:
    assert count(SilenceCounter(2), 20) == [1, 2, 3]


def test_silence_begins_when_the_last_one_stops_speaking() -> None:
    counter = SilenceCounter(2)
    assert count(counter, 1.5) == []
    assert count(counter, 5, speaking=True) == []
    assert count(counter, 1.5) == []
    assert count(counter, 1) == [1]


def test_a_word_of_the_person_starts_anew() -> None:
    counter = SilenceCounter(2)
    assert count(counter, 5) == [1, 2]
    counter.broken()
    assert count(counter, 2.1) == [1]


def test_zero_never_counts() -> None:
    assert count(SilenceCounter(0), 60) == []

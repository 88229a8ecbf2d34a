"""What a caller sees and hears of the bot's messages."""

from __future__ import annotations

import asyncio
from typing import Any, AsyncGenerator

import pytest
from scripted_call import RATE, Call, Models, echo, said_while_the_bot_speaks, saying, settle, silence, speech

from convai_rasa.audio import Sound
from convai_rasa.errors import ProtocolError
from convai_rasa.voice.bot import UserTurn
from convai_rasa.voice.call.answering import VoiceDirections, read_directions
from convai_rasa.voice.wire import messages as m

BUTTONS = [{"title": "Yes", "payload": "/affirm"}, {"title": "No", "payload": "/deny"}]


async def test_the_next_reply_is_spoken_after_one_could_not_be() -> None:
    call = await Call(echo).hold(m.Text(text="unspeakable"), m.Text(text="fine"))
    assert [error.code for error in call.of(m.Error)] == ["synthesis_failed"]
    assert [start.text for start in call.of(m.AudioStart)] == ["You said fine"]
    assert len(call.of(m.TurnEnd)) == 2


async def test_a_response_may_hold_the_floor() -> None:
    call = Call(saying("one two three four five", custom={"voice": {"allow_interruptions": False}}))
    await said_while_the_bot_speaks(call, speech(640), silence(700))
    assert call.of(m.Interrupted) == []
    assert [turn.text for turn in call.turns] == ["go", "640 ms"]
    assert "interrupted" not in call.turns[1].metadata["voice"]


async def test_nothing_is_spoken_while_the_person_speaks() -> None:
    go_on = asyncio.Event()

    async def slow(call: Call, turn: UserTurn) -> None:
        if len(call.turns) == 1:
            await go_on.wait()
            await call.session.say({"text": "first answer"})

    call = Call(slow)

    async def answer_comes() -> None:
        go_on.set()
        await settle()

    await call.hold(m.Text(text="go"), settle, speech(640), answer_comes)
    assert call.of(bytes) == []


@pytest.mark.slow
async def test_the_bot_can_hang_up_and_hand_over() -> None:
    async def farewell(call: Call, turn: UserTurn) -> None:
        voice = {"hangup": True} if turn.text == "bye" else {"transfer": "tel:+441632960000"}
        await call.session.say({"text": "Goodbye", "custom": {"voice": voice}})

    call = Call(farewell)

    async def all_is_played() -> None:
        await settle()
        assert not call.session.over.is_set(), "the goodbye is still being played"
        call.clock += 5
        await asyncio.wait_for(call.session.over.wait(), 5)

    await call.hold(m.Text(text="bye"), all_is_played)
    assert call.types[-3:] == ["audio.end", "hangup", "turn.end"]
    other = Call(farewell)
    await other.hold(m.Text(text="a person please"), settle)
    assert [transfer.to for transfer in other.of(m.Transfer)] == ["tel:+441632960000"]


async def test_the_bot_can_repeat_what_it_said_before() -> None:
    async def repeat(call: Call, turn: UserTurn) -> None:
        if turn.text == "again":
            await call.session.say({"custom": {"voice": {"repeat": True}}})
        else:
            await echo(call, turn)

    call = await Call(repeat).hold(m.Text(text="one"), settle, m.Text(text="again"))
    assert [start.text for start in call.of(m.AudioStart)] == ["You said one", "You said one"]


async def test_a_mistake_in_a_response_is_logged_and_the_text_spoken(caplog: pytest.LogCaptureFixture) -> None:
    call = await Call(saying("hello", custom={"voice": {"hang_up": True}})).hold(m.Text(text="go"))
    assert [start.text for start in call.of(m.AudioStart)] == ["hello"]
    assert "did you mean 'hangup'" in caplog.text


async def test_marks_for_speech_are_not_shown_and_buttons_are_said() -> None:
    marked = saying('Now <break time="200ms"/>or later?', buttons=BUTTONS)
    call = await Call(marked).hold(m.Text(text="go"))
    assert call.of(m.BotMessage)[0].text == "Now or later?"
    assert "<break" in call.models.spoken[0][0]
    assert "Yes or No" in call.models.spoken[0][0]


async def test_buttons_are_offered_in_the_bots_language() -> None:
    call = Call(saying("Drinnen?", buttons=[{"title": "Ja", "payload": "/ja"}]))
    call.models.language = "de"
    await call.hold(m.Text(text="los"))
    assert call.models.spoken == [("Drinnen?\nSie können sagen: Ja.", "de", 1.0)]


async def test_the_sound_sent_is_never_far_ahead() -> None:
    call = await Call(saying("word " * 40), call={"announce": False, "lead_s": 2}).hold(m.Text(text="go"))
    seconds = sum(len(event) for event in call.of(bytes)) / 2 / RATE
    assert 2 <= seconds <= 3


async def test_an_intent_may_be_sent_by_a_button_that_the_bot_has_shown() -> None:
    call = await Call(saying("Sure?", buttons=BUTTONS)).hold(m.Text(text="book"), settle, m.Text(text="/affirm"))
    assert [turn.text for turn in call.turns] == ["book", "/affirm"]


@pytest.mark.parametrize("text", ["/affirm", "  /restart", '/inform{"name": "x"}', "/"])
async def test_any_other_intent_is_refused(text: str) -> None:
    with pytest.raises(ProtocolError) as error:
        await Call(echo).hold(m.Text(text=text))
    assert error.value.code == "forbidden_payload"


async def test_unless_clients_may_send_them() -> None:
    call = await Call(echo, allow_payloads=True).hold(m.Text(text="/restart"))
    assert [turn.text for turn in call.turns] == ["/restart"]


async def test_of_a_message_without_end_so_much_is_spoken() -> None:
    call = Call(saying("very long " * 100_000), call={"announce": False, "dtmf_wait_ms": 0, "lead_s": 1_000_000})
    call.models.may_speak_on.clear()
    await call.hold(m.Text(text="go on"))
    (message,) = call.of(m.BotMessage)
    assert len(message.text) > 900_000
    assert len(call.models.spoken[0][0]) <= 4_000


async def test_a_reply_that_meets_a_fault_costs_no_conversation(caplog: pytest.LogCaptureFixture) -> None:
    class Faulty(Models):
        async def speak(self, text: str, **how: Any) -> AsyncGenerator[Sound, None]:
            if "odd" in text:
                raise RecursionError("a fault of ours")
            async for chunk in super().speak(text, **how):
                yield chunk

    call = Call(echo)
    call.session._speaker._engines = Faulty()  # type: ignore[assignment]  # the part of Engines a session uses
    await call.hold(m.Text(text="odd"), settle, m.Text(text="even"))
    assert [error.code for error in call.of(m.Error)] == ["synthesis_failed"]
    assert [start.text for start in call.of(m.AudioStart)] == ["You said even"]
    assert "a fault of ours" in caplog.text


def test_directions_stand_in_the_custom_part_or_in_the_metadata() -> None:
    assert read_directions({"custom": {"voice": {"hangup": True}}}).hangup
    assert not read_directions({"metadata": {"voice": {"allow_interruptions": False}}}).allow_interruptions


@pytest.mark.parametrize("content", [{}, {"custom": ["a list"]}, {"custom": {"voice": "loud"}}, {"metadata": None}])
def test_without_directions_the_defaults_hold(content: dict) -> None:
    assert read_directions(content) == VoiceDirections()


@pytest.mark.parametrize(
    ("given", "complaint"),
    [({"hang_up": True}, "did you mean 'hangup'"), ({"transfer": "ring my mother"}, "transfer")],
)
def test_a_mistaken_direction_is_named_and_left_out(
    given: dict, complaint: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert read_directions({"custom": {"voice": given}}) == VoiceDirections()
    assert complaint in caplog.text

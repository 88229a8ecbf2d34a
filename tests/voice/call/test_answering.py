"""How a bot's answers go with turns that come meanwhile, take long, or fail."""

from __future__ import annotations

import asyncio
import functools
from typing import Optional

import pytest
from scripted_call import Call, echo, settle, silence, speech

from convai_rasa.errors import BotError, PartialAnswer
from convai_rasa.voice.bot import UserTurn
from convai_rasa.voice.wire import messages as m

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("start", "settings", "allowed", "seen"),
    [
        (True, None, True, True),
        (False, None, True, False),
        (True, None, False, False),
        (False, True, True, True),
        (True, False, True, False),
    ],
)
async def test_who_asks_and_may_sees_what_the_bot_made_of_a_turn(
    start: bool, settings: Optional[bool], allowed: bool, seen: bool
) -> None:
    call = Call(echo, m.Start(inspect=start), may_inspect=allowed)
    change = [] if settings is None else [m.Settings(inspect=settings)]
    await call.hold(*change, m.Text(text="hello"))
    assert [turn.text for turn in call.of(m.Inspect)] == (["hello"] if seen else [])
    assert not seen or call.types.index("inspect") < call.types.index("turn.end")


async def test_ten_turns_sent_at_once_are_answered_in_order() -> None:
    sound = b"".join(speech(320 + 32 * number) + silence(600) for number in range(10))
    call = await Call(echo).hold(sound)
    assert [turn.text for turn in call.turns] == [f"{320 + 32 * number} ms" for number in range(10)]
    assert len(call.of(m.TurnEnd)) == 10


async def test_the_first_message_is_spoken_while_the_bot_still_thinks() -> None:
    async def slow(call: Call, turn: UserTurn) -> None:
        await call.session.say({"text": "One moment"})
        await settle()
        assert call.of(bytes), "nothing was spoken before the second action"
        await call.session.say({"text": "Done"})

    call = await Call(slow).hold(m.Text(text="hello"))
    assert [message.text for message in call.of(m.BotMessage)] == ["One moment", "Done"]
    assert not call.of(m.Error)


async def test_the_next_turn_works_after_recognition_failed() -> None:
    call = await Call(echo).hold(*(speech(960), silence(160)) * 11, silence(700), speech(640), silence(700))
    assert [error.code for error in call.of(m.Error)] == ["recognition_failed"]
    assert [turn.text for turn in call.turns] == ["640 ms"]


async def test_the_next_turn_works_after_the_bot_failed() -> None:
    async def fail_first(call: Call, turn: UserTurn) -> None:
        if len(call.turns) == 1:
            raise BotError("The bot could not answer this.")
        await echo(call, turn)

    call = await Call(fail_first).hold(m.Text(text="one"), m.Text(text="two"))
    assert [error.code for error in call.of(m.Error)] == ["bot_failed"]
    assert [message.text for message in call.of(m.BotMessage)] == ["Something went wrong.", "You said two"]


async def test_the_rest_of_an_answer_is_not_spoken_into_the_next_question() -> None:
    go_on = asyncio.Event()

    async def long_action(call: Call, turn: UserTurn) -> None:
        await call.session.say({"text": "first"})
        if len(call.turns) == 1:
            await go_on.wait()
            await call.session.say({"text": "too late"})

    call = Call(long_action)

    async def action_ends() -> None:
        await settle()
        go_on.set()
        await settle()

    await call.hold(m.Text(text="go"), settle, speech(640), silence(700), action_ends)
    assert "too late" in [message.text for message in call.of(m.BotMessage)]
    assert "too late" not in [start.text for start in call.of(m.AudioStart)]
    assert call.turns[1].metadata["voice"]["interrupted"]["unheard"].endswith("too late")


async def test_a_slow_bot_asks_for_patience_once() -> None:
    async def slow(call: Call, turn: UserTurn) -> None:
        await asyncio.sleep(0.15)
        await call.session.say({"text": "Done"})

    call = Call(slow, call={"announce": False, "filler_after_ms": 30})
    call.bridge = "One moment, please."
    await call.hold(m.Text(text="go"), functools.partial(asyncio.sleep, 0.2))
    assert [start.text for start in call.of(m.AudioStart)] == ["One moment, please.", "Done"]


async def test_a_call_that_fails_at_its_beginning_is_not_told_so_aloud() -> None:
    async def failing(call: Call, turn: UserTurn) -> None:
        raise BotError("The bot could not answer this.")

    call = await Call(failing, call={"announce": True}).hold()
    assert [error.code for error in call.of(m.Error)] == ["bot_failed"]
    assert call.models.spoken == []


async def test_part_of_an_answer_is_an_answer() -> None:
    async def half(call: Call, turn: UserTurn) -> None:
        await call.session.say({"text": "All right."})
        raise PartialAnswer("An action failed.")

    call = await Call(half).hold(m.Text(text="book"))
    assert [error.code for error in call.of(m.Error)] == ["bot_failed"]
    assert [message.text for message in call.of(m.BotMessage)] == ["All right."]


async def test_when_the_server_stops_what_was_begun_is_said_and_then_goodbye() -> None:
    call = Call(echo)

    async def play_everything() -> None:
        call.clock += 100

    async def stop() -> None:
        finishing = asyncio.ensure_future(call.session.finish("Goodbye."))
        await asyncio.sleep(0.2)
        await play_everything()
        await asyncio.wait_for(finishing, 5)

    await call.hold(m.Text(text="hello"), stop)
    assert [start.text for start in call.of(m.AudioStart)] == ["You said hello", "Goodbye."]
    assert call.session.over.is_set()

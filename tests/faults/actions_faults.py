"""The action server, and the way to it."""

from __future__ import annotations

import asyncio
import json
import signal

from action_gate import Answer, http, read_request
from callers import PARKED, PARKING
from faults import Scene, check_apology, fault

from convai_rasa.voice.wire import messages as m

PLEASE_WAIT = ("One moment, please.", "Just a second.")
FAILED = "Failed to execute custom action"
LOST = "Encountered an exception while running action"


@fault("The action server is gone", log="Couldn't connect")
async def _(scene: Scene) -> None:
    with scene.house.gate.shut():
        check_apology(await scene.ann.ask(PARKING))
        await scene.others_go_on()


@fault("The action server is killed while it answers", log=LOST)
async def _(scene: Scene) -> None:
    scene.house.actions.freeze()
    asked = asyncio.ensure_future(scene.ann.ask(PARKING))
    await asyncio.sleep(0.5)
    scene.house.actions.kill()
    check_apology(await asked)
    await scene.others_go_on()
    await asyncio.get_running_loop().run_in_executor(None, scene.house.actions.start)


@fault("The action server hangs for a while")
async def _(scene: Scene) -> None:
    with scene.house.actions.frozen():
        asked = asyncio.ensure_future(scene.ann.ask(PARKING))
        await asyncio.sleep(3)
        assert not asked.done()
    turn = await asked
    assert not turn.errors
    assert turn.messages[0].text in PLEASE_WAIT
    assert PARKED in turn.text


@fault("The action server hangs for longer than call.answer_s", log="s; the turn was given up.")
async def _(scene: Scene) -> None:
    with scene.house.actions.frozen():
        turn = await scene.ann.ask(PARKING)
        assert turn.messages.pop(0).text in PLEASE_WAIT
        check_apology(turn)


@fault("The action server is restarted between two questions")
async def _(scene: Scene) -> None:
    def restart() -> None:
        scene.house.actions.kill(signal.SIGTERM)
        scene.house.actions.start()

    await asyncio.get_running_loop().run_in_executor(None, restart)
    turn = await scene.ann.ask(PARKING)
    assert PARKED in turn.text
    assert not turn.errors


@fault("The action server answers 500", log=FAILED)
async def _(scene: Scene) -> None:
    await check_bad_answer(scene, http("500 Internal Server Error", b'{"error": "no", "action_name": "action"}'))


@fault("The action server answers 404", log=FAILED)
async def _(scene: Scene) -> None:
    await check_bad_answer(scene, http("404 Not Found", b""))


@fault("The action server rejects every action", log="refuses to do it")
async def _(scene: Scene) -> None:
    refusal = {"error": "refuses to do it", "action_name": "action_answer_directions"}
    await check_bad_answer(scene, http("400 Bad Request", json.dumps(refusal).encode()))


@fault("The action server answers 400 with nonsense", log="JSONDecodeError")
async def _(scene: Scene) -> None:
    await check_bad_answer(scene, http("400 Bad Request", b"no"))


@fault("The action server answers with bytes that are not text", log="UnicodeDecodeError")
async def _(scene: Scene) -> None:
    await check_bad_answer(scene, http("200 OK", bytes(range(128, 256)) * 10))


@fault("The action server answers with a page of HTML", log="ValidationError")
async def _(scene: Scene) -> None:
    await check_bad_answer(scene, http("200 OK", b"<html><body>It works!</body></html>", "text/html"))


@fault("The action server answers with JSON of another shape", log="ValidationError")
async def _(scene: Scene) -> None:
    await check_bad_answer(scene, http("200 OK", b'[{"text": "hello"}]'))


@fault("The action server answers with events that Rasa does not know", log="ValidationError")
async def _(scene: Scene) -> None:
    await check_bad_answer(scene, http("200 OK", b'{"events": [{"event": "nonsense"}], "responses": []}'))


@fault("The action server closes the connection in the middle of its answer", log=LOST)
async def _(scene: Scene) -> None:
    await check_bad_answer(scene, http("200 OK", b'{"events": [', declared=10_000))


@fault("The action server resets the connection", log=LOST)
async def _(scene: Scene) -> None:
    async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.transport.abort()

    await check_bad_answer(scene, reset)


@fault("The action server takes long for each answer")
async def _(scene: Scene) -> None:
    gate = scene.house.gate

    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(1.5)
        await gate.hand_on(reader, writer)

    with gate.answering(slow):
        turn = await scene.ann.ask(PARKING)
    assert turn.messages[0].text in PLEASE_WAIT
    assert PARKED in turn.text
    assert not turn.errors


@fault("The action server answers with a message of a million letters")
async def _(scene: Scene) -> None:
    message = {"events": [], "responses": [{"text": "very long " * 100_000}]}
    with scene.house.gate.answering(http("200 OK", json.dumps(message).encode())):
        await scene.ann.send(m.Text(text=PARKING))
        while not isinstance(await scene.ann.receive(), m.BotMessage):
            pass
    await scene.others_go_on()
    await scene.ann.send(m.Text(text=PARKING))  # she has heard enough
    turns = [await scene.ann.turn(), await scene.ann.turn()]
    assert any(PARKED in turn.text for turn in turns)
    assert not any(turn.errors for turn in turns)


@fault("The name of the action server's machine cannot be resolved", log="Temporary failure in name resolution")
async def _(scene: Scene) -> None:
    with scene.house.no_names():
        check_apology(await scene.ann.ask(PARKING))
        await scene.others_go_on()


@fault("An action's own database is gone", log=FAILED)
async def _(scene: Scene) -> None:
    database = scene.house.folder / "bookings.db"
    aside = database.rename(database.with_name("bookings.aside")) if database.exists() else None
    database.mkdir()
    try:
        turn = await scene.ann.ask("a table for four tomorrow at eight in the evening please")
        assert [error.code for error in turn.errors] == ["bot_failed"]
        assert "I haven't booked anything" in turn.text  # Rasa takes the form, which has failed, to be over
        await scene.others_go_on()
    finally:
        database.rmdir()
        if aside:
            aside.rename(database)


async def check_bad_answer(scene: Scene, answer: Answer) -> None:
    """Ask while the action server answers like this."""
    with scene.house.gate.answering(answer):
        check_apology(await scene.ann.ask(PARKING))

"""The telephone's routes in a real Sanic server; the conversation behind them only echoes."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from typing import Any, AsyncIterator, Dict, Optional
from urllib.parse import urlencode
from xml.etree import ElementTree

import aiohttp
import pytest
from sanic import Blueprint, Sanic
from twilio.request_validator import RequestValidator
from twilio.twiml.voice_response import VoiceResponse
from websockets.client import connect
from websockets.exceptions import InvalidStatusCode

from convai_rasa.errors import ConfigurationError, ProtocolError
from convai_rasa.launch import free_port
from convai_rasa.options import parse_options
from convai_rasa.voice.http.telephone import MAX_TRANSFERS, STREAM_TOKEN_S, Telephone, dial
from convai_rasa.voice.options import TwilioOptions, VoiceOptions
from convai_rasa.voice.wire import messages as m

SECRET = "12345"
CALL = {"CallSid": "CA1", "AccountSid": "AC1", "From": "+441632960001", "To": "+441632960002", "CallerCity": ""}


class Server:
    """A telephone that answers every start of a call with the start itself."""

    def __init__(self, port: int, **options: Any) -> None:
        self.port = port
        self.now = 1_000.0
        self.full: Optional[str] = None
        self.url = f"http://127.0.0.1:{port}/webhooks/voice"
        self.socket_url = f"{self.url}/twilio".replace("http", "ws")
        self.telephone = Telephone(
            TwilioOptions(**{"auth_token": SECRET, "public_url": f"http://127.0.0.1:{port}", **options}),
            self.serve,
            no_room=lambda: self.full,
            clock=lambda: self.now,
        )

    async def serve(self, socket: Any, wire: Any) -> None:
        while True:
            try:
                for item in wire.receive(await socket.recv()):
                    await socket.send(item.json() if isinstance(item, m.Start) else repr(item))
            except ProtocolError as error:
                await socket.send(f"{error.code}: {error}")
                return

    async def post(
        self, route: str, form: Dict[str, str], *, secret: Optional[str] = SECRET, query: str = "", signed: str = ""
    ) -> tuple[int, str]:
        url = f"{self.url}/twilio/{route}{query}"
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if secret is not None:
            headers["X-Twilio-Signature"] = RequestValidator(secret).compute_signature(signed or url, form)
        async with (
            aiohttp.ClientSession() as session,
            session.post(url, data=urlencode(form), headers=headers) as reply,
        ):
            return reply.status, await reply.text()

    async def answer(self, **more: Any) -> ElementTree.Element:
        status, text = await self.post("answer", CALL, **more)
        assert status == 200, text
        return ElementTree.fromstring(text)


@contextlib.asynccontextmanager
async def serving(**options: Any) -> AsyncIterator[Server]:
    server = Server(free_port(), **options)
    app = Sanic(f"telephone_{server.port}")
    blueprint = Blueprint("voice", url_prefix="/webhooks/voice")
    blueprint.add_route(lambda request: None, "/", methods=["GET"])
    server.telephone.add_routes(blueprint)
    app.blueprint(blueprint)
    running = await app.create_server("127.0.0.1", server.port, return_asyncio_server=True)
    await running.startup()
    await running.start_serving()
    try:
        yield server
    finally:
        running.close()
        await running.wait_closed()


def parameters(answer: ElementTree.Element) -> Dict[str, str]:
    return {p.attrib["name"]: p.attrib["value"] for p in answer.iterfind("Connect/Stream/Parameter")}


def starting(call: str, given: Dict[str, str]) -> str:
    content = {"streamSid": "MZ1", "callSid": call, "customParameters": given}
    return json.dumps({"event": "start", "start": content})


async def test_twilio_is_told_to_stream_the_call_here_and_to_ask_again_afterwards() -> None:
    async with serving(public_url="https://bot.example.com/rasa/") as server:
        signed = "https://bot.example.com/rasa/webhooks/voice/twilio/answer"
        answer = await server.answer(signed=signed)
    (connection,) = answer
    (stream,) = connection
    assert connection.attrib == {"action": "https://bot.example.com/rasa/webhooks/voice/twilio/after"}
    assert stream.attrib == {"url": "wss://bot.example.com/rasa/webhooks/voice/twilio"}
    assert {key: value for key, value in parameters(answer).items() if key != "token"} == {
        "from": CALL["From"],
        "to": CALL["To"],
    }


async def test_a_caller_who_cannot_be_answered_is_told_so() -> None:
    async with serving() as server:
        server.full = "Please call again in a minute."
        answer = await server.answer()
    assert [(verb.tag, verb.text) for verb in answer] == [("Say", "Please call again in a minute."), ("Hangup", None)]


async def test_without_a_public_address_it_is_the_one_that_was_asked() -> None:
    async with serving(public_url=None) as server:
        signed = f"https://127.0.0.1:{server.port}/webhooks/voice/twilio/answer"
        answer = await server.answer(signed=signed)
    (stream,) = answer.iterfind("Connect/Stream")
    assert stream.attrib["url"] == f"wss://127.0.0.1:{server.port}/webhooks/voice/twilio"


async def test_the_stream_of_an_answered_call_is_served() -> None:
    async with serving() as server:
        answer = await server.answer(query="?language=de&table=7")
        (stream,) = answer.iterfind("Connect/Stream")
        async with connect(stream.attrib["url"]) as socket:
            await socket.send('{"event": "connected", "protocol": "Call", "version": "1.0.0"}')
            await socket.send(starting("CA1", parameters(answer)))
            started = m.Start.parse_raw(await asyncio.wait_for(socket.recv(), 10))
    assert (started.sender_id, started.language) == (CALL["From"], "de")
    assert started.metadata["call"]["table"] == "7"
    assert "token" not in started.metadata["call"]


@pytest.mark.parametrize("route", ["answer", "after"])
@pytest.mark.parametrize("secret", [None, "54321"])
async def test_nobody_but_twilio_is_answered(route: str, secret: Optional[str]) -> None:
    async with serving() as server:
        status, text = await server.post(route, CALL, secret=secret)
    assert status == 403
    assert "auth_token" in text


async def test_a_signature_for_other_content_is_refused() -> None:
    async with serving() as server:
        other = RequestValidator(SECRET).compute_signature(f"{server.url}/twilio/answer", {**CALL, "To": "+1"})
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{server.url}/twilio/answer", data=CALL, headers={"X-Twilio-Signature": other}) as reply,
        ):
            assert reply.status == 403


async def test_a_request_without_a_call_gets_a_sentence() -> None:
    async with serving() as server:
        status, text = await server.post("answer", {"From": "+441632960001"})
    assert status == 400
    assert "CallSid" in text


@pytest.mark.parametrize("scheme", ["ws", "http"])
@pytest.mark.parametrize("end", ["", "/"])
async def test_a_signed_handshake_is_accepted(scheme: str, end: str) -> None:
    async with serving() as server:
        url = f"{server.url}/twilio".replace("http", scheme) + end
        signature = RequestValidator(SECRET).compute_signature(url, {})
        async with connect(
            f"{server.url}/twilio".replace("http", "ws"), extra_headers={"X-Twilio-Signature": signature}
        ):
            pass


async def test_a_handshake_with_a_wrong_signature_is_refused() -> None:
    async with serving() as server:
        signature = RequestValidator("54321").compute_signature(server.socket_url, {})
        with pytest.raises(InvalidStatusCode) as refused:
            await connect(server.socket_url, extra_headers={"X-Twilio-Signature": signature})
    assert refused.value.status_code == 403


async def refusal(server: Server, call: str, given: Dict[str, str]) -> str:
    async with connect(server.socket_url) as socket:
        await socket.send(starting(call, given))
        return str(await asyncio.wait_for(socket.recv(), 10))


async def test_a_stream_nobody_answered_is_refused() -> None:
    async with serving() as server:
        answer = await server.answer()
        token = parameters(answer)["token"]
        for call, given in [
            ("CA1", {}),
            ("CA1", {"token": "x"}),
            ("CA2", {"token": token}),
            ("CA1", {"token": "9" + token}),
            ("CA1", {"token": token[:-1] + ("0" if token[-1] != "0" else "1")}),
            ("CA1", {"token": "9999.ü"}),
        ]:
            assert (await refusal(server, call, given)).startswith("unauthorized: This call was not answered")
        server.now += STREAM_TOKEN_S + 1
        assert (await refusal(server, "CA1", {"token": token})).startswith("unauthorized: The call was answered too")


async def test_after_the_stream_the_call_ends() -> None:
    async with serving() as server:
        status, text = await server.post("after", CALL)
    assert status == 200
    assert [element.tag for element in ElementTree.fromstring(text)] == ["Hangup"]


async def test_a_caller_is_put_through_once_to_where_the_bot_said() -> None:
    async with serving() as server:
        server.telephone.transfer("CA1", "tel:+441632960000")
        first = ElementTree.fromstring((await server.post("after", CALL))[1])
        second = ElementTree.fromstring((await server.post("after", CALL))[1])
    assert [number.text for number in first.iterfind("Dial/Number")] == ["+441632960000"]
    assert [element.tag for element in second] == ["Hangup"]


@pytest.mark.parametrize(
    ("target", "dialled"),
    [
        ("tel:+441632960000", ("Number", "+441632960000")),
        ("+441632960000", ("Number", "+441632960000")),
        ("sip:desk@example.com", ("Sip", "sip:desk@example.com")),
        ("client:ann", ("Client", "ann")),
        ('tel:"><Hangup/>', ("Number", '"><Hangup/>')),
    ],
)
def test_every_kind_of_target_is_dialled(target: str, dialled: tuple[str, str]) -> None:
    twiml = VoiceResponse()
    dial(twiml, target)
    (element,) = ElementTree.fromstring(str(twiml)).iterfind("Dial/*")
    assert (element.tag, element.text) == dialled


def test_transfers_nobody_asks_for_are_forgotten() -> None:
    telephone = Server(1).telephone
    for number in range(MAX_TRANSFERS + 5):
        telephone.transfer(f"CA{number}", "tel:1")
    assert len(telephone._transfers) == MAX_TRANSFERS
    assert "CA0" not in telephone._transfers


async def test_without_an_auth_token_there_is_no_telephone_and_the_log_says_how_to_get_one(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv("TWILIO_AUTH_TOKEN", raising=False)
    with caplog.at_level(logging.INFO, "convai_rasa.voice.http.telephone"):
        async with serving(auth_token=None) as server:
            for route in ("answer", "after"):
                assert (await server.post(route, CALL))[0] == 404
            with pytest.raises(InvalidStatusCode):
                await connect(server.socket_url)
    assert "TWILIO_AUTH_TOKEN" in caplog.text


async def test_the_auth_token_may_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TWILIO_AUTH_TOKEN", SECRET)
    async with serving(auth_token=None) as server:
        await server.answer()


def test_an_address_is_an_address() -> None:
    with pytest.raises(ConfigurationError, match=r"twilio\.public_url"):
        parse_options(VoiceOptions, {"twilio": {"public_url": "bot.example.com"}}, where="credentials.yml")

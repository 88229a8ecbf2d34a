"""What reads strangers' bytes, given thousands of odd ones: it refuses in a sentence, and never takes long."""

from __future__ import annotations

import asyncio
import gc
import socket
import time
from typing import Any, Callable, Iterator

import hostile_addresses
import hostile_calls
import hostile_forms
import hostile_frames
import hostile_messages
import hostile_tokens
import hostile_values
import pytest
from seeds import SEED, chance

from convai_rasa.errors import AudioError, ProtocolError
from convai_rasa.voice.http.access import Access
from convai_rasa.voice.http.attachments import fetching
from convai_rasa.voice.http.notes import parse_note
from convai_rasa.voice.options import VoiceOptions
from convai_rasa.voice.wire import native
from convai_rasa.voice.wire.twilio import TwilioWire

pytestmark = pytest.mark.slow

INPUTS = 3_000
LONGEST_SENTENCE = 1_000
LONGEST_S = 0.5  # of the processor's time, for one input
KEY = "a-key-of-the-fuzz-suite-that-signs-tokens"
PUBLIC = "127.0.0.99"  # plays the public internet


@pytest.fixture(scope="module", autouse=True)
def nothing_else_to_clean_up() -> Iterator[None]:
    """Python would look through all that other tests have left in this process, at the cost of one input of these."""
    gc.collect()
    gc.freeze()
    yield
    gc.unfreeze()


def refused_or_taken(work: Callable[[], Any], what: Any, number: int) -> bool:
    """Whether it was taken; anything but a refusal in a sentence, and anything slow, fails the test."""
    began = time.thread_time()
    try:
        work()
    except (ProtocolError, AudioError) as error:
        taken = False
        said = str(error)
        assert len(said) < LONGEST_SENTENCE, f"seed {SEED}, {number}: {what!r:.300} → {said:.300}"
        assert said.isprintable(), f"seed {SEED}, {number}: {what!r:.300} → {said!r:.300}"
    except Exception as error:
        raise AssertionError(f"seed {SEED}, {number}: {type(error).__name__} for {what!r:.600}") from error
    else:
        taken = True
    took = time.thread_time() - began
    assert took < LONGEST_S, f"seed {SEED}, {number}: {took:.2f} s for {what!r:.300}"
    return taken


def both(taken: list[bool]) -> bool:
    """Whether a fair share was taken and a fair share refused, so that the test tests something."""
    return min(taken.count(True), taken.count(False)) > len(taken) / 20


def test_messages_are_refused_in_a_sentence() -> None:
    taken = []
    for number in range(INPUTS):
        frame = hostile_messages.message(KEY, chance("message", number))
        taken.append(refused_or_taken(lambda frame=frame: native.decode_client(frame), frame, number))
    assert both(taken)


def test_sound_is_taken_as_it_is() -> None:
    for number in range(300):
        frame = hostile_frames.sound(chance("pcm", number))
        assert native.decode_client(frame) == frame


def test_events_of_a_telephone_are_refused_in_a_sentence() -> None:
    taken = []
    for number in range(INPUTS):
        dice = chance("event", number)
        wire = TwilioWire(lambda call, token: None, on_transfer=lambda call, to: None)
        opening = hostile_calls.opening("CA1", {"from": "+441632960001", "token": "0.0"})
        if number % 2:
            hostile_calls.change_opening(opening, dice)
        frame = hostile_values.as_json(opening, dice)
        opened = refused_or_taken(lambda wire=wire, frame=frame: list(wire.receive(frame)), frame, number)
        frame = hostile_calls.event(dice)
        taken.append(
            refused_or_taken(lambda wire=wire, frame=frame: list(wire.receive(frame)), frame, number) and opened
        )
    assert both(taken)


def test_forms_are_refused_in_a_sentence() -> None:
    taken = []
    for number in range(INPUTS):
        kind, body = hostile_forms.form(chance("form", number))
        work = lambda kind=kind, body=body: parse_note(kind, body)  # noqa: E731 - used once
        taken.append(refused_or_taken(work, (kind, body), number))
    assert both(taken)


def test_no_token_that_somebody_made_up_lets_in() -> None:
    access = Access(VoiceOptions(token="the right one", jwt_key=KEY))
    for number in range(INPUTS):
        token = hostile_tokens.token(KEY, chance("token", number))
        assert not refused_or_taken(lambda token=token: access.prove(token), token, number)
    assert access.prove(hostile_tokens.good_token(KEY, "ann")).subject == "ann"


@pytest.fixture(scope="module")
def event_loop_policy() -> asyncio.AbstractEventLoopPolicy:
    """Take asyncio's own loop, whose connections can be watched, also where Sanic has put uvloop in its place."""
    return asyncio.DefaultEventLoopPolicy()


@pytest.fixture
def connected_to(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Where connections were made to; names are not looked up outside this machine."""
    addresses: list[str] = []
    look_up = socket.getaddrinfo

    def look_up_here(host: Any, port: Any, family: int = 0, kind: int = 0, proto: int = 0, flags: int = 0) -> Any:
        if str(host).rstrip(".").lower() == "localhost":
            host = "127.0.0.1"
        return look_up(host, port, family, kind, proto, flags | socket.AI_NUMERICHOST)

    async def connect_here(self: Any, sock: socket.socket, address: Any) -> None:
        addresses.append(str(address[0]))
        assert address[0] == PUBLIC, f"a connection to {address}"
        await connect(self, sock, address)

    loop = asyncio.SelectorEventLoop
    connect = loop.sock_connect
    monkeypatch.setattr(socket, "getaddrinfo", look_up_here)
    monkeypatch.setattr(loop, "sock_connect", connect_here)
    return addresses


async def refused(url: str) -> None:
    """Assert that an address is refused in a sentence."""
    try:
        await fetching.download(url, auth=None, max_bytes=1_000, timeout_s=2.0, allow_private=False)
    except AudioError as error:
        assert len(str(error)) < 400
        assert str(error).isprintable()
    else:
        raise AssertionError(f"seed {SEED}: {url!r:.300} was fetched")


async def test_nothing_is_fetched_from_this_machine_or_its_neighbours(connected_to: list[str]) -> None:
    for number in range(INPUTS // 2):
        url = hostile_addresses.address(chance("address", number))
        began = time.thread_time()
        await refused(url)
        assert time.thread_time() - began < LONGEST_S, f"seed {SEED}, {number}: {url!r:.300}"
    assert connected_to == []


async def test_no_redirect_leads_there_either(connected_to: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    public = fetching.is_public
    monkeypatch.setattr(fetching, "is_public", lambda host: host == PUBLIC or public(host))
    where: list[str] = []

    async def elsewhere(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        location = where[0].encode("utf-8", "surrogatepass").replace(b"\r", b"").replace(b"\n", b"")
        writer.write(
            b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nConnection: close\r\nLocation: " + location + b"\r\n\r\n"
        )
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(elsewhere, PUBLIC, 0) as server:
        port = server.sockets[0].getsockname()[1]
        for number in range(400):
            where[:] = [hostile_addresses.address(chance("redirect", number))]
            await refused(f"http://{PUBLIC}:{port}/recording")
    assert set(connected_to) == {PUBLIC}
    assert len(connected_to) > 300

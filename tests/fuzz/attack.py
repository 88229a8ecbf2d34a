"""Sends ten thousand inputs that no honest client sends to a running server, and notes what comes back."""

from __future__ import annotations

import asyncio
import collections
import contextlib
import json
import random
import time
from typing import Awaitable, Callable, Counter
from urllib.parse import quote
from xml.etree import ElementTree

import hostile_calls
import hostile_files
import hostile_forms
import hostile_frames as frames
import hostile_messages
import hostile_requests
import hostile_tokens
import hostile_values as values
from attacked_site import ANSWER_S, Site
from handmade_socket import JOB_S, Socket
from hostile_requests import Request
from seeds import chance

WANTED = {  # inputs of each kind
    "frames": 2_600,
    "messages": 2_700,
    "sound": 900,
    "forms": 900,
    "files": 500,
    "calls": 700,  # requests of Twilio, or of somebody who says so
    "events": 900,  # of Twilio's streams
    "requests": 900,
    "trickles": 12,  # bytes one by one
}
CONNECTIONS = 8  # at once
TOGETHER = 25  # inputs over one connection
ATTACK_S = 200.0  # then it stops by itself
LONGEST_TRICKLE_S = 5.0 + 2.0 + 5.0  # the deadline, the time to say good-bye, and a busy machine


async def send_frames(site: Site, number: int) -> None:
    """Frames byte by byte, before and after the token."""
    dice = chance("frames", number)
    line = Socket(site, "frames", f"frames {number}")
    query = ""
    if number % 3:
        await site.turn_to_open()
        query = "?token=" + quote(site.token)
    deaf = dice.random() < 0.1
    too_early = frames.piece(dice).data if dice.random() < 0.1 else b""
    if not await line.open("/webhooks/voice/stream" + query, listen=not deaf, too_early=too_early):
        return
    if dice.random() < 0.7:  # else what is odd comes first
        await line.send(frames.frame(frames.PING))
        if query:
            await line.send(frames.text('{"type": "start"}'))
    for _ in range(dice.choice([1, TOGETHER, 2 * TOGETHER])):
        piece = frames.piece(dice)
        if not await line.send(piece.data, piece.inputs) or piece.breaks:
            break
        if dice.random() < 0.1:
            await asyncio.sleep(0.01)
    await _leave(line, dice, deaf)


async def _leave(line: Socket, dice: random.Random, deaf: bool) -> None:
    how = dice.random()
    if deaf or how < 0.1:
        line.leave(rudely=True)
    elif how < 0.2:
        await line.send(frames.half(dice).data)
        await asyncio.sleep(0.5)
        line.leave()
    elif how < 0.6:
        await line.send(frames.broken(dice).data)
        await line.finish(1.0, must=False)
    else:  # after random bytes nobody knows where a frame begins; 45 s of silence would end that
        await line.send(frames.frame(frames.CLOSE))
        await line.finish(8.0, must=False)


async def send_messages(site: Site, number: int) -> None:
    """Messages of the native protocol."""
    dice = chance("messages", number)
    line = Socket(site, "messages", f"messages {number}")
    query = ""
    if number % 4:
        token = site.token if number % 2 else hostile_tokens.good_token(site.jwt_key, f"caller {number}")
        query = "?token=" + quote(token)
        await site.turn_to_open()
    if not await line.open("/webhooks/voice/stream" + query):
        return
    first = '{"type": "start"}' if number % 4 == 2 else hostile_messages.message(site.jwt_key, dice, kind="start")
    await line.send(frames.text(first))
    for _ in range(TOGETHER):
        if not await line.send(frames.text(hostile_messages.message(site.jwt_key, dice))):
            break
        await asyncio.sleep(0.005)
    if not line.ended:
        await line.send(frames.text('{"type": "bye"}'))
    await line.finish()  # however odd it was, the server still listens


async def send_sound(site: Site, number: int) -> None:
    """Sound of every length and rate, faster than it could be spoken."""
    dice = chance("sound", number)
    line = Socket(site, "sound", f"sound {number}")
    await site.turn_to_open()
    if not await line.open("/webhooks/voice/stream?token=" + quote(site.token)):
        return
    rate = dice.choice([8_000, 11_025, 16_000, 16_000, 44_100, 48_000])
    await line.send(frames.text(json.dumps({"type": "start", "sample_rate": rate, "output_sample_rate": 8_000})))
    for _ in range(TOGETHER):
        sound = dice.randbytes(dice.choice([100_001, 300_000])) if dice.random() < 0.02 else frames.sound(dice)
        if not await line.send(frames.frame(frames.BINARY, sound)):
            break
        if dice.random() < 0.04:
            await line.send(frames.text('{"type": "stop"}'))
    if dice.random() < 0.2:
        line.leave(rudely=dice.random() < 0.5)
        return
    await line.send(frames.text('{"type": "bye"}'))
    await line.finish()


async def send_form(site: Site, number: int) -> None:
    """A form that is none."""
    dice = chance("forms", number)
    kind, body = hostile_forms.form(dice)
    head = _note_head(site, dice)
    await _ask(site, "forms", number, hostile_forms.request(head, kind, body, dice), dice)


async def send_file(site: Site, number: int) -> None:
    """A recording that is none, in a form as it should be."""
    dice = chance("files", number)
    sender = values.text(dice) if dice.random() < 0.15 else None
    kind, body = hostile_forms.whole(hostile_files.recording(dice), sender)
    head = _note_head(site, dice, "Accept: audio/wav\r\n" if dice.random() < 0.2 else "")
    about = hostile_requests.as_bytes(f"{head}Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n")
    await _ask(site, "files", number, Request([about + body]), dice)


async def send_call(site: Site, number: int) -> None:
    """A request of Twilio, signed or not."""
    dice = chance("calls", number)
    await _ask(site, "calls", number, hostile_calls.request(site.secret, dice), dice)


async def send_request(site: Site, number: int) -> None:
    """A request for anything."""
    dice = chance("requests", number)
    await _ask(site, "requests", number, hostile_requests.request(site.netloc, site.jwt_key, dice), dice)


async def send_events(site: Site, number: int) -> None:
    """Events of a telephone call's stream."""
    dice = chance("events", number)
    call = f"CA{number:032x}"
    reader, writer = await site.connect()
    writer.write(hostile_calls.answer(call, site.secret))
    answer = await asyncio.wait_for(reader.read(), ANSWER_S)
    writer.close()
    stream = ElementTree.fromstring(answer.partition(b"\r\n\r\n")[2]).find("Connect/Stream")
    assert stream is not None
    opening = hostile_calls.opening(call, {p.attrib["name"]: p.attrib["value"] for p in stream.iterfind("Parameter")})
    if dice.random() < 0.35:
        hostile_calls.change_opening(opening, dice)
    line = Socket(site, "events", f"events {number}")
    await site.turn_to_open()
    if not await line.open("/webhooks/voice/twilio"):
        return
    if dice.random() < 0.8:
        await line.send(frames.text('{"event": "connected", "protocol": "Call", "version": "1.0.0"}'))
    await line.send(frames.text(values.as_json(opening, dice)))
    for _ in range(TOGETHER):
        if not await line.send(frames.text(hostile_calls.event(dice))):
            break
        await asyncio.sleep(0.005)
    if dice.random() < 0.2:
        line.leave(rudely=dice.random() < 0.5)
        return
    await line.send(frames.text('{"event": "stop"}'))
    await line.finish()


async def send_slowly(site: Site, number: int) -> None:
    """A byte now and then, and nobody to vouch for it."""
    post = f"POST /webhooks/voice/{{}} HTTP/1.1\r\nHost: {site.netloc}\r\nContent-Length: 60000\r\n{{}}\r\n"
    beginning, again = [
        (post.format("message", "").encode(), b"a"),
        (post.format("twilio/answer", "X-Twilio-Signature: abc\r\n").encode(), b"a"),
        (hostile_requests.handshake(site.netloc, "/webhooks/voice/stream"), frames.frame(frames.PING)),
        (hostile_requests.handshake(site.netloc, "/webhooks/voice/twilio"), frames.frame(frames.PONG)),
    ][number % 4]
    reader, writer = await site.connect()
    site.tally.sent["trickles"] += 1
    writer.write(beginning)
    ended = asyncio.ensure_future(reader.read())
    began = time.monotonic()
    with contextlib.suppress(ConnectionError):
        while not ended.done() and time.monotonic() < began + LONGEST_TRICKLE_S:
            writer.write(again)
            await writer.drain()
            await asyncio.sleep(0.3)
    if ended.done():
        site.tally.answers["trickles", "ended"] += 1
    else:
        ended.cancel()
        site.tally.wrong.append(f"trickles {number}: still listened to after {LONGEST_TRICKLE_S:g} s")
    writer.close()


def _note_head(site: Site, dice: random.Random, extra: str = "") -> str:
    given = site.token if dice.random() < 0.85 else hostile_tokens.token(site.jwt_key, dice)
    token = "".join(c for c in given if c.isprintable())[:6_000]
    return (
        f"POST /webhooks/voice/message HTTP/1.1\r\nHost: {site.netloc}\r\nConnection: close\r\n"
        f"Authorization: Bearer {token}\r\n{extra}"
    )


async def _ask(site: Site, kind: str, number: int, request: Request, dice: random.Random) -> None:
    """Send a request, and note what is answered."""
    reader, writer = await site.connect()
    site.tally.sent[kind] += 1
    try:
        for piece in request.pieces:
            writer.write(piece)
            await writer.drain()
            if len(request.pieces) > 1:
                await asyncio.sleep(0.02)
        if not request.complete:
            site.tally.answers[kind, "left"] += 1
            return
        status = await _status(reader)
        site.tally.answers[kind, status] += 1
        if status.startswith("5") and status != "503":
            site.tally.wrong.append(f"{kind} {number}: answered {status} to {request.pieces[0][:300]!r}")
        if dice.random() < 0.8:
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(reader.read(1 << 20), 0.5)
    except ConnectionError:
        site.tally.answers[kind, "closed"] += 1
    except asyncio.TimeoutError:
        site.tally.unanswered += 1
        site.tally.wrong.append(f"{kind} {number}: no answer in {ANSWER_S:g} s to {request.pieces[0][:300]!r}")
    finally:
        writer.close()


async def _status(reader: asyncio.StreamReader) -> str:
    while True:
        line = await asyncio.wait_for(reader.readline(), ANSWER_S)
        if not line:
            return "closed"
        status = line[9:12].decode(errors="replace")
        if status != "100":
            return status
        await asyncio.wait_for(reader.readline(), ANSWER_S)


_JOBS: dict[str, Callable[[Site, int], Awaitable[None]]] = {
    "frames": send_frames,
    "messages": send_messages,
    "sound": send_sound,
    "forms": send_form,
    "files": send_file,
    "calls": send_call,
    "events": send_events,
    "requests": send_request,
    "trickles": send_slowly,
}


async def run(site: Site, wanted: dict[str, int] | None = None) -> None:
    """Send everything, over a few connections at once.

    Args:
        site: the server; its tally says what came back.
        wanted: how much of each kind.
    """
    wanted = wanted or WANTED
    numbers: Counter[str] = collections.Counter()
    give_up_at = time.monotonic() + ATTACK_S
    for kind in wanted:
        site.tally.sent[kind] = 0

    async def work() -> None:
        while time.monotonic() < give_up_at and site.tally.unanswered < CONNECTIONS:
            left = {kind: site.tally.sent[kind] / count for kind, count in wanted.items()}
            kind = min(left, key=lambda one: left[one])
            if left[kind] >= 1:
                return
            number, numbers[kind] = numbers[kind], numbers[kind] + 1
            await _one(site, kind, number)

    await asyncio.gather(*(work() for _ in range(CONNECTIONS)))


async def _one(site: Site, kind: str, number: int) -> None:
    try:
        await asyncio.wait_for(_JOBS[kind](site, number), 2 * JOB_S)
    except asyncio.TimeoutError:
        site.tally.unanswered += 1
        site.tally.wrong.append(f"{kind} {number}: not done after {2 * JOB_S:g} s")
    except Exception as error:
        # Whatever the server does to a connection, the next ones are to be tried as well.
        site.tally.wrong.append(f"{kind} {number}: {type(error).__name__}: {error}")


async def one_of_each(site: Site) -> None:
    """Use everything once as it is meant, so that what is made at the first use is there."""
    line = Socket(site, "messages", "the first conversation")
    await line.open("/webhooks/voice/stream?token=" + quote(site.token))
    await line.send(frames.text('{"type": "start"}'))
    await line.send(frames.frame(frames.BINARY, bytes(32_000)))
    await line.send(frames.text('{"type": "text", "text": "hello"}'))
    await asyncio.sleep(2)
    await line.send(frames.text('{"type": "bye"}'))
    await line.finish()
    dice = chance("first")
    for recording in hostile_files.genuine():
        kind, body = hostile_forms.whole(recording)
        about = f"{_note_head(site, dice)}Content-Type: {kind}\r\nContent-Length: {len(body)}\r\n\r\n"
        await _ask(site, "files", -1, Request([about.encode() + body]), dice)
    await send_events(site, 1 << 64)

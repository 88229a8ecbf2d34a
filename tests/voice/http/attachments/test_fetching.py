"""Fetching from a real server on this machine."""

from __future__ import annotations

import asyncio
import base64
from typing import Any, AsyncIterator, Dict, Optional

import pytest
from aiohttp import web
from aiohttp.resolver import ThreadedResolver

from convai_rasa.errors import AudioError
from convai_rasa.voice.http.attachments.fetching import MAX_REDIRECTS, download
from convai_rasa.voice.http.attachments.private_networks import is_public

pytestmark = pytest.mark.slow

RECORDING = b"OggS" + bytes(range(256)) * 40
BASIC = "Basic " + base64.b64encode(b"AC1:12345").decode()


@pytest.fixture
async def site() -> AsyncIterator[Dict[str, Any]]:
    """Two servers; ``asked`` lists what the second one was asked with."""
    asked: list[Optional[str]] = []
    hold = asyncio.Event()

    async def recording(request: web.Request) -> web.Response:
        asked.append(request.headers.get("Authorization"))
        return web.Response(body=RECORDING, content_type="text/html")

    async def guarded(request: web.Request) -> web.Response:
        if request.headers.get("Authorization") != BASIC:
            return web.Response(status=401)
        return web.Response(body=RECORDING)

    async def endless(request: web.Request) -> web.StreamResponse:
        reply = web.StreamResponse()
        await reply.prepare(request)
        while True:
            await reply.write(bytes(64 * 1024))
        return reply

    async def slow(request: web.Request) -> web.Response:
        await hold.wait()
        return web.Response()

    async def redirect(request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": request.query["to"]})

    async def nowhere(request: web.Request) -> web.Response:
        return web.Response(status=302)

    async def slowly(request: web.Request) -> web.Response:
        await asyncio.sleep(0.25)
        raise web.HTTPFound("/slowly")

    async def again(request: web.Request) -> web.Response:
        raise web.HTTPFound("/again")

    app = web.Application()
    for name, handler in {
        "recording": recording,
        "guarded": guarded,
        "endless": endless,
        "slow": slow,
        "redirect": redirect,
        "again": again,
        "nowhere": nowhere,
        "slowly": slowly,
    }.items():
        app.router.add_get(f"/{name}", handler)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    urls = []
    for _ in range(2):
        tcp = web.TCPSite(runner, "127.0.0.1", 0)
        await tcp.start()
        urls.append(f"http://127.0.0.1:{tcp._server.sockets[0].getsockname()[1]}")  # type: ignore[union-attr]
    yield {"url": urls[0], "other": urls[1], "asked": asked}
    hold.set()
    await runner.cleanup()


async def fetch(url: str, **options: Any) -> bytes:
    given = {"auth": None, "max_bytes": 1 << 20, "timeout_s": 10.0, "allow_private": True, **options}
    return await download(url, **given)


async def test_a_file_arrives_whatever_kind_the_server_says_it_is(site: Dict[str, Any]) -> None:
    assert await fetch(site["url"] + "/recording") == RECORDING


async def test_a_password_is_sent_where_it_belongs(site: Dict[str, Any]) -> None:
    assert await fetch(site["url"] + "/guarded", auth=("AC1", "12345")) == RECORDING
    with pytest.raises(AudioError, match="refuses the recording \\(401\\); check 'auth'"):
        await fetch(site["url"] + "/guarded", auth=("AC1", "wrong"))


async def test_a_redirect_is_followed_without_the_password_to_another_host(site: Dict[str, Any]) -> None:
    elsewhere = site["other"] + "/recording"
    assert await fetch(f"{site['url']}/redirect?to={elsewhere}", auth=("AC1", "12345")) == RECORDING
    assert await fetch(f"{site['url']}/redirect?to=/recording", auth=("AC1", "12345")) == RECORDING
    assert site["asked"] == [None, BASIC]


async def test_what_is_too_large_is_not_read_to_its_end(site: Dict[str, Any]) -> None:
    for name in ("recording", "endless"):
        with pytest.raises(AudioError, match=r"more than the 0\.00781 MB allowed"):
            await fetch(f"{site['url']}/{name}", max_bytes=8_192)


@pytest.mark.parametrize("name", ["slow", "endless"])
async def test_a_server_that_takes_too_long_is_not_waited_for(site: Dict[str, Any], name: str) -> None:
    with pytest.raises(AudioError, match=r"127\.0\.0\.1 did not send the recording within 0\.3 s"):
        await fetch(f"{site['url']}/{name}", timeout_s=0.3, max_bytes=1 << 40)


async def test_going_round_in_circles_ends(site: Dict[str, Any]) -> None:
    with pytest.raises(AudioError, match=f"after {MAX_REDIRECTS} redirects"):
        await fetch(site["url"] + "/again")


async def test_a_missing_file_says_so_without_the_address_which_may_hold_a_secret(site: Dict[str, Any]) -> None:
    with pytest.raises(AudioError, match=r"127\.0\.0\.1 answered 404") as error:
        await fetch(site["url"] + "/botSECRET/file")
    assert "SECRET" not in str(error.value)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "127.1",
        "2130706433",
        "0x7f.1",
        "0x7f000001",
        "017700000001",
        "127。0。0。1",
        "①②⑦.0.0.1",
        "１２７.0.0.1",
        "127.0.0.1.",
        "0.0.0.0",
        "[::1]",
        "[::]",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "[::127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "[64:ff9b:1::7f00:1]",
        "[2002:7f00:1::]",
        "[2001:0:4136:e378:8000:63bf:80ff:fffe]",
        "[fec0::1]",
        "[fe80::1%25lo]",
        "[fd00::1]",
        "[ff02::1]",
        "10.0.0.7",
        "100.64.0.1",
        "169.254.169.254",
        "192.0.2.1",
        "224.0.0.1",
        "255.255.255.255",
    ],
)
async def test_private_addresses_are_refused_unless_they_are_meant(site: Dict[str, Any], host: str) -> None:
    port = site["url"].rpartition(":")[2]
    with pytest.raises(AudioError, match=r"private network|could not be fetched"):  # not every system reads them all
        await fetch(f"http://{host}:{port}/recording", allow_private=False)
    assert site["asked"] == []


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127。0。0。1", "①②⑦.0.0.1", "[::ffff:127.0.0.1]", "0x7f.1", "localhost"]
)
async def test_a_redirect_leads_into_no_private_network_either(
    site: Dict[str, Any], monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    from convai_rasa.voice.http.attachments import fetching as module

    first = True

    def first_is_public(address: str) -> bool:
        nonlocal first
        was, first = first, False
        return was or is_public(address)

    monkeypatch.setattr(module, "is_public", first_is_public)
    port = site["other"].rpartition(":")[2]
    with pytest.raises(AudioError, match="private network"):
        await fetch(f"{site['url']}/redirect?to=http://{host}:{port}/recording", allow_private=False)
    assert site["asked"] == []


async def test_a_name_is_public_only_if_all_its_addresses_are(
    site: Dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def resolve(*_: Any, **__: Any) -> list[Dict[str, Any]]:
        both = ("8.8.8.8", "127.0.0.1")
        return [{"hostname": "a", "host": host, "port": 1, "family": 2, "proto": 0, "flags": 0} for host in both]

    monkeypatch.setattr(ThreadedResolver, "resolve", resolve)
    with pytest.raises(AudioError, match="private network"):
        await fetch("http://files.example.com/recording", allow_private=False)


async def test_the_time_for_finding_the_name_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    async def resolve(*_: Any, **__: Any) -> list[Dict[str, Any]]:
        await asyncio.sleep(30)
        return []

    monkeypatch.setattr(ThreadedResolver, "resolve", resolve)
    with pytest.raises(AudioError, match=r"files\.example\.com did not send the recording within 0\.3 s"):
        await fetch("http://files.example.com/recording", timeout_s=0.3, allow_private=False)


async def test_the_time_is_for_all_redirects_together(site: Dict[str, Any]) -> None:
    with pytest.raises(AudioError, match=r"within 0\.6 s"):
        await fetch(site["url"] + "/slowly", timeout_s=0.6)


@pytest.mark.parametrize(
    "to", ["file:///etc/passwd", "ftp://127.0.0.1/x", "//user:SECRET@127.0.0.1/x", "http://[::1", "gopher:x"]
)
async def test_a_redirect_to_anything_else_is_not_followed(site: Dict[str, Any], to: str) -> None:
    with pytest.raises(AudioError, match=r"127\.0\.0\.1 redirects to an address that is not fetched") as error:
        await fetch(f"{site['url']}/redirect?to={to}")
    assert "SECRET" not in str(error.value)


async def test_a_redirect_to_nowhere_is_said_to_be_one(site: Dict[str, Any]) -> None:
    with pytest.raises(AudioError, match="without saying where"):
        await fetch(site["url"] + "/nowhere")


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("http://127.0.0.1/" + "SECRET" * 500, "longer than 2,048 characters"),
        ("http://127.0.0.1/SECRET\r\nHost: a", "control characters"),
        ("http://127.0.0.1/SECRET\0", "control characters"),
        ("http://127.0.0.1/SECRET\ud800", "control characters"),
        ("http://user:SECRET@127.0.0.1/", "as 'auth'"),
        ("http://SECRET@127.0.0.1/", "as 'auth'"),
    ],
)
async def test_an_address_with_more_in_it_than_an_address_is_not_fetched(url: str, sentence: str) -> None:
    with pytest.raises(AudioError, match=sentence) as error:
        await fetch(url)
    assert "SECRET" not in str(error.value)


@pytest.mark.parametrize(
    "url", ["/etc/passwd", "file:///etc/passwd", "ftp://a/b", "http://", "", "http://[::1", "http://a:port/x"]
)
async def test_what_is_no_address_is_not_fetched(url: str) -> None:
    with pytest.raises(AudioError):
        await fetch(url)


async def test_a_server_that_is_not_there(site: Dict[str, Any]) -> None:
    with pytest.raises(AudioError, match=r"could not be fetched from 127\.0\.0\.1"):
        await fetch("http://127.0.0.1:9/recording")

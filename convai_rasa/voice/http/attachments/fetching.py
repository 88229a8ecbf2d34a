"""One file over http, from an address that somebody else chose: limited in size, in time, and in where it may be."""

from __future__ import annotations

import asyncio
import re
from typing import Any, Optional

import aiohttp
from yarl import URL

from convai_rasa.errors import AudioError
from convai_rasa.voice.http.attachments.private_networks import is_public
from convai_rasa.voice.limits import MEGABYTE
from convai_rasa.voice.patience import within

MAX_REDIRECTS = 5
MAX_ADDRESS = 2_048  # characters; the longest that chat platforms sign are about 700
_CHUNK = 64 * 1024
_SHOWN = 80  # characters of a host's name in a sentence


class _PrivateAddress(OSError):
    pass


class _PublicConnector(aiohttp.TCPConnector):
    """Connects to public addresses only.

    Every connection asks ``_resolve_host`` for the addresses it then goes to, for names and for addresses in any way
    of writing them: what is judged here is what is connected to, whatever the URL looked like.
    """

    async def _resolve_host(self, host: str, port: int, traces: Any = None) -> list[Any]:
        found = await super()._resolve_host(host, port, traces)
        if not found or not all(is_public(address["host"]) for address in found):
            raise _PrivateAddress(host)
        return found


async def download(
    url: str, *, auth: Optional[tuple[str, str]], max_bytes: int, timeout_s: float, allow_private: bool
) -> bytes:
    """Fetch a file.

    Args:
        url: ``http`` or ``https``, 2,048 characters or fewer.
        auth: user and password; a redirect to another host does not get them.
        max_bytes: of the file; more is not read.
        timeout_s: for everything, from the look-up of the name to the last redirect's last byte.
        allow_private: whether it may lie in a private network or on this machine.

    Raises:
        AudioError: saying why; never with the whole address, which may hold a secret.
    """
    address = _checked(url)
    try:
        return await within(timeout_s, _fetched(address, auth, max_bytes, allow_private))
    except asyncio.TimeoutError as error:
        raise AudioError(f"{_host(address)} did not send the recording within {timeout_s:g} s; try again.") from error


async def _fetched(address: URL, auth: Optional[tuple[str, str]], max_bytes: int, allow_private: bool) -> bytes:
    connector = aiohttp.TCPConnector() if allow_private else _PublicConnector()
    async with aiohttp.ClientSession(
        connector=connector,
        timeout=aiohttp.ClientTimeout(total=None),  # the caller's limit is for all requests together
        headers={"Accept-Encoding": "identity"},
        auto_decompress=False,  # a small answer could unpack to any size
        cookie_jar=aiohttp.DummyCookieJar(),
    ) as session:
        for _ in range(MAX_REDIRECTS + 1):
            answer = await _asked(session, address, auth, max_bytes)
            if isinstance(answer, bytes):
                return answer
            if answer.origin() != address.origin():
                auth = None
            address = answer
    raise AudioError(f"The recording was not found after {MAX_REDIRECTS} redirects.")


async def _asked(
    session: aiohttp.ClientSession, address: URL, auth: Optional[tuple[str, str]], max_bytes: int
) -> bytes | URL:
    """Return what lies at an address, or the address that it redirects to."""
    host = _host(address)
    try:
        basic = aiohttp.BasicAuth(*auth) if auth else None
        async with session.get(address, auth=basic, allow_redirects=False) as reply:
            if reply.status in (301, 302, 303, 307, 308):
                return _target(address, reply.headers.get("Location", ""))
            if reply.status in (401, 403):
                raise AudioError(f"{host} refuses the recording ({reply.status}); check 'auth'.")
            if reply.status != 200:
                raise AudioError(f"{host} answered {reply.status} instead of sending the recording.")
            return await _body(reply, max_bytes)
    except (aiohttp.ClientError, OSError, ValueError) as error:
        if _is_private(error):
            raise AudioError(
                f"{host} is in a private network; pass allow_private=True if you mean to fetch from there."
            ) from error
        raise AudioError(f"The recording could not be fetched from {host} ({type(error).__name__}).") from error


async def _body(reply: aiohttp.ClientResponse, max_bytes: int) -> bytes:
    too_large = AudioError(
        f"The recording has more than the {max_bytes / MEGABYTE:.3g} MB allowed; send a shorter one."
    )
    if (reply.content_length or 0) > max_bytes:
        raise too_large
    body = bytearray()
    async for chunk in reply.content.iter_chunked(_CHUNK):
        body += chunk
        if len(body) > max_bytes:
            raise too_large
    return bytes(body)


def _target(address: URL, location: str) -> URL:
    if not location:
        raise AudioError(f"{_host(address)} redirects without saying where to.")
    try:
        return _checked(str(address.join(URL(location))))
    except (AudioError, ValueError):
        raise AudioError(
            f"{_host(address)} redirects to an address that is not fetched; only plain http:// and https:// are."
        ) from None


def _checked(url: str) -> URL:
    """Return an address as the very object that the connection is made from, so that nobody reads it another way."""
    if len(url) > MAX_ADDRESS:
        raise AudioError(f"The recording's address is longer than {MAX_ADDRESS:,} characters; send a shorter one.")
    if re.search(r"[\x00-\x20\x7f-\x9f\ud800-\udfff]", url):
        raise AudioError("The recording's address holds control characters or spaces; send it percent-encoded.")
    try:
        address = URL(url)
        is_ours = address.scheme in ("http", "https") and bool(address.host) and address.port is not None
        has_user = address.user is not None or address.password is not None
    except ValueError:
        is_ours = has_user = False
    if not is_ours:
        raise AudioError("The recording's address must begin with http:// or https://; pass a pathlib.Path for a file.")
    if has_user:
        raise AudioError("The recording's address may hold no user or password; pass them as 'auth'.")
    return address


def _host(address: URL) -> str:
    return (address.host or "")[:_SHOWN]


def _is_private(error: Optional[BaseException]) -> bool:
    while error is not None:
        if isinstance(error, _PrivateAddress):
            return True
        error = error.__cause__ or error.__context__
    return False

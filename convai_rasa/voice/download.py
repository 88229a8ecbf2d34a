"""One file over http, from an address that somebody else chose: limited in size, in time, and in where it may be."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from typing import Any, Dict, List, Optional, Tuple
from urllib.parse import SplitResult, urljoin, urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver
from aiohttp.resolver import ThreadedResolver

from convai_rasa.errors import AudioError

MAX_REDIRECTS = 5
_MEGABYTE = 1 << 20
_CHUNK = 64 * 1024


class _PrivateAddress(OSError):
    pass


class _PublicResolver(AbstractResolver):
    """Finds public addresses only. The connection goes to the very address that was judged."""

    def __init__(self) -> None:
        self._resolver = ThreadedResolver()

    async def resolve(self, host: str, port: int = 0, family: int = socket.AF_INET) -> List[Dict[str, Any]]:
        found = await self._resolver.resolve(host, port, family)
        if not all(_is_public(address["host"]) for address in found):
            raise _PrivateAddress(host)
        return found

    async def close(self) -> None:
        await self._resolver.close()


async def download(
    url: str, *, auth: Optional[Tuple[str, str]], max_bytes: int, timeout_s: float, allow_private: bool
) -> bytes:
    """Fetch a file.

    Args:
        url: ``http`` or ``https``.
        auth: user and password; a redirect to another host does not get them.
        max_bytes: of the file; more is not read.
        timeout_s: for everything.
        allow_private: whether it may lie in a private network or on this machine.

    Raises:
        AudioError: saying why; never with the whole address, which may hold a secret.
    """
    host = _host(url)
    resolver = None if allow_private else _PublicResolver()
    timeout = aiohttp.ClientTimeout(total=timeout_s)
    try:
        async with aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(resolver=resolver),
            timeout=timeout,
            headers={"Accept-Encoding": "identity"},
            auto_decompress=False,  # a small answer could unpack to any size
        ) as session:
            return await _follow(session, url, auth, max_bytes, allow_private)
    except asyncio.TimeoutError as error:
        raise AudioError(f"{host} did not send the recording within {timeout_s:g} s; try again.") from error
    except (aiohttp.ClientError, OSError, ValueError) as error:
        if _is_private(error):
            raise _private(host) from error
        raise AudioError(f"The recording could not be fetched from {host} ({type(error).__name__}).") from error


async def _follow(
    session: aiohttp.ClientSession, url: str, auth: Optional[Tuple[str, str]], max_bytes: int, allow_private: bool
) -> bytes:
    for _ in range(MAX_REDIRECTS + 1):
        parts = _check(url, allow_private)
        basic = aiohttp.BasicAuth(*auth) if auth else None
        async with session.get(url, auth=basic, allow_redirects=False) as reply:
            if reply.status in (301, 302, 303, 307, 308):
                url = urljoin(url, reply.headers.get("Location", ""))
                target = urlsplit(url)
                if (target.scheme, target.netloc) != (parts.scheme, parts.netloc):
                    auth = None
                continue
            if reply.status in (401, 403):
                raise AudioError(f"{parts.hostname} refuses the recording ({reply.status}); check 'auth'.")
            if reply.status != 200:
                raise AudioError(f"{parts.hostname} answered {reply.status} instead of sending the recording.")
            return await _body(reply, max_bytes)
    raise AudioError(f"The recording was not found after {MAX_REDIRECTS} redirects.")


async def _body(reply: aiohttp.ClientResponse, max_bytes: int) -> bytes:
    too_large = AudioError(
        f"The recording has more than the {max_bytes / _MEGABYTE:.3g} MB allowed; send a shorter one."
    )
    if (reply.content_length or 0) > max_bytes:
        raise too_large
    body = bytearray()
    async for chunk in reply.content.iter_chunked(_CHUNK):
        body += chunk
        if len(body) > max_bytes:
            raise too_large
    return bytes(body)


def _check(url: str, allow_private: bool) -> SplitResult:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise AudioError("The recording's address must begin with http:// or https://; pass a pathlib.Path for a file.")
    # aiohttp asks no resolver about an address in numbers.
    if not allow_private and not _is_public(parts.hostname, name_is_public=True):
        raise _private(parts.hostname)
    return parts


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or "the address"
    except ValueError:
        return "the address"


def _is_public(host: str, *, name_is_public: bool = False) -> bool:
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return name_is_public
    mapped = getattr(address, "ipv4_mapped", None)
    return bool((mapped or address).is_global)


def _is_private(error: Optional[BaseException]) -> bool:
    while error is not None:
        if isinstance(error, _PrivateAddress):
            return True
        error = error.__cause__ or error.__context__
    return False


def _private(host: str) -> AudioError:
    return AudioError(f"{host} is in a private network; pass allow_private=True if you mean to fetch from there.")

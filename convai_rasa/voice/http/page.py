"""The page to talk on: the files in ``web/``, served as they are."""

from __future__ import annotations

import functools
import hashlib
from pathlib import Path
from typing import Optional

from sanic import response
from sanic.exceptions import NotFound
from sanic.request import Request
from sanic.response import HTTPResponse

WEB = Path(__file__).parents[1] / "web"

HEADERS = {
    # Nothing from elsewhere runs on the page; pictures are the bot's to choose.
    "Content-Security-Policy": "default-src 'self'; connect-src 'self' ws: wss:; img-src * data:; object-src 'none'; "
    "base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",  # of those pictures' hosts
    "Cache-Control": "no-cache",
}


@functools.lru_cache(maxsize=1)
def files() -> dict[str, Path]:
    """Return the page's own files by their path under ``talk/``."""
    return {path.relative_to(WEB).as_posix(): path for path in sorted(WEB.rglob("*")) if path.is_file()}


@functools.lru_cache(maxsize=1)
def fingerprint() -> str:
    """Return what changes when one of the page's files does: a page that is still open learns that it is an old one."""
    content = hashlib.sha256()
    for name, path in files().items():
        content.update(name.encode() + b"\0" + path.read_bytes())
    return content.hexdigest()[:12]


def lead_there(request: Request) -> Optional[HTTPResponse]:
    """Lead a browser from the channel's own address to the page; None: it is a program that asks."""
    if "text/html" not in request.headers.get("accept", ""):
        return None
    return _redirect(request, "talk" if request.path.endswith("/") else "voice/talk")


async def serve_page(request: Request) -> HTTPResponse:
    """``GET /talk``; what the page links to is relative to that address, without a slash at its end."""
    if request.path.endswith("/"):
        return _redirect(request, "../talk")
    return await response.file(WEB / "index.html", headers=HEADERS)


async def serve_page_file(request: Request, name: str) -> HTTPResponse:
    """``GET /talk/<name>``: one of the page's own files."""
    if name == "":
        return await serve_page(request)
    path = files().get(name)
    if path is None:
        raise NotFound(f"The talk page has no file {name}.")
    return await response.file(path, headers=HEADERS)


def _redirect(request: Request, where: str) -> HTTPResponse:
    """Lead to an address beside the one asked for, so that a proxy may have put the channel anywhere."""
    query = f"?{request.query_string}" if request.query_string else ""
    return response.empty(status=307, headers={"Location": where + query, "Cache-Control": "no-cache"})

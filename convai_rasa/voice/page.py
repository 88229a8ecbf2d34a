"""The page to talk on: the files in ``web/``, served as they are."""

from __future__ import annotations

from pathlib import Path

from sanic import response
from sanic.exceptions import NotFound
from sanic.request import Request
from sanic.response import HTTPResponse

WEB = Path(__file__).parent / "web"

_HEADERS = {
    # Nothing from elsewhere runs on the page; pictures are the bot's to choose.
    "Content-Security-Policy": "default-src 'self'; connect-src 'self' ws: wss:; img-src * data:; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
}


async def serve_page(request: Request) -> HTTPResponse:
    """``GET /talk``."""
    return await response.file(WEB / "index.html", headers=_HEADERS)


async def serve_page_file(request: Request, name: str) -> HTTPResponse:
    """``GET /talk/<name>``: one of the page's own files."""
    if name not in {path.name for path in WEB.iterdir() if path.is_file()}:
        raise NotFound(f"The talk page has no file {name}.")
    return await response.file(WEB / name, headers=_HEADERS)

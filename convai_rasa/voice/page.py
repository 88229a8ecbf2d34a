"""The page to talk on: the files in ``web/``, served as they are."""

from __future__ import annotations

from pathlib import Path

from sanic import response
from sanic.exceptions import NotFound
from sanic.request import Request
from sanic.response import HTTPResponse

WEB = Path(__file__).parent / "web"

HEADERS = {
    # Nothing from elsewhere runs on the page; pictures are the bot's to choose.
    "Content-Security-Policy": "default-src 'self'; connect-src 'self' ws: wss:; img-src * data:; object-src 'none'; "
    "base-uri 'none'; form-action 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",  # of those pictures' hosts
    "Cache-Control": "no-cache",
}


async def serve_page(request: Request) -> HTTPResponse:
    """``GET /talk``."""
    return await response.file(WEB / "index.html", headers=HEADERS)


async def serve_page_file(request: Request, name: str) -> HTTPResponse:
    """``GET /talk/<name>``: one of the page's own files."""
    if name not in {path.name for path in WEB.iterdir() if path.is_file()}:
        raise NotFound(f"The talk page has no file {name}.")
    return await response.file(WEB / name, headers=HEADERS)

"""Who may talk to the channel. Rasa's own --auth-token and JWT do not cover channel routes."""

from __future__ import annotations

import hmac
from typing import Optional, Sequence
from urllib.parse import urlsplit

from sanic.request import Request

from convai_rasa.errors import ProtocolError


def check_origin(request: Request, allowed_origins: Sequence[str]) -> None:
    """Refuse pages of other sites, which a browser would otherwise let talk to a server on this machine.

    Programs send no Origin and pass.

    Raises:
        ProtocolError: code ``forbidden_origin``.
    """
    origin = request.headers.get("origin")
    if origin is None or "*" in allowed_origins or origin in allowed_origins:
        return
    if urlsplit(origin).netloc == request.headers.get("host"):
        return
    raise ProtocolError(
        "forbidden_origin",
        f"Pages of {origin} may not talk to this bot; add it to allowed_origins in credentials.yml to let them.",
    )


def check_token(request: Request, expected: Optional[str], in_message: Optional[str] = None) -> None:
    """Refuse callers without the shared token.

    Args:
        request: may carry it as ``Authorization: Bearer …`` or as ``?token=…``.
        expected: the token configured, None if the channel is open.
        in_message: the one in the client's ``start``, if any.

    Raises:
        ProtocolError: code ``unauthorized``.
    """
    if expected is None:
        return
    for given in (in_message, request.token, request.args.get("token")):
        if given and hmac.compare_digest(given.encode(), expected.encode()):
            return
    raise ProtocolError(
        "unauthorized", "The token is missing or wrong; use the one under 'token' in the bot's credentials.yml."
    )

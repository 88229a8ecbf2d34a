"""Who may talk to the channel, and under which name. Rasa's own --auth-token and JWT do not cover channel routes."""

from __future__ import annotations

import hmac
import ipaddress
import uuid
from dataclasses import dataclass
from typing import Any, Optional, Sequence
from urllib.parse import SplitResult, urlsplit

from sanic.request import Request

from convai_rasa.errors import ProtocolError
from convai_rasa.voice.limits import MAX_TOKEN, check_name
from convai_rasa.voice.options import VoiceOptions

GUEST = "guest:"
# Names that a telephone wire proves, and nobody else may claim: numbers, addresses, and calls without either.
ONE_CALL = "call:"
_OF_PROXIES = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip")
_PROVEN = ("+", "tel:", "sip:", "sips:", "client:", ONE_CALL)


@dataclass(frozen=True)
class Proof:
    """What a caller has proven."""

    subject: Optional[str] = None  # who they are; None: only that they may talk


class Access:
    """The rules of one channel."""

    def __init__(self, options: VoiceOptions) -> None:
        self._options = options

    def check_place(self, request: Request) -> None:
        """Refuse pages of other sites, names that are not this server's, and other machines where nobody is checked.

        Programs send no Origin and pass that check. Like all refusals here, it is a ``ProtocolError`` with a code.
        """
        check_host(request, self._options.allowed_hosts, self._options.allowed_origins)
        check_origin(request, self._options.allowed_origins)
        if self.everybody and not self._options.allow_anyone and not _is_loopback(request.ip):
            raise ProtocolError(
                "forbidden_machine",
                "This bot talks to its own machine only. To let others in, set 'token' in the bot's credentials.yml; "
                "'allow_anyone: true' lets in whoever reaches the port.",
            )

    def at_the_door(self, request: Request) -> Optional[Proof]:
        """Return what a request itself proves, by ``Authorization: Bearer …`` or ``?token=…``, unless that is wrong.

        None: nothing yet; the client may still send its token in ``start``.
        """
        if self.everybody:
            return Proof()
        for given in (request.token, request.args.get("token")):
            if given:
                return self.prove(given)
        return None

    def prove(self, token: Optional[str]) -> Proof:
        """Check a token: the shared one, or a JWT signed with ``jwt_key``."""
        if self.everybody:
            return Proof()
        if token and len(token) <= MAX_TOKEN:
            if self._options.token is not None and same_secret(token, self._options.token):
                return Proof()
            if self._options.jwt_key is not None and token.count(".") == 2:
                return self._prove_subject(token, self._options.jwt_key)
        raise ProtocolError(
            "unauthorized", "The token is missing or wrong; use the one under 'token' in the bot's credentials.yml."
        )

    def sender(self, proof: Proof, wanted: Optional[str]) -> str:
        """Return the name under which the bot knows a caller, whose client wants one that is free, or None for any."""
        if proof.subject is not None:
            if wanted not in (None, proof.subject):
                raise ProtocolError("forbidden_name", "The token is for another sender_id; leave sender_id out.")
            return proof.subject
        if wanted is None:
            return uuid.uuid4().hex
        check_name(wanted, "sender_id")
        if wanted.startswith(_PROVEN):
            raise ProtocolError(
                "forbidden_name",
                f"Names that begin with {', '.join(_PROVEN)} are those of telephone callers; choose another sender_id.",
            )
        # Beside callers who prove their names, those who only claim one have names of their own.
        own = self._options.jwt_key is None or wanted.startswith(GUEST)
        return wanted if own else check_name(GUEST + wanted, "sender_id")

    def may_inspect(self, request: Request) -> bool:
        """Whether a caller may see slots and events, which can hold personal data.

        Unless it is said, only where a bot talks to its own machine alone, and not through a proxy, behind which
        everybody seems to be on this machine.
        """
        if self._options.inspect is not None:
            return self._options.inspect
        host = _host(request.headers.get("host") or "")
        own = _is_loopback(request.ip) and (host == "localhost" or _is_loopback(host))
        proxied = any(header in request.headers for header in _OF_PROXIES)
        return own and not proxied and self.everybody and not self._options.allow_anyone

    @property
    def everybody(self) -> bool:
        """Whether nobody has to prove anything."""
        return self._options.token is None and self._options.jwt_key is None

    def _prove_subject(self, token: str, key: str) -> Proof:
        import jwt  # the only user; the channel's start should not pay for it

        try:
            claims = jwt.decode(token, key, algorithms=[self._options.jwt_method], options={"require": ["exp", "sub"]})
        except jwt.ExpiredSignatureError as error:
            raise ProtocolError("unauthorized", "The token has expired; get a new one.") from error
        except (jwt.PyJWTError, ValueError, TypeError) as error:
            raise ProtocolError("unauthorized", f"The token is not valid ({type(error).__name__}).") from error
        return Proof(_subject(claims["sub"]))


def _subject(subject: Any) -> str:
    try:
        name = check_name(str(subject), "sub")
    except ProtocolError as error:
        raise ProtocolError("unauthorized", f"The token is not valid: {error}") from error
    if name.startswith((*_PROVEN, GUEST)):
        raise ProtocolError("unauthorized", "The token's 'sub' is a name that only a telephone or a guest can have.")
    return name


def check_origin(request: Request, allowed_origins: Sequence[str]) -> None:
    """Refuse pages of other sites, which a browser would otherwise let talk to a server on this machine."""
    origin = request.headers.get("origin")
    if origin is None or "*" in allowed_origins or origin in allowed_origins:
        return
    host = request.headers.get("host")
    if host and _split(origin).netloc == host:
        return
    raise ProtocolError(
        "forbidden_origin",
        f"Pages of {origin[:100]!r} may not talk to this bot; add the site to allowed_origins in credentials.yml.",
    )


def check_host(request: Request, allowed_hosts: Sequence[str], allowed_origins: Sequence[str] = ()) -> None:
    """Refuse requests to a name that is not this server's: a stranger's page whose name was led here (DNS rebinding).

    This machine's loopback names pass, the address that the connection came in at, and what is configured.
    """
    if "*" in allowed_hosts or "*" in allowed_origins:
        return
    host = _host(request.headers.get("host") or "")
    known = {name.lower() for name in (*allowed_hosts, *(_host(_split(origin).netloc) for origin in allowed_origins))}
    if host and (
        host == "localhost" or host in known or _is_loopback(host) or _same_address(host, _own_address(request))
    ):
        return
    raise ProtocolError(
        "forbidden_host",
        f"This server is not called {host[:100]!r}; if it should be, add that to allowed_hosts in credentials.yml.",
    )


def _host(netloc: str) -> str:
    """Return the name in a Host header, in lower case, without port and brackets."""
    return _split(f"//{netloc}").hostname or ""


def _split(address: str) -> SplitResult:
    try:
        return urlsplit(address)
    except ValueError:
        return urlsplit("")


def _own_address(request: Request) -> str:
    name = request.transport.get_extra_info("sockname")
    return str(name[0]) if isinstance(name, tuple) else ""


def _address(text: str) -> Any:
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _is_loopback(text: str) -> bool:
    address = _address(text)
    return address is not None and address.is_loopback


def _same_address(text: str, other: str) -> bool:
    address = _address(text)
    return address is not None and address == _address(other)


def same_secret(given: str, expected: str) -> bool:
    """Whether a client knows a secret; the time that the answer takes tells nothing."""
    # Whatever was sent can be encoded like this, half characters too.
    return hmac.compare_digest(given.encode("utf-8", "surrogatepass"), expected.encode("utf-8", "surrogatepass"))

"""Telephone calls over Twilio: the instructions (TwiML) for a call, and who may ask for them.

A call goes ``answer`` (Twilio is told to stream the call here) → the socket, until the bot or the caller hangs up →
``after`` (Twilio is told to put the caller through to where the bot said, or to hang up).
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import os
import re
import time
from collections import OrderedDict
from typing import Any, Awaitable, Callable, List, Mapping, Optional
from urllib.parse import parse_qs

from sanic import Blueprint, response
from sanic.request import Request, RequestParameters
from sanic.response import HTTPResponse

from convai_rasa.errors import ProtocolError
from convai_rasa.voice.http.access import same_secret
from convai_rasa.voice.http.uploads import leave_unread, read_body
from convai_rasa.voice.limits import FORM_BYTES, OPENING_S, check_values
from convai_rasa.voice.options import TwilioOptions
from convai_rasa.voice.wire import TwilioWire, Wire

logger = logging.getLogger(__name__)

STREAM_TOKEN_S = 120.0  # Twilio opens the stream within seconds of the answer
MAX_TRANSFERS = 1_000  # waiting for Twilio to ask; a caller who hangs up first never makes it ask
_MOST_FIELDS = 200  # of a form; Twilio sends about 20
_SECONDS = re.compile(r"[0-9]{1,12}")  # since 1970
AUTH_TOKEN = "TWILIO_AUTH_TOKEN"  # environment variable

_HOW_TO = (
    "Telephone calls are off: give Twilio's auth token as 'twilio: {auth_token: …}' under convai_rasa.voice.VoiceInput "
    f"in credentials.yml, or as {AUTH_TOKEN} in the environment, to switch them on."
)


class Telephone:
    """Answers Twilio; ``no_room`` returns why no call can be taken at the moment, if so."""

    def __init__(
        self,
        options: TwilioOptions,
        serve: Callable[[Any, Wire], Awaitable[None]],
        *,
        no_room: Callable[[], Optional[str]] = lambda: None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._auth_token = options.auth_token or os.environ.get(AUTH_TOKEN)
        self._public_url = options.public_url
        self._serve = serve
        self._no_room = no_room
        self._clock = clock
        self._transfers: OrderedDict[str, str] = OrderedDict()  # by call

    def add_routes(self, blueprint: Blueprint) -> None:
        """Attach ``/twilio/answer``, ``/twilio/after`` and the socket ``/twilio``, if there is an auth token."""
        if not self._auth_token:
            logger.info(_HOW_TO)
            return

        @blueprint.middleware("request")
        async def only_twilio(request: Request) -> Optional[HTTPResponse]:
            # Before the socket's handshake is accepted, so that a forger gets a plain 403.
            return self.refusal(request) if request.path.rstrip("/").endswith("/twilio") else None

        @blueprint.post("/twilio/answer", stream=True)
        async def answer(request: Request) -> HTTPResponse:
            return await self._signed_form(request, self.answer)

        @blueprint.post("/twilio/after", stream=True)
        async def after(request: Request) -> HTTPResponse:
            return await self._signed_form(request, self.after)

        @blueprint.websocket("/twilio")
        async def stream(request: Request, socket: Any) -> None:
            await self._serve(socket, TwilioWire(self.check_stream, on_transfer=self.transfer))

    async def _signed_form(
        self, request: Request, react: Callable[[Request, Mapping[str, Any]], HTTPResponse]
    ) -> HTTPResponse:
        """Read the form, which the signature covers, and react to it if it is Twilio's."""
        try:
            if "x-twilio-signature" not in request.headers:
                return self._forged(request)  # of which nothing is read
            form = _form(await read_body(request, max_bytes=FORM_BYTES, timeout_s=OPENING_S))
            return self.refusal(request, form) or react(request, form)
        except ProtocolError as error:
            return response.text(str(error), status=413 if error.code == "too_large" else 400)
        finally:
            await leave_unread(request)

    def answer(self, request: Request, form: Mapping[str, Any]) -> HTTPResponse:
        """``POST /twilio/answer``: stream the call here. Parameters behind the address go with it to the bot."""
        from twilio.twiml.voice_response import VoiceResponse

        call = form.get("CallSid")
        if not call:
            return response.text("The request names no CallSid; Twilio's do.", status=400)
        twiml = VoiceResponse()
        reason = self._no_room()
        if reason is not None:  # Twilio says it: a call that is connected costs, and there is no voice for it here
            twiml.say(reason)
            twiml.hangup()
            return _twiml(twiml)
        given = {name: values[0] for name, values in request.args.items()}
        about = {"from": form.get("From"), "to": form.get("To"), "direction": form.get("Direction")}
        parameters = {**given, **about, "token": self.stream_token(call)}
        here = self._url(request).rpartition("/answer")[0]
        stream = twiml.connect(action=f"{here}/after").stream(url=_websocket(here))
        for name, value in parameters.items():
            if value:
                stream.parameter(name=name, value=value)
        return _twiml(twiml)

    def after(self, request: Request, form: Mapping[str, Any]) -> HTTPResponse:
        """``POST /twilio/after``: put the caller through if the bot asked for it, else hang up."""
        from twilio.twiml.voice_response import VoiceResponse

        twiml = VoiceResponse()
        target = self._transfers.pop(form.get("CallSid") or "", None)
        if target is None:
            twiml.hangup()
        else:
            dial(twiml, target)
        return _twiml(twiml)

    def transfer(self, call: str, target: str) -> None:
        """Remember where a caller is to be put through to once the bot has finished."""
        self._transfers[call] = target
        while len(self._transfers) > MAX_TRANSFERS:
            self._transfers.popitem(last=False)

    def stream_token(self, call: str) -> str:
        """Return what proves for ``STREAM_TOKEN_S`` that this server answered a call."""
        expires = int(self._clock() + STREAM_TOKEN_S)
        return f"{expires}.{self._seal(call, expires)}"

    def check_stream(self, call: str, token: Optional[str]) -> None:
        """Refuse a stream that ``answer`` did not ask for (``unauthorized``): Twilio does not sign every handshake."""
        expires, _, seal = (token or "").partition(".")
        if not _SECONDS.fullmatch(expires) or not same_secret(seal, self._seal(call, int(expires))):
            raise ProtocolError("unauthorized", "This call was not answered by this server; point Twilio at …/answer.")
        if int(expires) < self._clock():
            raise ProtocolError("unauthorized", "The call was answered too long ago for its stream to begin now.")

    def refusal(self, request: Request, form: Optional[Mapping[str, Any]] = None) -> Optional[HTTPResponse]:
        """Return the answer to a request that is not Twilio's, None if it is.

        A handshake, which has no form, passes without a signature: its stream has to bring the token.
        """
        from twilio.request_validator import RequestValidator

        signature = request.headers.get("x-twilio-signature")
        if signature is None:
            return None if form is None else self._forged(request)
        validator = RequestValidator(self._auth_token)
        signed = self._signed(request, handshake=form is None)
        try:
            genuine = any(validator.validate(url, form, signature) for url in signed)
        except ValueError:  # of an address that is none
            genuine = False
        return None if genuine else self._forged(request)

    def _forged(self, request: Request) -> HTTPResponse:
        logger.warning("A request to %s was refused: it does not carry Twilio's signature.", request.path)
        return response.text(
            "The signature is missing or wrong; check 'twilio: auth_token' and 'public_url' in credentials.yml.",
            status=403,
        )

    def _signed(self, request: Request, *, handshake: bool) -> List[str]:
        """Return the addresses Twilio may have signed: for a handshake with either scheme, and a stroke at the end."""
        url = self._url(request)
        query = f"?{request.query_string}" if request.query_string else ""
        if not handshake:
            return [url + query]
        return [base + stroke + query for base in (_websocket(url), url) for stroke in ("", "/")]

    def _url(self, request: Request) -> str:
        base = self._public_url or f"https://{request.headers.get('host', '')}"
        return base.rstrip("/") + request.path.rstrip("/")

    def _seal(self, call: str, expires: int) -> str:
        text = f"convai-rasa stream\n{call}\n{expires}".encode("utf-8", "surrogatepass")
        return hmac.new((self._auth_token or "").encode(), text, hashlib.sha256).hexdigest()


def dial(twiml: Any, target: str) -> None:
    """Put a caller through: to a number, with or without ``tel:``, to ``sip:…``, or to a Twilio ``client:…``."""
    dialling = twiml.dial()
    scheme, colon, rest = target.partition(":")
    if scheme in ("sip", "sips"):
        dialling.sip(target)
    elif scheme == "client":
        dialling.client(rest)
    else:
        dialling.number(rest if colon else target)


def _form(body: bytes) -> Mapping[str, Any]:
    try:
        # Sanic's own form leaves empty values out, but Twilio signs them.
        fields = parse_qs(body.decode("utf-8", errors="replace"), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError as error:
        raise ProtocolError("bad_message", f"The form has more than {_MOST_FIELDS} fields.") from error
    check_values(fields)
    return RequestParameters(fields)


def _websocket(url: str) -> str:
    return "ws" + url[len("http") :]


def _twiml(twiml: Any) -> HTTPResponse:
    return response.text(str(twiml), content_type="application/xml")

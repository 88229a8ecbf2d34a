"""How much of what a stranger sends is taken: every bound of the channel in one place.

``docs/protocol.md`` lists them, and ``tests/voice/test_limits.py`` holds the page against this file.
"""

from __future__ import annotations

import math
import re
from typing import Any

from convai_rasa.errors import AudioError, ProtocolError

# ------------------------------------------------------------------ before anybody has said who they are
OPENING_S = 5.0  # from the handshake to the proof and the first message; clients send both at once
WAITING_AT_THE_DOOR = 32  # sockets that have not opened a conversation; one more, and the oldest has to go
UNPROVEN_BYTES = 64 * 1024  # read from a socket, or of a request's body, before its token is known to be right

OPENINGS_AT_ONCE = 32  # conversations that begin together; each costs the bot a turn
OPENINGS_PER_S = 8.0  # in the long run

# ------------------------------------------------------------------ a connection
MAX_FRAME_BYTES = 1 << 20  # over 30 s of sound at 16 kHz: no client needs more
MAX_MESSAGE_BYTES = 64 * 1024  # of a text frame: the longest text and metadata, escaped
# Read and not dealt with: four minutes of sound. A client that sends more has to wait, and then its pings do, too.
INBOX_BYTES = 8 << 20
FRAME_OVERHEAD_BYTES = 256  # what keeping a frame costs besides its content, so that empty ones are not free
UNSENT_BYTES = 1 << 20  # written and not taken by the client's machine; it asks, and does not listen to the answers
SILENT_S = 45.0  # without a byte, not even the answer to a ping: nobody is there

# ------------------------------------------------------------------ a message
MAX_TYPE = 32  # characters; the longest type has 18
MAX_DEPTH = 8  # of objects and lists in each other; metadata of telephones has two
MAX_NAME = 128  # characters of a sender_id, a session_id or a message's id
MAX_TOKEN = 4_096  # characters; a JWT with many claims has 2,000
MAX_LANGUAGE = 16  # characters; the longest of Whisper's codes has three, and "auto" four
MAX_TEXT = 4_000  # characters typed in one message: a page of a book
MAX_METADATA = 16 * 1024  # bytes as JSON
MAX_DIGITS = 64  # telephone keys in a message, and keys put together before the bot is told
MAX_PLAYED_MS = 86_400_000.0  # a day
TURNS_AT_ONCE = 8  # typed messages and key inputs taken as fast as they come,
TURNS_PER_S = 4.0  # and then so many a second: nobody types faster, and others want answers too

# ------------------------------------------------------------------ a request
FORM_BYTES = 64 * 1024  # Twilio's forms have 2,000
FORM_OVERHEAD_BYTES = 16 * 1024  # of a voice note's form, besides the recording
UPLOAD_S = 60.0  # for a whole voice note: 20 MB at 3 Mbit/s
UPLOAD_IDLE_S = 5.0  # without a byte of it
NOTES_AT_ONCE = 6  # uploaded, recognized or answered; the next one is told when to come back

MEGABYTE = 1 << 20  # bytes, of what options and sentences say
_LONGEST_KEY_SHOWN = 40  # characters
_UNWANTED = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


def check_values(value: Any, depth: int = 0) -> None:
    """Refuse, by raising ``ProtocolError``, what JSON allows and no honest client sends; see :func:`check_text`."""
    if depth > MAX_DEPTH:
        raise ProtocolError("bad_message", f"Objects and lists may be nested {MAX_DEPTH} deep at most.")
    if isinstance(value, str):
        check_text(value)
    elif isinstance(value, float) and not math.isfinite(value):
        raise ProtocolError("bad_message", "Numbers must be finite.")
    elif isinstance(value, dict):
        for key, inner in value.items():
            check_text(str(key))
            check_values(inner, depth + 1)
    elif isinstance(value, list):
        for inner in value:
            check_values(inner, depth + 1)


def check_text(text: str) -> None:
    """Refuse, by raising ``ProtocolError``, characters that end in stack traces and forged log lines."""
    found = _UNWANTED.search(text)
    if found is None:
        return
    what = "half a character (a lone surrogate)" if found[0] >= "\ud800" else "a control character"
    raise ProtocolError("bad_message", f"A string contains {what}; leave it out.")


def check_name(name: str, what: str) -> str:
    """Return a name that fits into one line of a log, for example a ``sender_id``; others raise ``ProtocolError``."""
    if not 0 < len(name) <= MAX_NAME:
        raise ProtocolError("bad_message", f"'{what}' must have 1 to {MAX_NAME} characters.")
    if not name.isprintable():
        raise ProtocolError("bad_message", f"'{what}' may hold printable characters only.")
    return name


def place(steps: Any) -> str:
    """Return where in a message something is wrong, in one printable line however its keys were chosen."""
    return ".".join(_step(str(step)) for step in steps)


def _step(step: str) -> str:
    return step if step.isprintable() and len(step) <= _LONGEST_KEY_SHOWN else f"{step!a:.{_LONGEST_KEY_SHOWN}}"


def check_size(size: int, limit: int) -> None:
    """Refuse a recording of more bytes, by raising ``AudioError``."""
    if size > limit:
        raise AudioError(
            f"The recording has {size / MEGABYTE:.1f} MB, more than the {limit / MEGABYTE:.3g} MB allowed; "
            "send a shorter one."
        )

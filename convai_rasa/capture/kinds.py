"""What a slot may wait for, as the key ``spoken`` names it."""

from __future__ import annotations

import difflib

from convai_rasa.errors import ConfigurationError

KINDS = ("name", "spelled", "email", "phone", "number", "postcode", "date")
ON_KEYS = frozenset({"phone", "number", "postcode"})  # those that the keys of a telephone can say


def check_kind(kind: object, *, slot: str) -> str:
    """Return the kind that a slot names.

    Raises:
        ConfigurationError: there is none of that name.
    """
    if isinstance(kind, str) and kind in KINDS:
        return kind
    close = difflib.get_close_matches(str(kind), KINDS, n=1)
    hint = f"did you mean '{close[0]}'?" if close else f"known are {', '.join(KINDS)}"
    raise ConfigurationError(f"The slot '{slot}' has the unknown kind 'spoken: {kind}' ({hint}).")

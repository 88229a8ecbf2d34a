"""Messages of the native protocol: valid ones of ``messages.py``, changed in one place or several."""

from __future__ import annotations

import copy
import random
from typing import Any

import hostile_tokens
import hostile_values as values

VALID: dict[str, dict[str, Any]] = {
    "start": {
        "language": "en",
        "speed": 1.0,
        "sender_id": "ann",
        "session_id": "0" * 32,
        "token": "not this one",
        "sample_rate": 16_000,
        "output_sample_rate": 16_000,
        "metadata": {"page": "menu"},
        "greet": False,
    },
    "settings": {"language": "en", "speed": 1.2},
    "text": {"text": "hello"},
    "dtmf": {"digits": "4"},
    "playback": {"id": "0-1", "played_ms": 120.5},
    "stop": {},
    "bye": {},
}
_NOT_OBJECTS = ["", "null", "[]", "{", '{"type": "stop"', '"stop"', "{}", "[" * 5_000, '{"a":' * 2_000, "\ufeff{}", "0"]
_KINDS = [*VALID, "start", "settings", "text", "dtmf", "playback"]
_FEW = ["bye"]  # they end the conversation, and what follows is read by nobody


def message(key: str, chance: random.Random, *, kind: str | None = None) -> str:
    """Return a text frame.

    Args:
        key: with which genuine tokens are signed.
        chance: the seeded one.
        kind: of message; None: any.
    """
    if kind is None and chance.random() < 0.08:
        return chance.choice([*_NOT_OBJECTS, values.as_json(values.value(chance), chance)])
    kind = kind or chance.choice(_KINDS)
    if kind in _FEW and chance.random() < 0.95:
        kind = "playback"
    fields: dict[str, Any] = {"type": kind, **copy.deepcopy(VALID[kind])}
    for _ in range(chance.choice([0, 1, 1, 1, 2, 3])):
        _change(fields, key, chance)
    written = values.as_json(fields, chance)
    if chance.random() < 0.06:
        written = values.damaged(written.encode(), chance).decode(errors="replace")
    return written


def _change(fields: dict[str, Any], key: str, chance: random.Random) -> None:
    name = chance.choice([*fields, "type"])
    how = chance.randrange(9)
    if how == 0:
        fields.pop(name, None)
    elif how == 1:
        fields[name] = chance.choice([name, str(fields.get(name)) + chance.choice([" ", "\n", "\u0000", "x" * 5_000])])
    elif how == 2:
        fields[values.text(chance)] = values.value(chance)
    elif how == 3 and "token" in fields:
        fields["token"] = hostile_tokens.token(key, chance)
    elif how == 4 and "metadata" in fields:
        fields["metadata"] = chance.choice(
            [{"call": {"from": "+441632960001"}}, {"a": "b" * 17_000}, {"voice": values.value(chance)}]
        )
    elif how == 5 and "digits" in fields:
        fields["digits"] = chance.choice(["#" * 64, "#", "12#34#", "*" * 65, "0" * 64, "1\n", "E", "0" * 60_000])
    elif how == 6 and "text" in fields:
        fields["text"] = values.text(chance)
    elif name == "type" and chance.random() < 0.7:  # else nearly every message would fail at its type
        fields["type"] = chance.choice(
            ["Text", "texts", "ready", "bot.message", "error", "a" * 30_000, None, 7, [], {}]
        )
    elif name != "type":
        fields[name] = values.value(chance)

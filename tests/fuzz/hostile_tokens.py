"""Tokens: JSON Web Tokens that somebody made up."""

from __future__ import annotations

import base64
import json
import random
import time

import jwt

_DEEP = base64.urlsafe_b64encode(b"[" * 2_900).rstrip(b"=").decode()
_TOMORROW = int(time.time()) + 86_400


def good_token(key: str, subject: str) -> str:
    """Return a token that lets somebody in."""
    return jwt.encode({"sub": subject, "exp": _TOMORROW}, key, algorithm="HS256")


def token(key: str, chance: random.Random) -> str:
    """Return a token that must let nobody in."""
    good = good_token(key, "ann")
    head, body, seal = good.split(".")
    claims = {"sub": "ann", "exp": _TOMORROW}
    wrong = "a wrong key of a good length, thirty-two"
    made = [
        "",
        "Bearer",
        "\ud800",
        "a" * 5_000,
        ".",
        "..",
        "...",
        f"{head}.{body}.",
        f"{head}.{body}",
        f"{head}.{body}.{seal[:-3]}AAA",
        f"{head}..{seal}",
        f"{_DEEP}.{body}.{seal}",
        f"{head}.{_DEEP}.{seal}",
        f"{_part({'alg': 'none'})}.{body}.",
        f"{_part({'alg': 'none'})}.{body}.{seal}",
        f"{_part({'alg': 'RS256'})}.{body}.{seal}",
        f"{_part({'alg': ['HS256']})}.{body}.{seal}",
        f"{_part({'alg': 'HS256', 'kid': 7})}.{body}.{seal}",
        f"{_part({'alg': 'HS256', 'crit': ['x']})}.{body}.{seal}",
        f"{_part({'alg': 'HS256', 'b64': False})}.{body}.{seal}",
        f"{_part([])}.{body}.{seal}",
        jwt.encode(claims, wrong, algorithm="HS256"),
        jwt.encode(claims, key + "-" * 32, algorithm="HS512"),
        jwt.encode({"sub": "ann", "exp": 1_000_000_000}, key, algorithm="HS256"),
        jwt.encode({"sub": "ann"}, key, algorithm="HS256"),
        jwt.encode({"exp": _TOMORROW}, key, algorithm="HS256"),
        jwt.encode({"sub": "a" * 400, "exp": _TOMORROW}, key, algorithm="HS256"),
        jwt.encode({"sub": "+441632960001", "exp": _TOMORROW}, key, algorithm="HS256"),
        jwt.encode({"sub": "guest:ann", "exp": _TOMORROW}, key, algorithm="HS256"),
        jwt.encode({"sub": "", "exp": _TOMORROW}, key, algorithm="HS256"),
        jwt.encode({"sub": "ann\nbob", "exp": _TOMORROW}, key, algorithm="HS256"),
        jwt.encode({"sub": "ann", "exp": _TOMORROW, "nbf": _TOMORROW}, key, algorithm="HS256"),
        chance.randbytes(40).decode("latin-1"),
    ]
    return chance.choice(made)


def _part(what: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(what).encode()).rstrip(b"=").decode()

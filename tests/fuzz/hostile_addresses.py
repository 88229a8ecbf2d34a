"""Addresses to fetch a recording from: this machine, its neighbours, and nothing at all, written in every way."""

from __future__ import annotations

import random

import hostile_values as values

_HOSTS = [
    "127.0.0.1",
    "127.1",
    "127.0.0.1.",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "0",
    "0.0.0.0",
    "localhost",
    "LOCALHOST.",
    "localhost.localdomain",
    "127。0。0。1",
    "127｡0｡0｡1",
    "①②⑦.0.0.1",
    "１２７.0.0.1",
    "ⓛocalhost",
    "loc\u00adalhost",
    "10.0.0.7",
    "172.16.0.1",
    "192.168.1.1",
    "100.64.0.1",
    "169.254.169.254",
    "224.0.0.1",
    "255.255.255.255",
    "192.88.99.1",
    "198.18.0.1",
    "[::1]",
    "[::]",
    "[::127.0.0.1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b:1::1]",
    "[2002:7f00:1::]",
    "[2002:a00:1::1]",
    "[fe80::1]",
    "[fe80::1%25lo]",
    "[fe80::1%lo]",
    "[fec0::1]",
    "[fc00::1]",
    "[ff02::1]",
    "[2001:db8::1]",
    "[2001:0:7f00:1::]",
    "[100::1]",
    "[::1",
    "::1",
    "[]",
    "[v1.x]",
    "",
    ".",
    "..",
    "-",
    "a..b",
    "xn--",
    "xn--a",
    "a" * 64 + ".example",
    "nobody.invalid",
    "nobody.invalid.",
    "\u2100",
    "%31%32%37.0.0.1",
    "127.0.0.1%00.example",
    "127.0.0.1\\@nobody.invalid",
    "nobody.invalid@127.0.0.1",
    "user:password@127.0.0.1",
    "127.0.0.1#@nobody.invalid",
    "127.0.0.1?@nobody.invalid",
]
_SCHEMES = [
    "http",
    "https",
    "HTTP",
    "hTTps",
    "file",
    "ftp",
    "gopher",
    "data",
    "ws",
    "unix",
    "javascript",
    "",
    "http+unix",
]


def address(chance: random.Random) -> str:
    """Return an address that nothing may be fetched from."""
    if chance.random() < 0.08:
        return values.text(chance)
    scheme = chance.choice(["http", "https", "http", chance.choice(_SCHEMES)])
    between = chance.choice(["://"] * 12 + [":", "//", ":/", ":///", ":\\\\", "://///"])
    host = chance.choice(_HOSTS)
    port = chance.choice(["", "", "", ":1", ":80", ":0", ":65536", ":-1", ":", ":" + "9" * 5_000, ":８０", ":1e3"])
    rest = chance.choice(
        ["", "/", "/a.ogg", "/" + "a" * 3_000, "/\ud800", "/%zz", "/\r\nX: y", "?q=\x00", "#f", "/é", "/a b"]
    )
    return f"{scheme}{between}{host}{port}{rest}"

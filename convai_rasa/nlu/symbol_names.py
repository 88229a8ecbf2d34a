"""Names for the emoji and other symbols that a tokenizer does not know: "thumbs up" in place of 👍.

To a vocabulary without them all emoji are the same piece, ``[UNK]``, and a word that one is glued to is lost with it.
Text emoticons such as ``:-)`` and faces of many signs such as ``(╯°□°)╯`` stay as they are.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

from convai_rasa.errors import require
from convai_rasa.nlu.encoder import unknown_ids

FALLBACK_LANGUAGE = "en"
# Letter-like signs, arrows, mathematics, technical and other pictures; no box drawings, of which faces are made.
_PLAIN = (
    "\u00a9\u00ae\u203c\u2049\u20a0-\u20cf\u2100-\u214f\u2190-\u23ff\u25aa\u25ab\u25b6\u25c0\u25fb-\u25fe"
    "\u2600-\u27bf\u2900-\u297f\u2b00-\u2bff\u3030\u303d\u3297\u3299"
)
_PICTURE = f"[{_PLAIN}\U0001f000-\U0001f1e5\U0001f200-\U0001f3fa\U0001f400-\U0001faff]"
_SKIN, _JOINER, _AS_EMOJI = "[\U0001f3fb-\U0001f3ff]", "\u200d", "\ufe0f"
_ONE = f"{_PICTURE}{_AS_EMOJI}?{_SKIN}?(?:[\U000e0020-\U000e007e]+\U000e007f)?"  # the last: flags of regions
_SYMBOL = re.compile(
    f"[\U0001f1e6-\U0001f1ff]{{2}}|[0-9#*]{_AS_EMOJI}?\u20e3|{_ONE}(?:{_JOINER}{_ONE})*|{_SKIN}|{_AS_EMOJI}"
)
# A face: at least three signs in brackets, of which no one is a word or an emoji proper; with whatever it is glued to.
_FACE = re.compile(r"\S*[(（](?:(?![\U0001f000-\U0001faff])[^\s()（）A-Za-z]){3,}[)）]\S*")
_SEQUENCE_PART = re.compile(f"{_PICTURE}{_AS_EMOJI}?")


class SymbolNames:
    """Puts names in the place of what a tokenizer does not know; one may be used from several threads.

    Args:
        tokenizer: a ``tokenizers.Tokenizer``.
        language: of the names, ISO 639-1; English where there are none in it.
    """

    def __init__(self, tokenizer: Any, language: str) -> None:
        self._tokenizer = tokenizer
        self._anything = unknown_ids(tokenizer)
        self._language = language.replace("_", "-").split("-")[0].lower()
        self._names: dict[str, str] = {}

    def __call__(self, texts: Sequence[str]) -> list[str]:
        """Return texts with names; those without an unknown symbol are the same."""
        return [text if text.isascii() else self._named(text) for text in texts]

    def _named(self, text: str) -> str:
        faces = [match.span() for match in _FACE.finditer(text)]

        def name(match: re.Match[str]) -> str:
            if any(start <= match.start() < end for start, end in faces):
                return match[0]
            if match[0] not in self._names:
                self._names[match[0]] = self._name(match[0])
            return self._names[match[0]]

        changed = _SYMBOL.sub(name, text)
        return " ".join(changed.split()) if changed != text else text

    def _name(self, symbol: str) -> str:
        """Return the name between spaces, or the symbol itself where it is known or has no name."""
        if self._anything.isdisjoint(self._tokenizer.encode(symbol, add_special_tokens=False).ids):
            return symbol
        plain = re.sub(_SKIN, "", symbol)
        name = _emoji_name(plain or symbol, self._language)
        if name is None:  # a sequence that is not in the list is named part by part
            parts = _SEQUENCE_PART.findall(plain)
            names = [_emoji_name(part, self._language) or unicodedata.name(part[0], "").lower() for part in parts]
            name = " ".join(filter(None, names))
        return f" {name} " if name or not plain.strip(_AS_EMOJI) else symbol


def _emoji_name(symbol: str, language: str) -> str | None:
    table = require("emoji", extra="nlu").EMOJI_DATA
    bare = symbol.replace(_AS_EMOJI, "")
    for written in (symbol, bare, bare + _AS_EMOJI):
        if written in table:
            names = table[written]
            named: str = names.get(language) or names[FALLBACK_LANGUAGE]
            return " ".join(named.strip(":").replace("_", " ").split())
    return None

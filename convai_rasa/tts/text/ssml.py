"""A small part of SSML, the mark-up that says how a text is to be spoken (W3C, "Speech Synthesis Markup Language").

Honoured are ``<break>``, ``<say-as>``, ``<prosody rate>`` and ``<sub>``; of any other tag the text inside is kept.
A bot's author writes it by hand, so nothing here ever fails: a tag that is never closed counts as not written, and
what does not look like a tag ("5 < 6") is text.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from typing import Iterator, List, Mapping, Optional, Tuple, Union

MAX_BREAK_S = 10.0
MIN_RATE, MAX_RATE = 0.25, 4.0

_STRENGTHS_S = {"none": 0.0, "x-weak": 0.1, "weak": 0.2, "medium": 0.4, "strong": 0.7, "x-strong": 1.2}
_RATES = {"x-slow": 0.5, "slow": 0.75, "medium": 1.0, "default": 1.0, "fast": 1.25, "x-fast": 1.5}
_EMPTY = ("break", "br", "hr", "img", "mark")  # tags that enclose nothing

TAG = re.compile(
    r"<!--.*?-->|<[?!][a-zA-Z][^<>]*>"
    r"|<(?P<end>/?)(?P<name>[a-zA-Z][\w:.-]*)"
    r"(?P<attributes>(?:\s+[a-zA-Z_:][\w:.-]*\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s\"'<>=]+))*)"
    r"\s*(?P<empty>/?)>",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(r"([a-zA-Z_:][\w:.-]*)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'<>=]+))")
_TIME = re.compile(r"\s*\+?(\d+(?:\.\d+)?|\.\d+)\s*(ms|s)\s*", re.IGNORECASE)
_RATE = re.compile(r"\s*([+-]?)(\d+(?:\.\d+)?)\s*(%?)\s*")


@dataclass(frozen=True)
class Span:
    """A piece of text.

    Attributes:
        text: its characters as they are to be read.
        shown: the same for the eye, which sees "W3C" where the ear hears a ``<sub alias>``.
        rate: 1.0 is the pace of the text around it, 2.0 twice as fast.
        say_as: ``interpret-as`` of the innermost ``<say-as>``, lower case.
        detail: its ``format``, for example ``dmy`` for a date.
    """

    text: str
    shown: str
    rate: float = 1.0
    say_as: Optional[str] = None
    detail: Optional[str] = None


@dataclass(frozen=True)
class Break:
    """Silence, in seconds."""

    seconds: float


@dataclass(frozen=True)
class _Tag:
    name: str
    attributes: Mapping[str, str] = field(default_factory=dict)
    closes: bool = False
    empty: bool = False


def parse(text: str) -> List[Union[Span, Break]]:
    """Return the pieces of a text in order, text that has no tags as a single span."""
    tokens = list(_tokens(text))
    ends = _ends(tokens)
    pieces: List[Union[Span, Break]] = []
    open_tags: dict[int, _Tag] = {}  # by the place of the tag that closes it
    for place, token in enumerate(tokens):
        if isinstance(token, str):
            pieces.extend(_spans(token, list(open_tags.values())))
        elif token.closes:
            closed = open_tags.pop(place, None)
            if closed is not None and closed.name == "sub":
                pieces.append(_replaced(pieces, closed))
        elif token.name == "break":
            pieces.append(Break(_break_seconds(token.attributes)))
        elif token.name in ("br", "p", "s"):
            pieces.append(Span("\n", "\n"))
        elif place in ends:
            open_tags[ends[place]] = token
            if token.name == "sub":
                pieces.append(_SUB)
    return [piece for piece in pieces if piece is not _SUB]


def plain_text(text: str) -> str:
    """Return a text as it is shown: without the tags of its mark-up."""
    if TAG.search(text) is None:
        return text
    shown = "".join(piece.shown if isinstance(piece, Span) else " " for piece in parse(text))
    lines = (re.sub(r"[^\S\n]+", " ", line).strip() for line in shown.splitlines())
    return re.sub(r"[^\S\n]+([,.;:!?])", r"\1", "\n".join(line for line in lines if line))


_SUB = Span("", "")  # marks where the text that a <sub> replaces begins


def _tokens(text: str) -> Iterator[Union[str, _Tag]]:
    """Cut a text at its tags. Only where there are any, ``&amp;`` and the like stand for characters."""
    position, marked_up = 0, TAG.search(text) is not None
    for match in TAG.finditer(text):
        if match.start() > position:
            yield html.unescape(text[position : match.start()])
        position = match.end()
        if match["name"] is None:  # a comment or a declaration
            continue
        attributes = {
            name.lower(): html.unescape(double or single or bare)
            for name, double, single, bare in _ATTRIBUTE.findall(match["attributes"])
        }
        yield _Tag(match["name"].lower(), attributes, bool(match["end"]), bool(match["empty"]))
    if position < len(text):
        yield html.unescape(text[position:]) if marked_up else text


def _ends(tokens: List[Union[str, _Tag]]) -> dict[int, int]:
    """Return the place of the closing tag for that of each opening one; those without a partner are left out."""
    ends: dict[int, int] = {}
    waiting: List[Tuple[int, str]] = []
    for place, token in enumerate(tokens):
        if isinstance(token, str) or token.empty or token.name in _EMPTY:
            continue
        if not token.closes:
            waiting.append((place, token.name))
            continue
        for index in range(len(waiting) - 1, -1, -1):
            if waiting[index][1] == token.name:
                ends[waiting[index][0]] = place
                del waiting[index:]
                break
    return ends


def _spans(text: str, open_tags: List[_Tag]) -> Iterator[Span]:
    rate, say_as, detail = 1.0, None, None
    for tag in open_tags:
        if tag.name == "prosody":
            rate *= _rate(tag.attributes.get("rate", ""))
        elif tag.name == "say-as" and tag.attributes.get("interpret-as"):
            say_as, detail = tag.attributes["interpret-as"].strip().lower(), tag.attributes.get("format")
    yield Span(text, text, min(max(rate, MIN_RATE), MAX_RATE), say_as, detail)


def _replaced(pieces: List[Union[Span, Break]], tag: _Tag) -> Span:
    """Take the text inside a ``<sub>`` off the pieces, and return what is said in its place."""
    inside: List[Span] = []
    while pieces and pieces[-1] is not _SUB:
        piece = pieces.pop()
        if isinstance(piece, Span):
            inside.insert(0, piece)
    if pieces:
        pieces.pop()
    shown = "".join(piece.shown for piece in inside)
    rate = inside[0].rate if inside else 1.0
    return Span(tag.attributes.get("alias") or shown, shown, rate)


def _break_seconds(attributes: Mapping[str, str]) -> float:
    match = _TIME.fullmatch(attributes.get("time", ""))
    if match:
        seconds = float(match[1]) / (1000 if match[2].lower() == "ms" else 1)
        return min(seconds, MAX_BREAK_S)
    return _STRENGTHS_S.get(attributes.get("strength", "medium").strip().lower(), _STRENGTHS_S["medium"])


def _rate(written: str) -> float:
    """Return a rate as a factor: ``slow``, ``80%``, ``+20%`` or ``0.8``; 1.0 for what is none of these."""
    name = written.strip().lower()
    if name in _RATES:
        return _RATES[name]
    match = _RATE.fullmatch(written)
    if match is None:
        return 1.0
    value = float(match[2]) / (100 if match[3] else 1)
    if match[1]:
        value = 1 + value if match[1] == "+" else 1 - value
    return min(max(value, MIN_RATE), MAX_RATE)

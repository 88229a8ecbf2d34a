"""Marks that are there for the eye only, in whatever language: markdown, tags, emoticons, quotation marks."""

from __future__ import annotations

import html
import re
import unicodedata
from typing import Callable, Iterable, Match, Tuple, Union

from convai_rasa.tts.text.ssml import TAG

DASH = "[\u2013\u2014-]"  # between two ends of a range, as a pattern
Rule = Tuple["re.Pattern[str]", Union[str, Callable[[Match[str]], str]]]


def rule(pattern: str, replacement: Union[str, Callable[[Match[str]], str]], flags: int = 0) -> Rule:
    """Return a pattern with what it becomes."""
    return re.compile(pattern, flags), replacement


def apply(rules: Iterable[Rule], text: str) -> str:
    """Apply rules in order."""
    for pattern, replacement in rules:
        text = pattern.sub(replacement, text)
    return text


def without_marks(text: str) -> str:
    """Return a text without the marks that have no sound; links keep their words, list items their lines."""
    return apply(_MARKS, _with_plain_numbers(html.unescape(unicodedata.normalize("NFC", text))))


def tidied(text: str) -> str:
    """Return a text with its spaces and punctuation in order; empty when there is nothing in it to say."""
    text = apply(_TIDY, "".join(character for character in text if _has_sound(character)))
    return text.strip() if any(character.isalnum() for character in text) else ""


def _with_plain_numbers(text: str) -> str:
    """Return a text in which ①, ₂ and Ⅳ are 1, 2 and IV; powers and fractions stay, as they mean something."""
    if text.isascii():
        return text
    return "".join(
        unicodedata.normalize("NFKC", character).replace("\u2044", "/")
        if unicodedata.category(character) in ("No", "Nl") and character not in _MEANT
        else character
        for character in text
    )


def _has_sound(character: str) -> bool:
    kind = unicodedata.category(character)
    if kind in ("Mc", "Mn"):  # vowels and tones of a script, but no ornament of any letter or of an emoji
        ornament = unicodedata.name(character, "COMBINING").startswith(("COMBINING", "VARIATION"))
        return not ornament or character == "\u0301"
    return character in "\n'" or kind[0] in "LNPZ"


_MEANT = "⁰¹²³⁴⁵⁶⁷⁸⁹½¼¾⅓⅔⅛⅜⅝⅞⅕⅖⅗⅘⅙⅚"
_MARKS: Tuple[Rule, ...] = (
    rule(r"```.*?```", " ", re.DOTALL),
    rule(r"<((?:https?://|mailto:)[^\s<>]+|[^\s<>@]+@[^\s<>@]+)>", r"\1"),
    (TAG, " "),
    rule(r"!\[([^\]]*)\]\([^)]*\)", r"\1"),
    rule(r"\[([^\]]+)\]\([^)]*\)", r"\1"),
    rule(r"\bmailto:", ""),
    rule(r"^[ \t]*(?:#{1,6}|>+|[-*+•▪◦‣·–—])[ \t]+(?:\[[ xX]\][ \t]+)?", "", re.MULTILINE),
    rule(r"^[ \t]*(\d{1,3})[.)][ \t]+(?=\S)", r"\1, ", re.MULTILINE),
    rule(r"^[ \t]*[|:-][|: \t-]*$", "", re.MULTILINE),
    rule(r"^[ \t]*\||\|[ \t]*$", "", re.MULTILINE),
    rule(r"[ \t]*\|[ \t]*", ", "),
    rule(r"(\*\*|__|~~|`)(?=\S)(.+?)(?<=\S)\1", r"\2"),
    rule(r"(?<![\w*])[*_](?=\S)([^*_\n]+?)(?<=\S)[*_](?![\w*])", r"\1"),
    rule(r"(?<!\S)(?:[:;=8][-o']?[()\[\]dDpP/\\|3*]|<3|\^\^|:'\()(?!\w)", ""),
    rule(r"(?<!\S):[a-z][a-z0-9_+-]+:(?!\S)", ""),  # :smile:
    rule(r"[\u2018\u2019\u02bc]", "'"),
    rule(r"[\u201c\u201d\u201e\u00ab\u00bb\u2039\u203a\"]", ""),
    rule(r"\u2026|\.{3,}", "."),
    rule(r"[\u00a0\u202f\u2009]", " "),
)

_TIDY: Tuple[Rule, ...] = (
    rule(r"[^\S\n]+", " "),
    rule(r" ?\n[\s]*", "\n"),
    rule(r"\s+([,.;:!?])", r"\1"),
    rule(r"(?:,\s*)+(?=[,.;:!?])", ""),
    rule(r"([.!?])[.,;:]+", r"\1"),
    rule(r"(^|\n)[\s,.;:]+", r"\1"),
    rule(r",(?=\S)", ", "),
    rule(r"[,;]+[^\S\n]*(?=\n|$)", ""),
)

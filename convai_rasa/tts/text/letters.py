"""Letters that stand for themselves, and letters that a language does not have."""

from __future__ import annotations

import re
import unicodedata
from typing import Callable, Mapping

from convai_rasa.tts.text.others import language_of

_ENGLISH_NAMES = (
    "ay bee see dee ee eff jee aitch eye jay kay el em en oh pee cue ar ess tee you vee double_you ex why zee"
)
_OWN_LETTERS = {  # beside a to z
    "en": "", "de": "äöüß", "es": "áéíóúüñ", "fr": "àâæçéèêëîïôœùûüÿ", "it": "àèéìíòóùú", "pt": "áâãàçéêíóôõúü",
    "nl": "áéëèíïóöüú",
    "sv": "åäöé", "lb": "äëéöü",
}  # fmt: skip
_SOUNDS = {  # a letter of another language, and what comes near its sound in one that lacks it
    "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "å": "o", "ł": "l", "đ": "d", "ð": "th", "þ": "th", "ı": "i", "ğ": "",
    "ş": "sh", "ș": "sh",
    "ț": "ts", "ţ": "ts", "č": "ch", "š": "sh", "ž": "zh", "ć": "ch", "ś": "sh", "ż": "zh", "ź": "z", "ñ": "ny",
    "ń": "n", "ř": "r", "ç": "s",
}  # fmt: skip
_PLAIN = {
    "ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "th", "þ": "th", "ı": "i", "ħ": "h", "ŋ": "ng",
}  # fmt: skip
_AS_IN_FRENCH = (("ées", "ays"), ("ée", "ay"), ("és", "ays"), ("é", "ay"))  # at a word's end, in English
_DIGITS = "zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|oh"
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*")
_INITIALS = re.compile(r"(?<![\w'\u2019-])[A-Z]{2,5}(?![\w\u2019-])")
_ACCENT = re.compile(r"[^\x00-\x7f]")


def in_letters_of(sentence: str, language: str, pronounced: Callable[[str], str]) -> str:
    """Return a sentence whose words are written with the letters of a language alone: "naive", "Lukasz".

    Args:
        sentence: words and punctuation.
        language: ISO 639-1 code; in one whose letters are not listed, nothing changes.
        pronounced: the phonemes of a word of the language's lexicon, without stress; empty for others.
    """
    own = _OWN_LETTERS.get(language)
    if own is None or not _ACCENT.search(sentence):
        return sentence

    def written(match: re.Match[str]) -> str:
        word = match.group()
        if all(letter.isascii() or letter in own for letter in word.lower()) or pronounced(word):
            return word
        bare = without_accents(word, own)
        if language != "en":
            return bare
        for end, sound in _AS_IN_FRENCH:
            if word.lower().endswith(end):
                is_sounded = re.search("[aeiouæɑɔəɛɪʊʌ]ː?" + "z?" * end.endswith("s") + "$", pronounced(bare))
                return bare if is_sounded else without_accents(word[: -len(end)], own) + sound
        if re.search(r"[èê][^\W\d_]e$", word.lower()) and re.search("^$|iː?[^aeiouæɑɔəɛɪʊʌ]+$", pronounced(bare)):
            return bare[:-1]  # "crème" is no "creme"
        return (
            bare
            if pronounced(bare)
            else without_accents("".join(_SOUNDS.get(letter, letter) for letter in word.lower()), own)
        )

    return _WORD.sub(written, unicodedata.normalize("NFC", sentence))


def without_accents(text: str, keep: str = "") -> str:
    """Return a text with its letters as near to a to z as they come; those in ``keep`` stay."""
    written = []
    for letter in text:
        if letter.isascii() or letter.lower() in keep:
            written.append(letter)
        elif letter.lower() in _PLAIN:
            plain = _PLAIN[letter.lower()]
            written.append(plain.capitalize() if letter.isupper() else plain)
        else:
            parts = unicodedata.normalize("NFKD", letter)
            written.append(
                "".join(part for part in parts if not unicodedata.combining(part)) if parts[0].isascii() else letter
            )
    return "".join(written)


def letter_names(language: str) -> Mapping[str, str]:
    """Return what the letters A to Z are called, in words that are pronounced so; empty for an unknown language."""
    known = language_of(language)
    names = _ENGLISH_NAMES if language == "en" else known.letters if known else ""
    return {chr(ord("A") + place): name.replace("_", " ") for place, name in enumerate(names.split())}


def apart(sentence: str, is_word: Callable[[str], bool]) -> str:
    """Return a sentence whose initials are set apart, "F A Q"; those that are a word stay: "NASA"."""
    if not re.search(r"[a-z]", sentence) and " " in sentence.strip():
        return sentence  # all in capitals
    return _INITIALS.sub(lambda match: match[0] if is_word(match[0]) else " ".join(match[0]), sentence)


def is_sayable(initials: str) -> bool:
    """Whether capitals look like a word: "NATO", not "HTML"."""
    return len(initials) > 3 and re.search(r"[AEIOU]", initials) is not None and not re.search(r"[^AEIOU]{3}", initials)


def named(sentence: str, language: str, names: Mapping[str, str]) -> str:
    """Return a sentence in which letters that stand for themselves have their names.

    Args:
        sentence: words and punctuation.
        language: ISO 639-1 code; in English "A" may be the article and "I" the pronoun, which stay.
        names: capital letter to its name; others stay.
    """

    def name(match: re.Match[str]) -> str:
        letter = match.group()
        if (
            letter not in names
            or (language == "en" and letter == "I")
            or (letter == "A" and language == "en" and not _is_letter(match))
        ):
            return letter
        return names[letter]

    return re.sub(r"(?<![\w'\u2019-])[A-Z](?![\w'\u2019-])", name, sentence)


def _is_letter(match: re.Match[str]) -> bool:
    """Whether an "A" in a sentence is the letter and not the article."""
    before, after = match.string[: match.start()], match.string[match.end() :]
    if re.search(r"(?<![\w'])[B-HJ-Z] $", before) or re.match(
        r" (?:[B-HJ-Z](?![\w'])|and [A-Z](?!\w)|or [A-Z](?!\w)|to [A-Z](?!\w))", after
    ):
        return True  # its neighbor is one: "A M", "B A two"
    if not re.match(r" [^\W\d_]", after):
        return True  # nothing follows that it could belong to: "Plan A."
    if re.match(r" (?:plus|minus|sharp|flat|star|level)\b", after):
        return True
    if re.search(r"(?:^|[.!?:;\u2026\n])\s*$", before):  # a sentence begins with it
        return re.match(rf" (?:{_DIGITS})(?: (?:{_DIGITS})\b|\s*[.,;!?]|\s*$)", after) is not None
    title = re.search(r"\b[A-Z][^\s.,;:!?]* $", before) and re.match(r" [A-Z]", after)
    return not title

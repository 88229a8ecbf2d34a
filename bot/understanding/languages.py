"""Whether somebody speaks another language than the bot, by function words: short, frequent, and hard to avoid.

spaCy keeps such lists for many languages (its stop words, 3 to 6 kB each, and spaCy is there for the entities). A
dish with a foreign name has one or two of them at most and stands among English words.
"""

from __future__ import annotations

import importlib.util
import re
import runpy
import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from phrases import read_tables

_TABLES = read_tables(Path(__file__).with_name("languages.yml"))
_ENGLISH, _NAMES = (frozenset(_TABLES[table].split()) for table in ("english", "names"))
LANGUAGES = tuple(_TABLES["table"])
_OTHER_SCRIPT = re.compile(
    r"[\u0370-\u03ff\u0400-\u04ff\u0590-\u06ff\u0900-\u0dff\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
)
_FEWEST = 2  # foreign words before a message counts as foreign
_SHARE = 0.3  # of its words that must be function words of the language; English prose has about a half


def foreign_language(text: str) -> str | None:
    """Return the ISO 639-1 code of the language a message is in, "" for one in another script, None for English."""
    letters = [letter for letter in text if letter.isalpha()]
    if letters and len(_OTHER_SCRIPT.findall(text)) > len(letters) / 2:
        return ""
    spoken = re.sub(r"\b(?:\w\s+){2,}\w\b", " ", text.lower().replace("\u2019", "'"))  # "h u l l" is spelled
    words = re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)?", spoken)
    english = sum(word in _words("en") or word in _ENGLISH for word in words)
    scores = {language: _score(language, words) for language in LANGUAGES}
    best = max(scores, key=lambda language: scores[language])
    enough = scores[best] >= _FEWEST and scores[best] > english and scores[best] / max(1, len(words)) >= _SHARE
    return best if enough else None


def _score(language: str, words: list[str]) -> int:
    known, speaking = _words(language), _plain(_TABLES["speaking"][language].split())
    shown = sum(word in known or word.split("'")[0] + "'" in known for word in words)
    return shown + _FEWEST * sum(word in speaking for word in words)


@cache
def _words(language: str) -> frozenset[str]:
    """Return the words that show a language, with and without their accents, but no English ones."""
    spacy = importlib.util.find_spec("spacy")
    if spacy is None or not spacy.submodule_search_locations:
        raise ModuleNotFoundError(
            "Languages are told apart by spaCy's lists of words; install it with: pip install spacy"
        )
    # The file alone, which imports nothing: spaCy itself takes a second to import, and pulls in torch.
    words_file = Path(spacy.submodule_search_locations[0]) / "lang" / language / "stop_words.py"
    listed = runpy.run_path(str(words_file))["STOP_WORDS"]
    if language == "en":
        return frozenset(listed)
    words = _plain([*listed, *_TABLES["table"][language].split()])
    return words - _words("en") - _ENGLISH - _NAMES - {""}


def _plain(words: Iterable[str]) -> frozenset[str]:
    """Return words in lower case, with and without their accents."""
    lower = {word.lower() for word in words}
    return frozenset(lower | {unicodedata.normalize("NFKD", word).encode("ascii", "ignore").decode() for word in lower})

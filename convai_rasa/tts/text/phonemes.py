"""The pronunciation of a sentence, from gruut."""

from __future__ import annotations

import concurrent.futures
import functools
import importlib.util
from typing import Any

from convai_rasa.errors import require
from convai_rasa.languages import base_language
from convai_rasa.tts.text.letters import apart, in_letters_of, is_sayable, letter_names, named

_A = "lettera"  # what gruut gets for the letter; the word is none
_SAID = {  # words of English that gruut gets wrong: as espeak writes it, and as Coqui does
    _A: ("ˈeɪ", "eɪ"),
    "miz": ("mˈɪz", "mɪz"),
}
_STRESS = str.maketrans("", "", "ˈˌ")


def speaks(language: str) -> bool:
    """Whether gruut can know a language such as ``en-us``, with its words installed or not.

    Raises:
        MissingExtra: gruut is not installed.
    """
    return bool(require("gruut", extra="voice").is_language_supported(language))


def has_words(language: str) -> bool:
    """Whether the words of a language are installed; without them gruut finds no pronunciation for any."""
    return importlib.util.find_spec(f"gruut_lang_{base_language(language)}") is not None


def words_package(language: str) -> str:
    """Return what pip calls the words of a language."""
    return f"gruut[{base_language(language)}]"


def phonemes(sentence: str, language: str, *, as_espeak: bool = True) -> str:
    """Return the IPA of a sentence: words parted by spaces, punctuation kept.

    Args:
        sentence: words.
        language: for example ``en-us``.
        as_espeak: write it as espeak does, with stress; otherwise as Coqui's own use of gruut, without.
    """
    return _gruut_thread().submit(_phonemes, sentence, language, as_espeak).result()


def _phonemes(sentence: str, language: str, as_espeak: bool) -> str:
    import gruut

    words: list[str] = []
    for spoken in gruut.sentences(_readable(sentence, language, as_espeak), lang=language, espeak=as_espeak):
        for word in spoken:
            if word.is_break:
                if words:
                    words[-1] += word.text
            elif word.text.lower() in _SAID and base_language(language) == "en":
                words.append(_SAID[word.text.lower()][0 if as_espeak else 1])
            elif word.phonemes:
                spelled = "".join(word.phonemes).replace("g", "ɡ")  # IPA has its own letter for this sound
                words.append(spelled if as_espeak else spelled.translate(_STRESS))
    return " ".join(words)


def _readable(sentence: str, language: str, as_espeak: bool) -> str:
    """Return a sentence as gruut reads it aright: letters apart and named, words in the language's own letters."""
    lookup, base = _lexicon(language, as_espeak), base_language(language)

    def pronounced(word: str) -> str:
        found = lookup and (lookup(word) or lookup(word.lower()))
        return "".join(found).translate(_STRESS) if found else ""

    def knows(word: str) -> bool:
        return pronounced(word) != ""

    sentence = in_letters_of(
        apart(sentence, lambda word: knows(word) or (base != "en" and is_sayable(word))), base, pronounced
    )
    if base == "en":  # gruut itself spells capitals that it does not know
        return named(sentence, base, {"A": _A})
    names = letter_names(base)
    return named(sentence, base, {letter: name for letter, name in names.items() if not knows(letter)})


@functools.lru_cache(maxsize=8)
def _lexicon(language: str, as_espeak: bool) -> Any:
    from gruut.lang import get_settings

    prefix = "espeak" if as_espeak else ""
    return get_settings(language, model_prefix=prefix, load_pos_tagger=False, load_g2p_guesser=False).lookup_phonemes


@functools.lru_cache(maxsize=1)
def _gruut_thread() -> concurrent.futures.ThreadPoolExecutor:
    # gruut keeps one SQLite connection per language for the process, and SQLite binds it to one thread.
    return concurrent.futures.ThreadPoolExecutor(1, thread_name_prefix="gruut")

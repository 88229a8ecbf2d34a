"""The pronunciation of a sentence, from gruut."""

from __future__ import annotations

import concurrent.futures
import functools
import importlib.util

from convai_rasa.errors import require

_STRESS = str.maketrans("", "", "ˈˌ")


def speaks(language: str) -> bool:
    """Whether gruut can know a language such as ``en-us``, with its words installed or not.

    Raises:
        MissingExtra: gruut is not installed.
    """
    return bool(require("gruut", extra="voice").is_language_supported(language))


def has_words(language: str) -> bool:
    """Whether the words of a language are installed; without them gruut finds no pronunciation for any."""
    return importlib.util.find_spec(f"gruut_lang_{_base(language)}") is not None


def words_package(language: str) -> str:
    """Return what pip calls the words of a language."""
    return f"gruut[{_base(language)}]"


def _base(language: str) -> str:
    return language.replace("_", "-").split("-")[0].lower()


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
    for spoken in gruut.sentences(sentence, lang=language, espeak=as_espeak):
        for word in spoken:
            if word.is_break:
                if words:
                    words[-1] += word.text
            elif word.phonemes:
                spelled = "".join(word.phonemes).replace("g", "ɡ")  # IPA has its own letter for this sound
                words.append(spelled if as_espeak else spelled.translate(_STRESS))
    return " ".join(words)


@functools.lru_cache(maxsize=1)
def _gruut_thread() -> concurrent.futures.ThreadPoolExecutor:
    # gruut keeps one SQLite connection per language for the process, and SQLite binds it to one thread.
    return concurrent.futures.ThreadPoolExecutor(1, thread_name_prefix="gruut")

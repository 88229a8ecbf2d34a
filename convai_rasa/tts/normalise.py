"""Text written for the eye, made ready for the ear: words, and the punctuation that a voice turns into melody."""

from __future__ import annotations

from convai_rasa.tts import foreign
from convai_rasa.tts.english import in_english
from convai_rasa.tts.foreign_text import in_words_of
from convai_rasa.tts.markup import tidied, without_marks


def normalise(text: str, language: str = "en") -> str:
    """Return the words to speak.

    Args:
        text: as a bot writes it: digits, prices, times, dates, phone numbers, links, markdown, emoji.
        language: ISO 639-1 code of its words. In others than English, numbers, prices and phone numbers become words;
            in one that num2words does not know, digits are left to the voice.

    Returns:
        Words and punctuation; empty when there is nothing to speak.
    """
    language = language.replace("_", "-").split("-")[0].lower()
    text = without_marks(text)
    if language == "en":
        text = in_english(text)
    elif foreign.knows(language):
        text = in_words_of(text, language)
    return tidied(text)

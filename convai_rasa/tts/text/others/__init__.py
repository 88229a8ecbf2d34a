"""Languages other than English that have words of their own for what is written short, one module each."""

from __future__ import annotations

from typing import Mapping

from convai_rasa.tts.text.others.dutch import DUTCH
from convai_rasa.tts.text.others.french import FRENCH
from convai_rasa.tts.text.others.german import GERMAN
from convai_rasa.tts.text.others.italian import ITALIAN
from convai_rasa.tts.text.others.language import Language
from convai_rasa.tts.text.others.portuguese import PORTUGUESE
from convai_rasa.tts.text.others.spanish import SPANISH

__all__ = ["LANGUAGES", "Language"]

LANGUAGES: Mapping[str, Language] = {
    language.code: language for language in (DUTCH, FRENCH, GERMAN, ITALIAN, PORTUGUESE, SPANISH)
}

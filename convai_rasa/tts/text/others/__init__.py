"""Languages other than English that have words of their own for what is written short, a file each."""

from convai_rasa.tts.text.others.language import Language, language_of, languages_known

__all__ = ["Language", "language_of", "languages_known"]

from .counting import has_number_words as has_number_words
from .language_file import (
    Lexicon as Lexicon,
    TurnWords as TurnWords,
    base_language as base_language,
    languages_known as languages_known,
    lexicon_of as lexicon_of,
    words_of as words_of,
)
from .spelling import Spelling as Spelling, fold as fold

from .aloud import aloud as aloud
from .alphabet import (
    agreed as agreed,
    is_in_words as is_in_words,
    words_of_alphabet as words_of_alphabet,
)
from .expecting import Progress as Progress, likeliest as likeliest, progress as progress, prompts as prompts
from .repairs import repair as repair
from .said_value import (
    KINDS as KINDS,
    ON_KEYS as ON_KEYS,
    Captured as Captured,
    check_kind as check_kind,
    read as read,
    spelling_in as spelling_in,
)
from .slot import SpokenSlot as SpokenSlot
from .turns import Asking as Asking, Taken as Taken, take as take

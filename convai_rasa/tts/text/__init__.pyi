from .buttons import with_buttons as with_buttons
from .normalise import read_as as read_as
from .phonemes import has_words as has_words, words_package as words_package
from .script import Pause as Pause, Sentence as Sentence, script as script
from .ssml import plain_text as plain_text
from .symbols import SymbolEncoder as SymbolEncoder

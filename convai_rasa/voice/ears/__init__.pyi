from .caller import Caller as Caller
from .ending import (
    ENTRY_POINTS as ENTRY_POINTS,
    Pause as Pause,
    TurnEnding as TurnEnding,
    load_turn_ending as load_turn_ending,
)
from .floor import Floor as Floor
from .hearing import Hearing as Hearing
from .listener import Listener as Listener
from .own_voice import OwnVoice as OwnVoice
from .phrase_ends import PhraseEnds as PhraseEnds
from .phrases import BotPhrases as BotPhrases
from .readings import Reading as Reading, choose as choose, readings_of as readings_of
from .turn import TurnEventKind as TurnEventKind

from .cache import SoundCache as SoundCache
from .exported import check_exported as check_exported, find_graphs as find_graphs
from .pulled import pulled as pulled
from .shared_voice import SharedVoice as SharedVoice
from .synthesizer import (
    ENTRY_POINTS as ENTRY_POINTS,
    Capabilities as Capabilities,
    Synthesizer as Synthesizer,
    TTSSynthesizer as TTSSynthesizer,
    load_synthesizer as load_synthesizer,
)
from .text import plain_text as plain_text, with_buttons as with_buttons
from .text.normalise import normalise as normalise
from .voices import Voices as Voices

"""Text to sound: the synthesizer contract, voices, text made ready for the ear, and a voice that many callers share."""

from convai_rasa.tts.shared_voice import SharedVoice
from convai_rasa.tts.synthesizer import Capabilities, Synthesizer, TTSSynthesizer, load_synthesizer
from convai_rasa.tts.text.buttons import with_buttons
from convai_rasa.tts.text.normalise import normalise
from convai_rasa.tts.text.ssml import plain_text

__all__ = [
    "Capabilities",
    "SharedVoice",
    "Synthesizer",
    "TTSSynthesizer",
    "load_synthesizer",
    "normalise",
    "plain_text",
    "with_buttons",
]

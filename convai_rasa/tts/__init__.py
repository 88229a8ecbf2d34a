"""Text to sound: the synthesiser contract, Coqui VITS voices, text made ready for the ear, and the worker process."""

from convai_rasa.tts.buttons import with_buttons
from convai_rasa.tts.normalise import normalise
from convai_rasa.tts.ssml import plain_text
from convai_rasa.tts.synthesizer import Capabilities, Synthesizer, TTSSynthesizer, load_synthesizer
from convai_rasa.tts.worker import SynthesisWorker

__all__ = [
    "Capabilities",
    "SynthesisWorker",
    "Synthesizer",
    "TTSSynthesizer",
    "load_synthesizer",
    "normalise",
    "plain_text",
    "with_buttons",
]

"""Voices as graphs that onnxruntime runs: symbol numbers to sound, piece by piece.

onnxruntime lets go of the interpreter while it computes, and all state of a sentence is its speaker's own: threads may
share a voice.
"""

from convai_rasa.tts.graphs.spoken import GraphVoice, load_voice

__all__ = ["GraphVoice", "load_voice"]

"""Voices as graphs that onnxruntime runs: symbol numbers to sound, piece by piece.

onnxruntime lets go of the interpreter while it computes, and all state of a sentence is its speaker's own: threads may
share a voice.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

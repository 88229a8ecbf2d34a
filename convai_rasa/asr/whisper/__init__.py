"""Whisper through faster-whisper and CTranslate2, on a window as short as the utterance."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

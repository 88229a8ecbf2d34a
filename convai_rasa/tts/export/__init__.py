"""Piper's and Coqui's voices written as graphs; the only room beside training that needs torch and TTS."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

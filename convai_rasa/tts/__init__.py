"""Text to sound: the synthesizer contract, voices, text made ready for the ear, and a voice that many callers share."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

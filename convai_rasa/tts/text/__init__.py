"""Written to spoken: a text made for the eye becomes sentences, silences and symbols for a voice."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

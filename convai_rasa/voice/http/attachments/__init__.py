"""Recordings that people attach to chat messages, wherever they say these are, as words."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

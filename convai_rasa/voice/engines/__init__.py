"""The recognizer and the voice that all callers share, and for whom there is room."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

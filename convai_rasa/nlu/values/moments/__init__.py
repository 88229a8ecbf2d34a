"""What is said of moments, and how it is put together. Nothing here knows a language."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

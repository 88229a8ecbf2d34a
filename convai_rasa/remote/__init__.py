"""What engines on other machines have in common: connections with bounds, and whose turn it is among several."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

"""One caller's life: the session, the connection that may be lost and come back, keys, silence."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

"""What people spell or say digit by digit: names, addresses, numbers; how it is read, repaired and read back."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

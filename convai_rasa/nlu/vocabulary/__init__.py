"""What the bot's world sounds like: the values it knows, how they are said, and which one was meant."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

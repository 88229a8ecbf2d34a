"""Sound to text: the recognizer contract, Whisper, and the prompt that teaches it the bot's words."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

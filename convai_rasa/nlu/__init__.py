"""Text to meaning: the components for a Rasa pipeline, and the plain classes inside them.

Each name is loaded when it is first used, because most of their modules import Rasa.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

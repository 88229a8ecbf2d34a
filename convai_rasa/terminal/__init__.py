"""A conversation through this machine's microphone and loudspeaker, through wav files, or with a voice that asks."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

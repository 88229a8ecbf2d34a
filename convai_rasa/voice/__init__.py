"""The voice channel: ``convai_rasa.voice.VoiceInput`` in credentials.yml.

Importing this package imports neither Rasa nor an engine; what it offers is loaded when first named.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

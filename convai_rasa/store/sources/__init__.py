"""The places models are fetched from, one module per kind of place; each is a ``Place``.

A place need not check hashes: that is done once, for all of them, in ``convai_rasa.store.check``.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

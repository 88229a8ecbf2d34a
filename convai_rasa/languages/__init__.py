"""The words of each language that the channel knows, one file a language: which end no sentence, which only show
attention, what the channel says of its own accord.

Importing this package imports nothing else; what it offers is loaded when first named.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

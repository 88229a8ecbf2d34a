"""The sentiment analyzer: VADER and a network, weighed by what each knows."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

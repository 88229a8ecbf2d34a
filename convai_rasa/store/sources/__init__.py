"""The places models are fetched from, one module per kind of place.

Each has a class of options, whose ``str`` is the place in words, and ``fetch(source, order) -> Delivery``, which leaves
the files of the model in ``order.into``, or raises DownloadError. What it wants to find again after a cut it keeps in
``order.staging``. It need not check hashes: that is done once, for all of them, in ``convai_rasa.store.check``.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

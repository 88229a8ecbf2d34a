"""Who may come in, and by which door: routes, access, the page, voice notes, attachments, the telephone."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

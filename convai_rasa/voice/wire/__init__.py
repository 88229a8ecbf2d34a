"""Bytes to messages and back: the native protocol, Twilio, and a client."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

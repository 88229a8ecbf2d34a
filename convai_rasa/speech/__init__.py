"""Our engines as a service: OpenAI's audio API and Wyoming, without Rasa, on one machine or by Ray on many."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

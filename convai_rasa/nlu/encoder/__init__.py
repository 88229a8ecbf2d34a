"""A BERT or DistilBERT checkpoint, and what runs it: CTranslate2, or torch for fine-tuning."""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

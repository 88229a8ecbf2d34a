"""Sound as samples: framing, resampling, decoding, wav files and voice activity detection.

Samples are float32 mono in [-1, 1], shape (n,), at 16 kHz unless a name says otherwise; on the wire
they are 16-bit little-endian PCM.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)

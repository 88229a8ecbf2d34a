"""Sound as samples: framing, resampling, decoding, wav files and voice activity detection.

Samples are float32 mono in [-1, 1], shape (n,), at 16 kHz unless a name says otherwise; on the wire
they are 16-bit little-endian PCM.
"""

from convai_rasa.audio.decode import Recording, decode_audio
from convai_rasa.audio.decoder import Decoder
from convai_rasa.audio.frames import FRAME_SAMPLES, SAMPLE_RATE, Framer, float_to_pcm16, pcm16_to_float
from convai_rasa.audio.resample import StreamResampler, resample
from convai_rasa.audio.vad import SileroVad, VadStream
from convai_rasa.audio.wav import wav_bytes

__all__ = [
    "FRAME_SAMPLES",
    "SAMPLE_RATE",
    "Decoder",
    "Framer",
    "Recording",
    "SileroVad",
    "StreamResampler",
    "VadStream",
    "decode_audio",
    "float_to_pcm16",
    "pcm16_to_float",
    "resample",
    "wav_bytes",
]

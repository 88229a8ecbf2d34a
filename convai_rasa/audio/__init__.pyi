from .decoding import Decoder as Decoder, Recording as Recording, decode_audio as decode_audio
from .echo import EchoGate as EchoGate
from .frames import (
    FRAME_MS as FRAME_MS,
    FRAME_SAMPLES as FRAME_SAMPLES,
    SAMPLE_RATE as SAMPLE_RATE,
    Framer as Framer,
)
from .noise import NoiseFloor as NoiseFloor
from .pcm import float_to_pcm16 as float_to_pcm16, pcm16_to_float as pcm16_to_float, wav_bytes as wav_bytes
from .resampling import StreamResampler as StreamResampler, resample as resample
from .sound import AtRate as AtRate, Sound as Sound, joined as joined
from .vad import SileroVad as SileroVad, VadStream as VadStream

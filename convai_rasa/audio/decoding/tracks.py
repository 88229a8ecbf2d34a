"""One audio track of a file, packet by packet: decoded, mixed down, resampled, and honest about what was lost."""

from __future__ import annotations

import logging
from fractions import Fraction
from typing import Any

import numpy as np

from convai_rasa.audio.decoding.downmix import Downmix
from convai_rasa.audio.frames import SAMPLE_RATE

logger = logging.getLogger(__name__)

# What microphones, telephones and editors write; a decoder that nobody needs is only a way in.
_NAMES = """
    aac alac amrnb amrwb flac gsm gsm_ms mp1float mp2float mp3float opus speex vorbis
    adpcm_ima_qt adpcm_ima_wav adpcm_ms adpcm_yamaha g722 g726 pcm_alaw pcm_mulaw
    pcm_u8 pcm_s8 pcm_s8_planar pcm_s16le pcm_s16be pcm_s16le_planar pcm_s16be_planar
    pcm_s24le pcm_s24be pcm_s24le_planar pcm_s32le pcm_s32be pcm_s32le_planar pcm_s64le pcm_s64be
    pcm_u16le pcm_u16be pcm_u24le pcm_u24be pcm_u32le pcm_u32be
    pcm_f16le pcm_f24le pcm_f32le pcm_f32be pcm_f64le pcm_f64be
"""
DECODERS = frozenset(_NAMES.split())
MAX_CHANNELS = 32  # a large recording desk; FFmpeg would take 512
MIN_RATE, MAX_RATE = 1_000, 768_000  # Hz; FFmpeg's filter grows with the ratio, at 2 GHz to gigabytes

_LOUDEST = np.float32(1e6)  # 30 times what 16 bits reach when nobody divides them; beyond, squares overflow
_SILENCE_DB = -70.0  # a 16-bit file's last bits
_FAINT_DB = 25.0  # below the loudest track: the hiss of a microphone that nobody used
_STEADY_DB = 10.0  # hum and noise vary by less between tenths of a second; speech by 20 and more


class Track:
    """Decodes the packets of one audio track with PyAV; its decoder is one of ``DECODERS``."""

    def __init__(self, av: Any, stream: Any) -> None:
        self._av = av
        self._misread = (av.error.FFmpegError, ValueError, ArithmeticError, RuntimeError)
        self._setup: tuple[Any, ...] | None = None
        self._resampler: Any = None
        self._downmix = Downmix(1)
        self._pieces: list[np.ndarray] = []
        self._decoded_bytes = 0
        self.is_default = bool(stream.disposition & stream.disposition.__class__.default)  # players should choose it
        self.heard_s = 0.0
        self.lost_s = 0.0  # of packets that could not be decoded; estimated where these do not say it
        self.received = 0  # samples at 16 kHz
        self.refusal: str | None = None  # why the sound cannot be taken although it can be decoded
        self.bytes_seen = 0  # of all packets
        self.last_packet = b""
        self.end = 0  # of the last packet in the file, in bytes; 0 where that is not known
        stream.codec_context.thread_count = 1  # a thread for each core costs more than a voice note

    def decode(self, packet: Any) -> None:
        """Take the next packet; one that cannot be decoded is counted as lost.

        Raises:
            MemoryError: it takes more than there is.
        """
        if packet.size:
            self.last_packet = bytes(packet)
            self.end = max(packet.pos or 0, 0) + packet.size
            self.bytes_seen += packet.size
        try:
            frames = packet.decode()
        except EOFError:  # the decoder has said before that there is no more
            return
        except MemoryError:
            raise
        except self._misread:
            self.lost_s += self._length_of(packet)
            return
        self._decoded_bytes += packet.size
        for frame in frames:
            self._take(frame)

    def finish(self) -> None:
        """Take out what the resampler and the mixer still hold."""
        if self._resampler is None:
            return
        resampler, self._setup, self._resampler = self._resampler, None, None
        try:
            for part in resampler.resample(None):
                self._keep(part)
        except self._misread as error:
            if isinstance(error, MemoryError):
                raise
            logger.warning("The end of a recording could not be resampled (%s).", error)  # a few ms, no word of it
        self._add(self._downmix.flush())

    def samples(self) -> np.ndarray:
        """Return all that was decoded, float32 of shape (n,) at 16 kHz."""
        return np.concatenate([np.zeros(0, np.float32), *self._pieces])

    def _take(self, frame: Any) -> None:
        if frame.format is None or not frame.samples:
            return
        channels, rate = frame.layout.nb_channels, frame.sample_rate
        if not 1 <= channels <= MAX_CHANNELS:
            self.refusal = f"The recording has {channels} channels; send one with 1 to {MAX_CHANNELS}."
            return
        if not MIN_RATE <= rate <= MAX_RATE:
            self.refusal = f"The recording has a sample rate of {rate} Hz; send one with {MIN_RATE} to {MAX_RATE}."
            return
        try:
            setup = (frame.format.name, frame.layout.name, rate)
            if setup != self._setup:  # a file may change all of these midway
                self.finish()
                # Packed: PyAV looks for a ninth plane where there are eight, and reads a stray pointer.
                self._resampler = self._av.AudioResampler(format="flt", layout=frame.layout.name, rate=SAMPLE_RATE)
                self._downmix = Downmix(channels)
                self._setup = setup
            frame.pts = None  # time stamps with gaps would make the resampler fail
            for part in self._resampler.resample(frame):
                self._keep(part)
        except MemoryError:
            raise
        except self._misread:
            self.lost_s += frame.samples / rate
            return
        self.heard_s += frame.samples / rate

    def _keep(self, part: Any) -> None:
        samples = part.to_ndarray().reshape(part.samples, part.layout.nb_channels).T
        finite = np.isfinite(samples)
        if not finite.all():  # a file of floating-point numbers may hold anything
            self.lost_s += float((~finite.all(axis=0)).sum()) / SAMPLE_RATE
            samples = np.where(finite, samples, np.float32(0))
        self._add(self._downmix.push(np.clip(samples, -_LOUDEST, _LOUDEST)))

    def _add(self, mixed: np.ndarray) -> None:
        self._pieces.append(mixed)
        self.received += len(mixed)

    def _length_of(self, packet: Any) -> float:
        """Return how long a packet that cannot be decoded may be, in seconds."""
        said = float(packet.duration * Fraction(packet.time_base)) if packet.duration and packet.time_base else 0.0
        # What a parser could not cut apart is one large packet that says it is one small frame.
        return max(said, packet.size * self.heard_s / self._decoded_bytes if self._decoded_bytes else 0.0)


def choose(tracks: list[Track]) -> tuple[Track, int]:
    """Return which of some tracks, all finished, is to be heard, and how many others hold sound too.

    Those that are silent, or faint beside the loudest, are out. Of the rest, one whose loudness varies as speech does
    goes before one of steady hum or noise; then the one the file marks as default; then the loudest.
    """
    if len(tracks) == 1:
        return tracks[0], 0
    levels = {track: _levels(track.samples()) for track in tracks}
    loudest = max(high for high, _ in levels.values())
    sounding = [track for track in tracks if levels[track][0] > max(_SILENCE_DB, loudest - _FAINT_DB)]
    if not sounding:
        return max(tracks, key=lambda track: (track.received > 0, track.is_default)), 0

    def rank(track: Track) -> tuple[bool, bool, float]:
        high, low = levels[track]
        return high - low > _STEADY_DB, track.is_default, high

    return max(sounding, key=rank), len(sounding) - 1


def _levels(samples: np.ndarray) -> tuple[float, float]:
    """Return how loud the loud and the quiet tenths of a second are, in dB of full scale."""
    tenth = SAMPLE_RATE // 10
    if not len(samples):
        return -200.0, -200.0
    whole = max(len(samples) // tenth, 1)
    power = [float(np.mean(np.square(part))) for part in np.array_split(samples, whole)]
    high, low = np.percentile(10 * np.log10(np.maximum(power, 1e-20)), [95, 10])
    return float(high), float(low)

"""Recordings of every kind, good and bad, made on the spot."""

from __future__ import annotations

import io
import struct

import av
import numpy as np

from convai_rasa.audio import float_to_pcm16

KINDS = [  # container and codec, as FFmpeg calls them
    ("wav", "pcm_s16le"),
    ("ogg", "libopus"),
    ("webm", "libopus"),
    ("mp3", "libmp3lame"),
    ("flac", "flac"),
    ("mp4", "aac"),
    ("adts", "aac"),
]


def tone(rate: int = 16_000, seconds: float = 1.0, hertz: float = 440.0) -> np.ndarray:
    return (0.5 * np.sin(2 * np.pi * hertz * np.arange(int(rate * seconds)) / rate)).astype(np.float32)


def voice(seconds: float = 2.0, rate: int = 48_000) -> np.ndarray:
    """A tone that comes and goes four times a second, as syllables do."""
    syllables = np.sin(np.pi * 4 * np.arange(int(rate * seconds)) / rate) ** 4
    return (tone(rate, seconds) * syllables).astype(np.float32)


def encoded(
    container: str, codec: str, *tracks: np.ndarray, rate: int = 48_000, layout: str = "mono", default: int = 0
) -> bytes:
    """Encode with the same library a browser's recorder uses, FFmpeg.

    Args:
        container: FFmpeg's name.
        codec: FFmpeg's name.
        tracks: float arrays of shape (n,), or (channels, n).
        rate: of all tracks.
        layout: of all tracks.
        default: the track that players should choose.
    """
    buffer = io.BytesIO()
    with av.open(buffer, mode="w", format=container) as output:
        streams = []
        for number in range(len(tracks)):
            stream = output.add_stream(codec, rate=rate, layout=layout)
            stream.disposition = av.stream.Disposition.default if number == default else av.stream.Disposition(0)
            streams.append(stream)
        for stream, samples in zip(streams, tracks):
            pcm = float_to_pcm16(np.broadcast_to(samples, (stream.layout.nb_channels, samples.shape[-1])))
            frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(pcm.T.reshape(1, -1)), format="s16", layout=layout)
            frame.rate = rate
            cut = av.AudioResampler(format=stream.format, layout=layout, rate=rate, frame_size=stream.frame_size or 960)
            for part in [*cut.resample(frame), *cut.resample(None), None]:
                for packet in stream.encode(part):
                    output.mux(packet)
    return buffer.getvalue()


def wav(
    samples: np.ndarray,
    rate: int = 16_000,
    *,
    tag: int = 1,
    bits: int = 16,
    said: int | None = None,
    dtype: str = "<i2",
) -> bytes:
    """A wav file by hand: float samples of shape (n,) or (channels, n), with any header one likes."""
    rows = np.atleast_2d(samples)
    pcm = (float_to_pcm16(rows) if dtype == "<i2" else rows).T.astype(dtype).tobytes()
    channels = len(rows)
    size = len(pcm) if said is None else said
    width = np.dtype(dtype).itemsize
    head = struct.pack(
        "<HHIIHH", tag, channels, rate & 0xFFFF_FFFF, rate * channels * width & 0xFFFF_FFFF, channels * width, bits
    )
    riff = struct.pack("<I", min(size + 36, 0xFFFF_FFFF))
    return b"RIFF" + riff + b"WAVEfmt " + struct.pack("<I", 16) + head + b"data" + struct.pack("<I", size) + pcm

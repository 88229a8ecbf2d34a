"""Any recording a browser, a phone or an editor makes, as samples."""

from __future__ import annotations

import io
import logging
from dataclasses import dataclass
from typing import Any

import numpy as np

from convai_rasa.audio.decoding.completeness import missing
from convai_rasa.audio.decoding.containers import KINDS, container_of, recordings_in
from convai_rasa.audio.decoding.tracks import DECODERS, Track, choose
from convai_rasa.audio.frames import SAMPLE_RATE
from convai_rasa.errors import AudioError, require

logger = logging.getLogger(__name__)

_NOT_DECODABLE = f"The bytes are not a recording that can be decoded; send {KINDS}."
_MAX_TRACKS = 8  # of one file that are listened to; a film has fewer languages
# The kind is settled before FFmpeg sees the file. Should it still meet another one inside, it may open nothing.
_OPTIONS = {
    "codec_whitelist": ",".join(sorted(DECODERS)),
    "format_whitelist": "wav,ogg,matroska,webm,mp3,mp4,mov,m4a,flac,aac",
    "protocol_whitelist": "none",
}


@dataclass(frozen=True)
class Recording:
    """What was heard of a recording."""

    samples: np.ndarray  # float32 of shape (n,) at 16 kHz in [-1, 1], never empty
    warning: str | None = None  # a sentence about what was not heard; None: it was heard whole


def decode_audio(data: bytes, *, max_seconds: float) -> np.ndarray:
    """Decode a recording inside this process: for the user's own files.

    What strangers send belongs into a ``Decoder``. A warning about what was not heard goes to the log.

    Args:
        data: the bytes of a wav, ogg, webm (Matroska), mp3, m4a (mp4), flac or raw AAC file.
        max_seconds: the longest recording accepted.

    Returns:
        float32 array of shape (n,) at 16 kHz in [-1, 1], never empty.

    Raises:
        AudioError: the bytes are not a recording, hold no sound, or last longer than ``max_seconds``.
        MissingExtra: PyAV is not installed.
    """
    recording = decode_recording(data, max_seconds=max_seconds)
    if recording.warning:
        logger.warning("%s", recording.warning)
    return recording.samples


def decode_recording(data: bytes, *, max_seconds: float) -> Recording:
    """Decode a recording, and say what of it could not be heard.

    Its channels are mixed down so that none is lost (``Downmix``), of several tracks one is chosen (``choose``), and
    recordings behind one another in one file are joined. Decoding stops as soon as the limit is passed, so that a
    small file that unpacks to hours of silence costs no more memory than ``max_seconds`` of sound.

    Args, raises: as ``decode_audio``.
    """
    if not data:
        raise AudioError(f"The recording is empty; send the bytes of a {KINDS} file.")
    kind = container_of(data)
    if kind is None:
        raise AudioError(_NOT_DECODABLE)
    av = require("av", extra="voice")
    parts: list[np.ndarray] = []
    warnings: list[str] = []
    refused: AudioError | None = None
    left = int(max_seconds * SAMPLE_RATE)
    try:
        for number, one in enumerate(recordings_in(data, kind), start=1):
            try:
                heard = _decode_one(av, one, kind, left)
            except _Undecodable as error:
                refused = error
                warnings.append(f"Part {number} of the recording could not be decoded and was not heard.")
                continue
            left -= len(heard.samples)
            parts.append(heard.samples)
            warnings.append(heard.warning or "")
    except _TooLong:
        raise AudioError(f"The recording is longer than {max_seconds:g} seconds; send a shorter one.") from None
    except MemoryError as error:
        raise AudioError("The recording needs too much memory to decode; send a shorter one.") from error
    if not parts:
        raise AudioError(str(refused)) from refused
    return Recording(_within_full_scale(np.concatenate(parts)), " ".join(list(filter(None, warnings))[:3]) or None)


class _Undecodable(AudioError):
    """Nothing can be heard of one recording; others in the same file may be well."""


class _TooLong(Exception):
    pass


def _decode_one(av: Any, data: bytes, kind: str, limit: int) -> Recording:
    misread = (av.error.FFmpegError, ValueError, ArithmeticError, RuntimeError)
    try:
        # A title in another code is no reason to refuse a file; to PyAV it was one before 19.
        lenient = {} if int(av.__version__.partition(".")[0]) >= 19 else {"metadata_errors": "ignore"}
        with av.open(
            io.BytesIO(data), format=kind, container_options=_OPTIONS, io_open=_open_nothing, **lenient
        ) as container:
            return _hear(av, container, data, kind, limit, misread)
    except (AudioError, MemoryError, _TooLong):
        raise
    except misread as error:
        raise _Undecodable(_NOT_DECODABLE) from error


def _hear(
    av: Any, container: Any, data: bytes, kind: str, limit: int, misread: tuple[type[Exception], ...]
) -> Recording:
    # A stream without a decoder has no codec_context, and PyAV ends the process where it needs one.
    usable = [s for s in container.streams.audio if s.codec_context is not None and s.codec_context.name in DECODERS]
    if not usable:
        raise _Undecodable(f"The file holds no audio track that can be decoded; send {KINDS}.")
    tracks = {stream.index: Track(av, stream) for stream in usable[:_MAX_TRACKS]}
    fault: Exception | None = None
    try:
        for packet in container.demux(usable[:_MAX_TRACKS]):
            track = tracks[packet.stream.index]  # packet.stream_index is 0 where the decoder is to be emptied
            track.decode(packet)
            if track.received > limit:
                raise _TooLong
    except misread as error:  # the file ends here, for FFmpeg; what came before has been heard
        if isinstance(error, MemoryError):
            raise
        fault = error
    for track in tracks.values():
        track.finish()
        if track.received > limit:
            raise _TooLong
    chosen, others = choose(list(tracks.values()))
    if not chosen.received:
        said = chosen.refusal or (
            _NOT_DECODABLE
            if fault or chosen.lost_s
            else f"The recording holds no sound; send a {KINDS} file of at least one word."
        )
        raise _Undecodable(said)
    stream = next(stream for stream in usable if tracks.get(stream.index) is chosen)
    warning = missing(data, kind, container, stream, chosen, only=len(container.streams) == 1)
    if warning is None and fault:
        warning = f"The recording is damaged after {chosen.heard_s:.1f} s; what followed was not heard."
    if warning is None and chosen.refusal:
        warning = "Parts of the recording have an impossible sample rate or layout and were not heard."
    said_too = [warning] if warning else []
    if others:
        said_too.append(f"The recording has {others + 1} tracks with sound; only one of them was heard.")
    if unheard := len(container.streams.audio) - len(tracks):
        said_too.append(f"Tracks of it that could not be decoded and were not heard: {unheard}.")
    return Recording(chosen.samples(), " ".join(said_too) or None)


def _open_nothing(url: str, flags: int, options: dict[str, str]) -> Any:
    raise PermissionError("A recording may not name other files or addresses.")


def _within_full_scale(samples: np.ndarray) -> np.ndarray:
    """Return the samples in [-1, 1].

    Files of floating-point numbers may be louder than that, some by 32,768 because somebody forgot to divide; a few
    samples beyond are clipped, as everywhere.
    """
    if np.abs(samples).max(initial=0) > 1:
        loud = float(np.percentile(np.abs(samples), 99.9))
        samples = np.clip(samples / np.float32(max(loud, 1.0)), -1, 1)
    return samples

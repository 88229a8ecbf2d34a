"""The child of a ``Decoder``: ``python -m convai_rasa.audio.decoding.child_main PARENT_PID``.

It reads recordings from its standard input and writes samples to its standard output, and can do nothing else: once
it is loaded it may open no file and no socket, write no file, and take only so much memory and time. When its parent
is gone, its input ends and so does it.
"""

from __future__ import annotations

import contextlib
import ctypes
import io
import os
import resource
import signal
import sys
import wave
from typing import BinaryIO

from convai_rasa.audio.decoding.decode import decode_recording
from convai_rasa.audio.decoding.decoding_process import ANSWER, HEARD, MAX_SENTENCE, READY, REFUSED, REQUEST
from convai_rasa.audio.pcm import float_to_pcm16
from convai_rasa.errors import AudioError, ConvaiError

# Address space in bytes. Loaded it takes 0.20 GB, most of it libraries that are mapped and not read. The largest note
# the channel can be told to take, ten minutes in 90 MB, took it to 0.46 GB; the rest is for other builds of FFmpeg.
_MEMORY = 1 << 30
_NICE = 10  # callers come first
_PR_SET_PDEATHSIG, _PR_SET_NO_NEW_PRIVS = 1, 38  # linux/prctl.h


def main(parent: int) -> None:
    """Decode recordings until the input ends."""
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    sys.stdout = sys.stderr  # nothing else may write into the answers
    _end_with(parent)
    os.nice(_NICE)
    _warm()
    _confine()
    sink.write(READY)
    sink.flush()
    while head := source.read(REQUEST.size):
        size, max_seconds, cpu_s = REQUEST.unpack(head)
        _allow_time(cpu_s)
        data = source.read(size)
        if len(data) < size:
            return
        _answer(sink, data, max_seconds)


def _answer(sink: BinaryIO, data: bytes, max_seconds: float) -> None:
    try:
        heard = decode_recording(data, max_seconds=max_seconds)
    except ConvaiError as error:
        _write(sink, REFUSED, str(error), b"")
    # A recording must not end the process because of a fault of ours that nobody thought of.
    except Exception as error:
        _write(sink, REFUSED, f"The recording could not be decoded ({type(error).__name__}); send another file.", b"")
    else:
        _write(sink, HEARD, heard.warning or "", float_to_pcm16(heard.samples).astype("<i2").tobytes())


def _write(sink: BinaryIO, kind: int, sentence: str, pcm: bytes) -> None:
    said = sentence.encode("utf-8", "replace")[:MAX_SENTENCE]
    sink.write(ANSWER.pack(kind, len(said), len(pcm) // 2) + said)
    sink.write(pcm)
    sink.flush()


def _warm() -> None:
    """Decode once, so that everything is imported that will be needed: later no file can be opened."""
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setparams((2, 2, 44_100, 0, "NONE", ""))
        file.writeframes(bytes(44_100))
    decode_recording(buffer.getvalue(), max_seconds=1)
    for wrong in (b"OggS" + bytes(100), b"no recording"):
        with contextlib.suppress(AudioError):
            decode_recording(wrong, max_seconds=1)


def _confine() -> None:
    """Set the limits, those that this system knows."""
    _limit(resource.RLIMIT_CORE, 0)
    _limit(resource.RLIMIT_FSIZE, 0)
    # Nothing above standard error can be opened any more, neither file nor socket. RLIMIT_NPROC is not set: it
    # counts all processes of the user, and does not bind root.
    _limit(resource.RLIMIT_NOFILE, 3)
    _limit(resource.RLIMIT_AS, _MEMORY)
    _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def _limit(kind: int, value: int) -> None:
    try:
        resource.setrlimit(kind, (value, value))
    except (ValueError, OSError):
        # macOS refuses a limit of the address space below what is mapped; the parent's deadline is left there.
        if sys.platform == "linux":
            raise


def _allow_time(cpu_s: int) -> None:
    """Give the next recording so many seconds of processor time; the limit itself counts from the process's start."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    _, hard = resource.getrlimit(resource.RLIMIT_CPU)
    wanted = int(used.ru_utime + used.ru_stime) + 1 + cpu_s
    resource.setrlimit(resource.RLIMIT_CPU, (wanted if hard == resource.RLIM_INFINITY else min(wanted, hard), hard))


def _end_with(parent: int) -> None:
    """End when the parent does, even in the middle of native code, which does not see that the input has ended."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it was gone before
        raise SystemExit(0)


def _prctl(option: int, value: int) -> None:
    if sys.platform == "linux":  # elsewhere there is none
        ctypes.CDLL(None).prctl(option, value, 0, 0, 0)


if __name__ == "__main__":
    main(int(sys.argv[1]))

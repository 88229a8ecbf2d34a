"""What travels between a ``Decoder`` and its child process: frames with their length in front.

The child may have been taken over by the recording it decodes, so the parent believes nothing it says: lengths have
bounds, and samples are 16-bit, so that any bytes are samples.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

READY = b"\x06"  # the child is loaded and its limits are set

HEARD, REFUSED = 0, 1
MAX_SENTENCE = 1_000  # bytes of a warning, or of what is wrong

_REQUEST = struct.Struct("<QdI")
_ANSWER = struct.Struct("<BIQ")
REQUEST_BYTES = _REQUEST.size
ANSWER_BYTES = _ANSWER.size


class Request(NamedTuple):
    """The head of a request; the recording follows.

    Attributes:
        size: of the recording in bytes.
        max_seconds: the longest recording accepted.
        cpu_s: seconds of processor time it may take, 1 or more.
    """

    size: int
    max_seconds: float
    cpu_s: int

    def pack(self) -> bytes:
        """Return the head as bytes."""
        return _REQUEST.pack(*self)

    @classmethod
    def unpack(cls, head: bytes) -> Request:
        """Read a head of ``REQUEST_BYTES``."""
        return cls(*_REQUEST.unpack(head))


class Answer(NamedTuple):
    """The head of an answer; the sentence follows in UTF-8, then the samples as little-endian int16.

    Attributes:
        kind: ``HEARD`` or ``REFUSED``.
        sentence_bytes: how long the sentence is; 0 if there is none.
        samples: how many there are.
    """

    kind: int
    sentence_bytes: int
    samples: int

    def pack(self) -> bytes:
        """Return the head as bytes."""
        return _ANSWER.pack(*self)

    @classmethod
    def unpack(cls, head: bytes, most_samples: int) -> Answer:
        """Read a head of ``ANSWER_BYTES``.

        Raises:
            ValueError: it cannot be an answer to the request.
        """
        answer = cls(*_ANSWER.unpack(head))
        fits = answer.sentence_bytes <= MAX_SENTENCE and answer.samples <= most_samples
        if answer.kind not in (HEARD, REFUSED) or not fits or (answer.kind == HEARD) != (answer.samples > 0):
            raise ValueError("The child's answer is impossible.")
        return answer

"""When the errors of a voice's engine mean that its process can no longer be trusted."""

from __future__ import annotations

import collections
from typing import Deque, Optional

# What a library raises when the machine fails it. Some never recover: oneDNN, once it lacked memory, goes on to
# refuse every new sentence.
_OF_THE_ENGINE = (RuntimeError, MemoryError, OSError, SystemError)
_OF_THE_TEXT = (RecursionError, NotImplementedError)  # runtime errors by class alone

_REMEMBERED_TEXTS = 100  # a bot has few texts that fail; more would only be kept for nothing


def is_about_the_engine(error: BaseException) -> bool:
    """Return whether an error, or the one behind it, is of a kind that does not come from the text."""
    cause: Optional[BaseException] = error
    while cause is not None:
        if isinstance(cause, _OF_THE_ENGINE) and not isinstance(cause, _OF_THE_TEXT):
            return True
        cause = cause.__cause__
    return False


class EngineErrors:
    """What the engine has failed at, in one process after the other.

    An error about the engine ends its process, unless the same text has done so before: then the text is at fault,
    and must not end one process after the other. Two errors in a row end the process whatever they are about.
    """

    def __init__(self) -> None:
        self._in_a_row = 0
        self._texts: Deque[str] = collections.deque(maxlen=_REMEMBERED_TEXTS)

    def process_started(self) -> None:
        """Begin anew: what the last process failed at one after the other says nothing about this one."""
        self._in_a_row = 0

    def spoke(self) -> None:
        """Note a chunk of sound."""
        self._in_a_row = 0

    def failed(self, text: str, *, about_the_engine: bool) -> bool:
        """Note an error; return whether the process has to end."""
        self._in_a_row += 1
        if self._in_a_row > 1:
            return True
        if not about_the_engine or text in self._texts:
            return False
        self._texts.append(text)
        return True

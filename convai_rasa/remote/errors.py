"""What an engine on another machine fails with."""

from __future__ import annotations

from typing import Optional

from convai_rasa.errors import ConvaiError


class RemoteError(ConvaiError):
    """An engine on another machine did not do what it was asked for.

    Attributes:
        retry_after_s: after which it asks to be asked again, if it does.
    """

    def __init__(self, message: str, retry_after_s: Optional[float] = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s

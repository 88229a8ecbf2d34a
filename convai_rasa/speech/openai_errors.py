"""How somebody is told that there is nothing for them, or not now: in one sentence."""

from __future__ import annotations

import functools
from typing import Any

from convai_rasa.errors import AudioError, ConfigurationError, ConvaiError, ModelError, RecognitionError, SynthesisError


class Refusal(ConvaiError):
    """A request is refused: with a status of HTTP, a message for people, and a code for programs.

    ``param`` is the field of the request that is wrong, if one is, and ``retry_after_s`` when it may help to ask again.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        code: str | None = None,
        param: str | None = None,
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.param = param
        self.retry_after_s = retry_after_s

    def __reduce__(self) -> tuple[Any, ...]:  # Ray sends it from one process to another
        more: dict[str, Any] = {"code": self.code, "param": self.param, "retry_after_s": self.retry_after_s}
        return functools.partial(Refusal, self.status, str(self), **more), ()


def bad_request(message: str, *, param: str | None = None, code: str | None = None) -> Refusal:
    """Return what says that a field of a request is wrong."""
    return Refusal(400, message, param=param, code=code)


def too_busy(message: str, retry_after_s: float) -> Refusal:
    """Return what says that there is too much to do at present."""
    return Refusal(429, message, code="rate_limit_exceeded", retry_after_s=retry_after_s)


def as_refusal(error: ConvaiError) -> Refusal:
    """Return what a caller is told about any error: whose fault it is, by its class."""
    if isinstance(error, Refusal):
        return error
    if isinstance(error, AudioError):
        return bad_request(str(error), param="file", code="invalid_audio")
    if isinstance(error, ConfigurationError):  # a language that the model does not know
        return bad_request(str(error))
    is_engine = isinstance(error, (RecognitionError, SynthesisError, ModelError))
    return Refusal(500, str(error), code="engine_failed" if is_engine else "internal_error")

"""What a service tells Prometheus."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, ContextManager

from convai_rasa.errors import require

_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6)
_SIZES = (1, 2, 3, 4, 6, 8, 12, 16)


class Metrics:
    """Counts and times, of this service alone.

    Raises:
        MissingExtra: prometheus_client is not installed.
    """

    def __init__(self) -> None:
        self._prometheus = require("prometheus_client", extra="speech")
        self._registry = self._prometheus.CollectorRegistry()
        self._requests = self._made("Counter", "requests", "Requests answered.", ["kind", "status"])
        self._recognition = self._times("recognition", "From a whole recording to its transcript.")
        self._first_sound = self._times("first_sound", "From a text to the first sound of it.")
        self._wait = self._times("recognition_wait", "Until the longest waiting of a batch is begun.")
        self._batch = self._made("Histogram", "batch_size", "Recognitions decoded together.", buckets=_SIZES)
        self._heard = self._made("Counter", "heard_seconds", "Sound recognized.")
        self._said = self._made("Counter", "said_seconds", "Sound spoken.")
        self._in_work = self._made("Gauge", "in_work", "Requests that are served or wait.", ["kind"])
        self._waiting = self._made("Gauge", "waiting", "Recognitions that no batch has begun with.")
        self._ready = self._made("Gauge", "ready", "1 while requests are taken.")

    def _made(self, kind: str, name: str, about: str, labels: Sequence[str] = (), **more: Any) -> Any:
        return getattr(self._prometheus, kind)(f"convai_speech_{name}", about, labels, registry=self._registry, **more)

    def _times(self, name: str, about: str) -> Any:
        return self._made("Histogram", f"{name}_seconds", about, buckets=_SECONDS)

    def answered(self, kind: str, status: int) -> None:
        """A request is answered; ``kind`` is ``transcription`` or ``speech``."""
        self._requests.labels(kind, str(status)).inc()

    def in_work(self, kind: str) -> ContextManager[None]:
        """Count a request while it is in work."""
        counting: ContextManager[None] = self._in_work.labels(kind).track_inprogress()
        return counting

    @contextmanager
    def recognition(self, sound_s: float) -> Iterator[None]:
        """Time a recognition that succeeds."""
        began = time.monotonic()
        yield
        self._recognition.observe(time.monotonic() - began)
        self._heard.inc(sound_s)

    def batch(self, size: int, waited_s: float) -> None:
        """A batch is begun; any thread may tell."""
        self._batch.observe(size)
        self._wait.observe(waited_s)

    def first_sound(self, seconds: float) -> None:
        """The first sound of a text is there."""
        self._first_sound.observe(seconds)

    def said(self, sound_s: float) -> None:
        """So much sound more is spoken."""
        self._said.inc(sound_s)

    def watch(self, waiting: Callable[[], float], ready: Callable[[], float]) -> None:
        """Ask for the gauges whenever somebody reads them."""
        self._waiting.set_function(waiting)
        self._ready.set_function(ready)

    def text(self) -> tuple[bytes, str]:
        """Return all of it as Prometheus reads it, and the media type."""
        return self._prometheus.generate_latest(self._registry), self._prometheus.CONTENT_TYPE_LATEST

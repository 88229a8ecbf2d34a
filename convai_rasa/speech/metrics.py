"""What a service tells Prometheus."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from convai_rasa.errors import require

_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 12.8, 25.6)
_SIZES = (1, 2, 3, 4, 6, 8, 12, 16)


class Metrics:
    """Counts and times, of this service alone.

    Raises:
        MissingExtra: prometheus_client is not installed.
    """

    def __init__(self) -> None:
        self._prometheus = prometheus = require("prometheus_client", extra="speech")
        self._registry = registry = prometheus.CollectorRegistry()

        def seconds(name: str, about: str) -> object:
            return prometheus.Histogram(f"convai_speech_{name}_seconds", about, buckets=_SECONDS, registry=registry)

        self._requests = prometheus.Counter(
            "convai_speech_requests", "Requests answered.", ["kind", "status"], registry=registry
        )
        self._recognition = seconds("recognition", "From a whole recording to its transcript.")
        self._first_sound = seconds("first_sound", "From a text to the first sound of it.")
        self._wait = seconds("recognition_wait", "Until the longest waiting of a batch is begun.")
        self._batch = prometheus.Histogram(
            "convai_speech_batch_size", "Recognitions decoded together.", buckets=_SIZES, registry=registry
        )
        self._heard = prometheus.Counter("convai_speech_heard_seconds", "Sound recognized.", registry=registry)
        self._said = prometheus.Counter("convai_speech_said_seconds", "Sound spoken.", registry=registry)
        self._in_work = prometheus.Gauge(
            "convai_speech_in_work", "Requests that are served or wait.", ["kind"], registry=registry
        )
        self._waiting = prometheus.Gauge(
            "convai_speech_waiting", "Recognitions that no batch has begun with.", registry=registry
        )
        self._ready = prometheus.Gauge("convai_speech_ready", "1 while requests are taken.", registry=registry)

    def answered(self, kind: str, status: int) -> None:
        """A request is answered; ``kind`` is ``transcription`` or ``speech``."""
        self._requests.labels(kind, str(status)).inc()

    @contextmanager
    def in_work(self, kind: str) -> Iterator[None]:
        """Count a request while it is in work."""
        gauge = self._in_work.labels(kind)
        gauge.inc()
        try:
            yield
        finally:
            gauge.dec()

    @contextmanager
    def recognition(self, sound_s: float) -> Iterator[None]:
        """Time a recognition that succeeds."""
        began = time.monotonic()
        yield
        self._recognition.observe(time.monotonic() - began)  # type: ignore[attr-defined]  # a Histogram
        self._heard.inc(sound_s)

    def batch(self, size: int, waited_s: float) -> None:
        """A batch is begun; any thread may tell."""
        self._batch.observe(size)
        self._wait.observe(waited_s)  # type: ignore[attr-defined]  # a Histogram

    def first_sound(self, seconds: float) -> None:
        """The first sound of a text is there."""
        self._first_sound.observe(seconds)  # type: ignore[attr-defined]  # a Histogram

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

"""The contract of every speech synthesizer."""

from __future__ import annotations

from dataclasses import dataclass
from os import PathLike
from typing import Any, Iterable, Iterator, Optional, Protocol, Tuple, Union, runtime_checkable

import numpy as np

from convai_rasa.engines import create_engine

ENTRY_POINTS = "convai_rasa.synthesizers"


@dataclass(frozen=True)
class Capabilities:
    """What an engine can do.

    Attributes:
        languages: codes of the languages it speaks.
        streams: whether the first chunk comes before the whole sentence is computed.
        identity: differs between any two voices that do not sound the same: other files, options or code. Empty
            if an engine cannot tell; its sound is then never cached.
        in_turns: whether those who want to hear something have to take turns, as the engine needs this machine's
            processor; false for one that waits for another machine, with a bound of its own.
    """

    languages: Tuple[str, ...]
    streams: bool
    identity: str = ""
    in_turns: bool = True


@runtime_checkable
class Synthesizer(Protocol):
    """A voice, loaded once per process."""

    @property
    def sample_rate(self) -> int:
        """Sample rate of the chunks in Hz."""

    @property
    def capabilities(self) -> Capabilities:
        """What this engine can do."""

    def stream(self, text: str, *, speed: float = 1.0, language: Optional[str] = None) -> Iterator[np.ndarray]:
        """Speak a text piece by piece.

        Args:
            text: as written to be read; numbers, markdown, SSML and the like are turned into words.
            speed: times the voice's own pace, 2.0 twice as fast.
            language: ISO 639-1 code of the text; None: the voice's own.

        Yields:
            int16 mono chunks of shape (n,) at ``sample_rate``, the first as early as the model allows. Empty or
            unspeakable text gives none.

        Raises:
            SynthesisError: the engine failed.
        """

    def synthesize(self, text: str, *, speed: float = 1.0, language: Optional[str] = None) -> np.ndarray:
        """Return the chunks of ``stream`` joined: int16 of shape (n,)."""

    def close(self) -> None:
        """Free the model; the synthesizer cannot be used afterwards."""


def join_chunks(chunks: Iterable[np.ndarray]) -> np.ndarray:
    """Join int16 chunks; none of them give an empty int16 array."""
    return np.concatenate([np.zeros(0, np.int16), *chunks])


def load_synthesizer(engine: str = "coqui", model: Optional[str] = None, **options: Any) -> Synthesizer:
    """Create a synthesizer by the name of its engine (an entry point in ``convai_rasa.synthesizers``).

    Args:
        engine: for example ``coqui``.
        model: name in the models/ tree or a path; None means the engine's default.
        **options: keyword arguments of the engine's class.

    Raises:
        ConvaiError: as ``engines.create_engine``.
    """
    return create_engine(ENTRY_POINTS, engine, model, options)


class TTSSynthesizer:
    """A voice in this process, whatever its engine; a server uses ``SharedVoice`` instead.

    Args:
        model_path: name in the models/ tree or a path; None means the engine's default.
        engine: name of the engine.
        **options: keyword arguments of the engine's class, for example ``speed=1.1``.

    Raises:
        ConvaiError: as ``load_synthesizer``.
    """

    def __init__(
        self, model_path: Union[str, PathLike[str], None] = None, *, engine: str = "coqui", **options: Any
    ) -> None:
        self._engine = load_synthesizer(engine, None if model_path is None else str(model_path), **options)

    @property
    def sample_rate(self) -> int:
        """Sample rate of the chunks in Hz."""
        return self._engine.sample_rate

    @property
    def capabilities(self) -> Capabilities:
        """What the engine can do."""
        return self._engine.capabilities

    def stream(self, text: str, *, speed: float = 1.0, language: Optional[str] = None) -> Iterator[np.ndarray]:
        """Speak a text piece by piece; see ``Synthesizer.stream``."""
        return self._engine.stream(text, speed=speed, language=language)

    def synthesize(self, text: str, *, speed: float = 1.0, language: Optional[str] = None) -> np.ndarray:
        """Return the whole sound: int16 of shape (n,) at ``sample_rate``."""
        return self._engine.synthesize(text, speed=speed, language=language)

    def close(self) -> None:
        """Free the model; the synthesizer cannot be used afterwards."""
        self._engine.close()

"""An engine whose model is on another machine: its options, how it is seen, and its end."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Optional, Type

from convai_rasa.errors import ConvaiError
from convai_rasa.options import Field, Options, parse_options
from convai_rasa.remote.background import run


class RemoteError(ConvaiError):
    """An engine on another machine did not do what it was asked for."""

    def __init__(self, message: str, retry_after_s: Optional[float] = None) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s  # after which it asks to be asked again, if it does


class ServerOptions(Options):
    """How long a server may take."""

    timeout_s: float = Field(8.0, gt=0, le=120)  # for the words; for speech until the first sound, then for each chunk
    connect_s: float = Field(2.0, gt=0, le=30)  # for a connection


class RemoteEngine(ABC):
    """Whatever is asked of another machine, with the keys of ``options_class``; threads may share it.

    Raises:
        ConfigurationError: an option is unknown or impossible.
        MissingExtra: the package that asks its server is not installed.
    """

    is_remote = True  # its model is no folder here
    name: str  # in configuration
    options_class: Type[Options]
    failure: Type[RemoteError]  # what is raised for its caller
    refusal: Optional[Type[RemoteError]] = None  # for a request that the server does not take; None: the same
    options: Options

    def __init__(self, **options: Any) -> None:
        self.options = parse_options(self.options_class, options, where=self.name)
        self._closed = False

    @abstractmethod
    async def see(self) -> None:
        """See whether the server is there.

        Raises:
            RemoteError: saying what is wrong.
        """

    def probe(self) -> None:
        """See whether the server is there; see ``see``."""
        run(self.see())

    def close(self) -> None:
        """Close the connections; the engine cannot be used afterwards."""
        self._closed = True

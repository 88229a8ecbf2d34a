"""Every error this package raises on purpose.

::

    ConvaiError
    ├── ConfigurationError      a key or value in config.yml, credentials.yml or on the command line
    ├── MissingExtra            an optional dependency is not installed
    ├── ModelError              something about a model in the models/ tree
    │   ├── ModelNotFound       the model is not installed (the message names the command that fetches it)
    │   ├── ModelCorrupt        a file is missing, or differs from its published SHA-256
    │   └── DownloadError       no source could deliver the model
    ├── AudioError              bytes that are not the audio they claim to be
    ├── RecognitionError        the speech recognizer failed
    ├── SynthesisError          the speech synthesizer failed
    ├── BotError                Rasa failed to answer a message
    │   └── PartialAnswer       it answered, but an action failed on the way
    └── ProtocolError           a client broke the voice protocol (``code`` goes back over the wire)

Each message is one sentence that says what is wrong and what to do. A command prints the message
and no stack trace.
"""

from __future__ import annotations

import importlib
import importlib.util
from types import ModuleType


class Terminated(KeyboardInterrupt):
    """A program was told to end with SIGTERM: the same as Ctrl-C, but no failure."""


class ConvaiError(Exception):
    """Base of all errors raised by this package on purpose."""


class ConfigurationError(ConvaiError):
    """A configuration key is unknown or its value impossible."""


class MissingExtra(ConvaiError):
    """An optional dependency is not installed."""


class ModelError(ConvaiError):
    """Something is wrong with a model in the models/ tree."""


class ModelNotFound(ModelError):
    """The model is not installed."""


class ModelCorrupt(ModelError):
    """A model file is missing or is not the file that was published."""


class DownloadError(ModelError):
    """No source could deliver the model."""


class AudioError(ConvaiError):
    """The bytes are not the audio they claim to be."""


class RecognitionError(ConvaiError):
    """The speech recognizer failed."""


class SynthesisError(ConvaiError):
    """The speech synthesizer failed."""


class BotError(ConvaiError):
    """Rasa failed to answer a message."""


class PartialAnswer(BotError):
    """Rasa answered, but an action failed on the way."""


class ProtocolError(ConvaiError):
    """A client broke the voice protocol.

    Attributes:
        code: short machine-readable name that is sent to the client, for example ``bad_frame``.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def install_command(extra: str) -> str:
    """Return the command that installs an extra of this package.

    Where Rasa is installed the command names it too: pip keeps to the versions that a package takes only while it
    installs that package, and would replace Rasa's pydantic and protobuf by newer ones.
    """
    extras = f"rasa,{extra}" if extra != "rasa" and importlib.util.find_spec("rasa") else extra
    return f"pip install 'convai-rasa[{extras}]'"


def require(module: str, *, extra: str) -> ModuleType:
    """Import an optional dependency, or say which extra of this package brings it.

    Raises:
        MissingExtra: the module, or one it needs, is not installed. This is deliberately not an
            ImportError: Rasa reports any ImportError of a channel as "failed to find the class".
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MissingExtra(
            f"{module} cannot be imported ({error}); install it with: {install_command(extra)}"
        ) from error


def first_line(error: BaseException) -> str:
    """Return the first line of what a library says of its error, or the error's class where it says nothing."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]

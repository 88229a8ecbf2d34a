"""Coqui's own layers, imported and loaded only to be written as graphs.

Importing Coqui's model classes brings training, data sets, plots and all of their libraries: 13 s of processor time.
The layers that speak need only torch, so they are imported without the packages around them.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import pathlib
import sys
import types
import warnings
from typing import Any, Iterator, Mapping

from convai_rasa.errors import ConfigurationError, MissingExtra, ModelCorrupt, first_line, install_command, require
from convai_rasa.store import how_to_mend

_LAYER_PACKAGES = ("TTS.tts.layers", "TTS.vocoder.models", "TTS.vocoder.layers")


def prepare_import() -> None:
    """Let the layers be imported without their packages' ``__init__``, which imports all training losses.

    Whoever asks such a package for anything else, as ``TTS.api`` does, still gets the whole of it.
    """
    for package in _LAYER_PACKAGES:
        if package in sys.modules:
            continue
        top, *below = package.split(".")
        spec = importlib.util.find_spec(top)
        if spec is None or not spec.submodule_search_locations:
            raise MissingExtra(f"Coqui TTS is not installed; install it with: {install_command('coqui')}")
        sys.modules[package] = _lazy_package(package, pathlib.Path(spec.submodule_search_locations[0], *below))


def _lazy_package(name: str, folder: pathlib.Path) -> types.ModuleType:
    """Return a package whose ``__init__`` runs when something is asked of it that only that has."""
    module = types.ModuleType(name)
    module.__path__ = [str(folder)]

    def complete(attribute: str) -> Any:
        inside = (folder / attribute).is_dir() or (folder / f"{attribute}.py").is_file()
        if inside or attribute.startswith("__"):
            raise AttributeError(f"module {name!r} has no attribute {attribute!r}")
        del module.__dict__["__getattr__"]
        exec(compile((folder / "__init__.py").read_text("utf-8"), str(folder / "__init__.py"), "exec"), module.__dict__)
        return getattr(module, attribute)

    module.__dict__["__getattr__"] = complete
    return module


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Coqui prints while it builds a model, and uses torch functions that warn of newer ones."""
    with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
        warnings.simplefilter("ignore")
        yield


def read_checkpoint(path: pathlib.Path) -> Mapping[str, Any]:
    """Return the content of a checkpoint: ``model`` holds its weights.

    Raises:
        ModelCorrupt: it is damaged, or holds more than data.
    """
    torch = require("torch", extra="coqui")
    with loading(path):
        # weights_only: a checkpoint is data, it must not be able to run code.
        content = torch.load(path, map_location="cpu", weights_only=True, mmap=True)
        content["model"].keys()
        return dict(content)


@contextlib.contextmanager
def loading(path: pathlib.Path) -> Iterator[None]:
    """Turn whatever a damaged or unfitting file is met with into one sentence that names it."""
    try:
        yield
    except (MissingExtra, ConfigurationError, ModelCorrupt):
        raise
    # A damaged archive surfaces as RuntimeError, KeyError, EOFError, UnpicklingError and more.
    except Exception as error:
        reason = first_line(error).partition(". ")[0]
        raise ModelCorrupt(f"The voice in {path} cannot be loaded ({reason}); {how_to_mend(path.parent)}.") from error


def frozen(network: Any) -> Any:
    """Freeze a network, without the weight norm that only training needs."""
    import torch
    from torch.nn.utils import parametrize

    with quiet():
        for module in network.modules():
            if hasattr(module, "weight_g"):
                torch.nn.utils.remove_weight_norm(module)
            elif parametrize.is_parametrized(module, "weight"):  # how newer releases of Coqui write the same
                parametrize.remove_parametrizations(module, "weight")
    return network.eval().requires_grad_(False)

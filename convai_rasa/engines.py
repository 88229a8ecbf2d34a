"""Engines that are named in configuration and found through entry points."""

from __future__ import annotations

import functools
import inspect
import sys
from importlib.metadata import EntryPoints, entry_points
from typing import Any, Callable, Mapping, Tuple

from convai_rasa.errors import ConfigurationError, MissingExtra
from convai_rasa.options import nearest, parse_options


def create_engine(group: str, engine: str, model: str | None, options: Mapping[str, Any]) -> Any:
    """Find an engine and create it.

    Args:
        group, engine: the entry-point group, for example ``convai_rasa.recognizers``, and a name in it.
        model: name in the models/ tree or a path; None means the engine's default.
        options: as ``find_engine`` takes them.

    Raises:
        ConfigurationError: the engine or an option is unknown.
        ModelError: the model is not installed or is damaged.
        MissingExtra: a package the engine needs is not installed.
    """
    if model is not None:
        options = {**options, "model_path": model}
    return find_engine(group, engine, options)(**options)


def find_engine(group: str, engine: str, options: Mapping[str, Any]) -> Callable[..., Any]:
    """Find an engine's class, and see that it takes the options it is to be created with.

    Args:
        group, engine: as ``create_engine`` takes them.
        options: keyword arguments for the engine's class; checked against its ``options_class`` where it has one,
            else against the parameters it takes.

    Raises:
        ConfigurationError: no engine has that name, two packages have one, or the engine has no such option.
        MissingExtra: the engine's module needs something that is not installed.
    """
    points = _installed(group, tuple(sys.path))
    known = {point.name: point for point in points}
    if engine not in known:
        hint = nearest(str(engine), sorted(known), "installed are:")
        raise ConfigurationError(f"There is no engine '{engine}' in {group} ({hint}).")
    rivals = sorted({point.value for point in points if point.name == engine})
    if len(rivals) > 1:
        raise ConfigurationError(
            f"Two packages bring an engine '{engine}' in {group} ({', '.join(rivals)}); uninstall one of them."
        )
    try:
        factory: Callable[..., Any] = known[engine].load()
    except ImportError as error:
        raise MissingExtra(f"The engine '{engine}' cannot be imported ({error}); install what it needs.") from error
    _check_options(factory, engine, options)
    return factory


@functools.lru_cache(maxsize=16)
def _installed(group: str, path: Tuple[str, ...]) -> EntryPoints:
    """Read what the packages on a path bring: 60 ms where a few hundred are installed, and the doctor asks often."""
    return entry_points(group=group)


def _check_options(factory: Any, engine: str, options: Mapping[str, Any]) -> None:
    if hasattr(factory, "options_class"):
        parse_options(factory.options_class, options, where=engine)
        return
    parameters = inspect.signature(factory).parameters
    if any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values()):
        return
    for key in options:
        if key not in parameters:
            hint = nearest(key, parameters, "known keys are")
            raise ConfigurationError(f"The engine '{engine}' has no option '{key}' ({hint}).")

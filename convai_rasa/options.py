"""Configuration a user wrote, checked once at the edge.

The one place that knows pydantic: Rasa pins version 1, whose classes version 2 keeps as ``pydantic.v1``.
"""

from __future__ import annotations

import difflib
from typing import Any, Iterable, Mapping, Optional, Type, TypeVar

from convai_rasa.errors import ConfigurationError

try:
    import pydantic.v1 as pydantic
except ImportError:
    import pydantic

BaseModel: Any = pydantic.BaseModel
Extra = pydantic.Extra
Field = pydantic.Field
SecretStr = pydantic.SecretStr
StrictBool = pydantic.StrictBool
ValidationError = pydantic.ValidationError
confloat = pydantic.confloat
root_validator = pydantic.root_validator
validator = pydantic.validator


class Options(BaseModel):
    """Base of every options class: immutable, and a key it does not know is an error."""

    class Config:
        extra = Extra.forbid
        allow_mutation = False


_WHOLE = "__root__"  # pydantic's name for what is wrong with several keys together
OptionsT = TypeVar("OptionsT", bound=Options)


def parse_options(options: Type[OptionsT], given: Optional[Mapping[str, Any]], *, where: str) -> OptionsT:
    """Check what a user configured and fill in the defaults.

    Args:
        options: the class that lists the keys, their types and defaults.
        given: the mapping read from YAML; None means "all defaults", as an empty YAML key gives.
        where: what the message should point at, for example ``credentials.yml, convai_rasa.voice.VoiceInput``.

    Raises:
        ConfigurationError: naming every wrong key with its path, and the nearest right spelling.
    """
    if given is not None and not isinstance(given, Mapping):
        raise ConfigurationError(f"{where}: expected keys and values, found {type(given).__name__} {given!r}.")
    try:
        return options.parse_obj(dict(given or {}))
    except ValidationError as error:
        problems = "; ".join(_describe(options, problem) for problem in error.errors())
        raise ConfigurationError(f"{where}: {problems}.") from error


def _describe(options: Type[BaseModel], problem: Mapping[str, Any]) -> str:
    path = [str(step) for step in problem["loc"] if step != _WHOLE]
    key = ".".join(path)
    if problem["type"] != "value_error.extra":
        return f"{key}: {problem['msg']}" if key else str(problem["msg"])
    return f"unknown key '{key}' ({nearest(path[-1], _keys_at(options, path[:-1]), 'known keys are')})"


def nearest(word: str, known: Iterable[str], all_of_them: str) -> str:
    """Return a hint for a word that is none of the known ones: the one that was meant, or all of them."""
    close = difflib.get_close_matches(word, known := list(known), n=1)
    return f"did you mean '{close[0]}'?" if close else f"{all_of_them} {', '.join(known) or 'none'}"


def _keys_at(options: Type[BaseModel], path: list[str]) -> list[str]:
    """Return the keys allowed under a path of nested option names."""
    for step in path:
        field = options.__fields__.get(step)
        if field is None or not isinstance(field.type_, type) or not issubclass(field.type_, BaseModel):
            return []
        options = field.type_
    return sorted(options.__fields__)

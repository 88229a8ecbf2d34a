"""YAML files as Rasa reads them: YAML 1.2, in which ``no`` is a word, with libyaml's parser, and no key twice.

Environment variables stay as they are written, so that a file can be read where they are not set.
"""

from __future__ import annotations

import re
from typing import Any, ClassVar, Hashable, Optional

import yaml

from convai_rasa.errors import ConfigurationError

_Parser: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # PyYAML built without libyaml has only the latter


class _Loader(_Parser):
    """Resolves plain scalars as YAML 1.2's core schema does, and refuses a key that is there twice."""

    yaml_implicit_resolvers: ClassVar[dict[str, list[Any]]] = {}

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: dict[tuple[str, str], yaml.Node] = {}
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.tag.endswith(":merge"):
                continue
            first = seen.setdefault((key.tag, key.value), key)
            if first is not key:
                lines = f"lines {first.start_mark.line + 1} and {key.start_mark.line + 1}"
                problem = f"the key '{key.value}' occurs twice, in {lines}; Rasa does not read such a file, so remove "
                raise _Duplicate(None, None, f"{problem}one", key.start_mark)
        mapping: dict[Hashable, Any] = super().construct_mapping(node, deep=deep)
        return mapping


class _Duplicate(yaml.MarkedYAMLError):
    """A key is there twice."""


for _tag, _pattern, _first in (
    ("bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("int", r"[-+]?0b[01_]+|[-+]?0o[0-7_]+|[-+]?0x[0-9a-fA-F_]+|[-+]?[0-9][0-9_]*", "-+0123456789"),
    (
        "float",
        r"[-+]?[0-9][0-9_]*\.[0-9_]*([eE][-+]?[0-9]+)?|[-+]?[0-9][0-9_]*[eE][-+]?[0-9]+"
        r"|[-+]?\.[0-9_]+([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
        "-+.0123456789",
    ),
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("merge", r"<<", "<"),
    (
        "timestamp",
        r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}([Tt]|[ \t]+)[0-9]{1,2}:[0-9]{2}:[0-9]{2}"
        r"(\.[0-9]*)?([ \t]*(Z|[-+][0-9]{1,2}(:[0-9]{2})?))?",
        "0123456789",
    ),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), list(_first))


def _construct_int(loader: Any, node: yaml.ScalarNode) -> int:
    text = loader.construct_scalar(node).replace("_", "")
    return int(text, 0) if re.match(r"[-+]?0[box]", text) else int(text)


def _construct_float(loader: Any, node: yaml.ScalarNode) -> float:
    text = loader.construct_scalar(node).replace("_", "").lower()
    return float(text.replace(".inf", "inf").replace(".nan", "nan"))


_Loader.add_constructor("tag:yaml.org,2002:int", _construct_int)
_Loader.add_constructor("tag:yaml.org,2002:float", _construct_float)


def compose(text: str) -> Optional[yaml.Node]:
    """Return the nodes of a document that can be read, and where they stand."""
    node: Optional[yaml.Node] = yaml.compose(text, Loader=_Loader)
    return node


def load_mapping(name: str, text: str) -> dict[str, Any]:
    """Read YAML with a mapping at its top; an empty one for an empty file, whose name is for messages.

    Raises:
        ConfigurationError: not YAML, a key that is there twice, more than one document, or no mapping at the top.
    """
    try:
        data = yaml.load(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        raise ConfigurationError(_sentence(name, text, error)) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        problem = " ".join(str(error).split())
        raise ConfigurationError(f"{name} is not valid YAML: {problem}.") from error
    if data is None:
        return {}
    if not isinstance(data, dict):
        raise ConfigurationError(f"{name}: expected keys and values, found {type(data).__name__}.")
    return data


def _sentence(name: str, text: str, error: yaml.MarkedYAMLError) -> str:
    # Where a key has no colon, what is missing is noticed on a later line than where it is missing.
    scanning_key = str(error.context).startswith("while scanning a simple key")
    mark = error.context_mark if scanning_key else error.problem_mark or error.context_mark
    last = text.rstrip().splitlines()
    line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
    if line > len(last) > 0:  # libyaml puts the end of the file on a line of its own
        line, column = len(last), len(last[-1]) + 1
    place = f"{name}, line {line}, column {column}" if mark else name
    if isinstance(error, _Duplicate):
        return f"{place}: {error.problem}."
    if "another document" in str(error.problem):
        return f"{place}: a second YAML document begins; Rasa reads files with one only, so remove the line '---'."
    if "tab character" in str(error.problem) or (mark and text[mark.index : mark.index + 1] == "\t"):
        return f"{place} is not valid YAML: there is a tab; write spaces instead."
    return f"{place} is not valid YAML: {error.problem or error.context}; correct it there."

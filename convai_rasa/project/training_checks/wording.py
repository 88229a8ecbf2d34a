"""Rasa's errors and warnings as findings: a sentence, and what to do."""

from __future__ import annotations

import difflib
import re
import traceback
from pathlib import Path
from typing import Any, Iterable, Iterator, Optional, Sequence

from convai_rasa.project.findings import Finding
from convai_rasa.project.project_files import read_text
from convai_rasa.project.yaml_reading import load_mapping

RASA = load_mapping("rasa.yml", read_text(Path(__file__).with_name("rasa.yml")))
_LONGEST = 240  # characters of what somebody else says, which may go over pages
_SHOWN = 5  # names that one sentence lists
_LINKS = re.compile(
    r"\s*(More info(rmation)?( can be found)?|See|You can use|For more information)\b[^.]*https?://\S+.*", re.S
)


def of_warnings(area: str, warnings: Iterable[str]) -> Iterator[Finding]:
    """Turn warnings of Rasa's into findings, those of a kind into one."""
    kinds: dict[int, list[tuple[str, re.Match[str]]]] = {}
    for text in warnings:
        plain = " ".join(text.split())
        for number, kind in enumerate(RASA["warnings"]):
            if match := re.search(kind["says"], plain):
                kinds.setdefault(number, []).append((text, match))
                break
        else:
            yield Finding(area, "warning", *_parted(text))
    for number, raised in sorted(kinds.items()):
        level, what, fix = (RASA["warnings"][number].get(key, "") for key in ("level", "what", "fix"))
        if level and not what:
            said, more = _parted(raised[0][0])
            yield Finding(area, level, said, fix or more)
        elif level:
            names = list(dict.fromkeys(match[1] for _, match in raised if match.groups()))
            numbered = re.sub(r"(\w+)\|(\w+)", r"\1" if len(names) == 1 else r"\2", what)
            yield Finding(area, level, numbered.format(listed(names)), fix)


def listed(names: Iterable[str]) -> str:
    """Return names in quotes, the first few of many."""
    unique = list(dict.fromkeys(names))
    shown = [f"'{name}'" for name in unique[:_SHOWN]]
    return ", ".join(shown) + (f" and {len(unique) - _SHOWN} more" if len(unique) > _SHOWN else "")


def of_error(error: BaseException, folder: Path) -> str:
    """Say in one sentence what happened; where, if it was in a file of the project in this folder."""
    if isinstance(error, SyntaxError):
        where = f" ({_short(error.filename, folder)}, line {error.lineno})" if error.filename else ""
        return f"{error.msg}{where}"
    said = _parted(str(error))[0]
    if type(error).__module__.startswith(("rasa.", "convai_rasa.")) and said:
        return said + _place(error, folder)
    return f"{type(error).__name__}{f': {said}' if said else ''}{_place(error, folder)}"


def sentences(error: BaseException, folder: Path, file: Path) -> list[str]:
    """Return what is wrong with a file of the project, a sentence for each line; an error may name another file."""
    found: Sequence[Any] = getattr(error, "validation_errors", None) or ()
    file_name = _short(getattr(error, "filename", None) or str(file), folder)
    said: dict[str, str] = {}
    for one in found:
        if str(one.path).startswith("/pipeline"):
            continue  # ``check_pipeline`` says so
        line = error._line_number_for_path(error.content, one.path)  # type: ignore[attr-defined]  # of Rasa's own
        place = f"{file_name}, line {line}" if line else file_name
        said.setdefault(place if line else str(one), f"{place}: {_parted(str(one))[0]}")
    return list(said.values()) if found else [of_error(error, folder)]


def nearest(name: str, names: Iterable[str]) -> Optional[str]:
    """Return the one of some names that is most like another; None if none is."""
    close = difflib.get_close_matches(name, list(names), n=1, cutoff=0.7)
    return close[0] if close else None


def meant(name: str, names: Iterable[str], otherwise: str) -> str:
    """Return as a remedy the one of some names that may have been meant, or another where none is like it."""
    close = nearest(name, names)
    return f"did you mean '{close}'?" if close else otherwise


def _parted(text: str) -> tuple[str, str]:
    """Return the first sentence of a text, and the rest without what links elsewhere."""
    first, _, rest = _LINKS.sub("", text.strip()).partition("\n\n")
    parts = re.split(r"(?<=[^.][.!?])\s+(?=[A-Z`'\"])", " ".join(first.split()), maxsplit=1)
    more = " ".join(" ".join([*parts[1:], rest]).split())
    return _cut(parts[0]).rstrip(".:!"), _cut(more).rstrip(".")


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1].rstrip() + "…"


def _place(error: BaseException, folder: Path) -> str:
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if folder in Path(frame.filename).parents]
    theirs = [frame for frame in frames if "site-packages" not in frame.filename]
    return f" ({_short(theirs[-1].filename, folder)}, line {theirs[-1].lineno})" if theirs else ""


def _short(file: str, folder: Path) -> str:
    return str(Path(file).relative_to(folder)) if folder in Path(file).parents else file

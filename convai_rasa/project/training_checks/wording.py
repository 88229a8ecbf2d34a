"""Rasa's errors and warnings as findings: a sentence, and what to do."""

from __future__ import annotations

import difflib
import re
import traceback
from pathlib import Path
from typing import Any, Iterable, Iterator, Optional, Sequence

from convai_rasa.project.findings import Finding, Level

_LONGEST = 240  # characters of what somebody else says, which may go over pages
_SHOWN = 5  # names that one sentence lists
_LINKS = re.compile(
    r"\s*(More info(rmation)?( can be found)?|See|You can use|For more information)\b[^.]*https?://\S+.*", re.S
)

# Of a warning of Rasa's: its level, what to say of all names it was raised for, and what to do; None for what another
# check says better.
_WARNINGS: Sequence[tuple[str, Optional[Level], str, str]] = (
    (
        r"The intent '(.+?)' is listed in the domain file, but is not found in the NLU",
        "warning",
        "The intent|intents {} of the domain has|have no training examples",
        "add some, or take it out of the domain",
    ),
    (
        r"labeled with intent '(.+?)'\. This intent is not listed in your domain",
        "warning",
        "The training data has the intent|intents {}, which the domain does not list",
        "add it to the domain's intents, or correct the spelling",
    ),
    (r"The intent '(.+?)' is used in your stories, but it is not listed", None, "", ""),
    (
        r"Found intent '(.+?)' in stories which is not part of the",
        "error",
        "Stories or rules use the intent|intents {}, which the domain does not list",
        "add it to the domain's intents, or correct the spelling",
    ),
    (
        r"The example '(.+?)' was found labeled with multiple",
        "warning",
        "The example|examples {} is|are listed under more than one intent",
        "leave it under one",
    ),
    (r"The intent '(.+?)' is not used in any story", "note", "No story or rule uses the intent|intents {}", ""),
    (
        r"The utterance '(?!utter_ask_)(.+?)' is not used in any story",
        "note",
        "No story or rule uses the response|responses {}",
        "",
    ),
    (
        r"The action '(.+?)' is used in the stories, but is not a valid utterance",
        "error",
        "Stories or rules use the response|responses {}, which the domain does not have",
        "add it to the domain's responses, or correct the spelling",
    ),
    (
        r"Action '(.+?)' is listed as a response action in the domain file, but there is no matching",
        "error",
        "The domain lists the action|actions {}, but has no response of that name",
        "add it to the domain's responses, or take it out of its actions",
    ),
    (
        r"The form '(.+?)' is used in the '.*' block",
        "error",
        "Stories or rules use the form|forms {}, which the domain does not have",
        "add it to the domain's forms, or correct the spelling",
    ),
    (
        r"The action '(.+?)' is used in the '.*' block",
        "error",
        "Stories or rules use the action|actions {}, which the domain does not list",
        "add it to the domain's actions, or correct the spelling",
    ),
    (
        r"The form slot '(.+?' in form '.+?)' is not present in the domain",
        "error",
        "The domain has no slot {}, which that form asks for",
        "add it to the domain's slots, or correct the spelling",
    ),
    (
        r"Slot '(.+?)' has a mapping condition for form '.+?' which is not listed",
        "error",
        "A mapping of the slot {} names a form that the domain does not have",
        "correct its active_loop",
    ),
    (
        r"Slot '(.+?)' has a mapping condition for form '.+?', but it's not present",
        "error",
        "A mapping of the slot {} names a form that does not ask for that slot",
        "add it to the form's required_slots, or correct the mapping's active_loop",
    ),
    (
        r"The intent (\w+) in the domain file is using the MappingPolicy",
        "error",
        "The intent|intents {} has|have 'triggers', which Rasa 3 no longer knows",
        "write a rule instead",
    ),
    (
        r"Intent '(.+?)' has only \d+ training examples",
        "warning",
        "The intent|intents {} has|have fewer than two training examples",
        "add some",
    ),
    (
        r"Entity (?:entity|role|group) '(.+?)' has only \d+ training examples",
        "note",
        "The entity|entities {} is|are annotated only once",
        "annotate more examples",
    ),
    (r"defined training data with examples for training a response selector", "error", "", "add a ResponseSelector"),
    (r"You have defined multiple entity extractors that do the same", "note", "", ""),
    (r"You have an overlap between the", "note", "", ""),
    (r"The utterance 'utter_ask_.+?' is not used in any story", None, "", ""),  # a form asks it
    (r"missing the '.+?' mandatory key|missing a unique value for the 'assistant_id'", None, "", ""),
    (r"'RulePolicy' is not included in the model", "note", "", "add RulePolicy to the policies"),
    (r"Found a rule-based policy in your configuration but", "note", "", ""),
    (
        r"Found rule-based training data but no policy supporting",
        "error",
        "There are rules, but no policy that follows them",
        "add RulePolicy to the policies",
    ),
    (
        r"Found data for training policies but no policy",
        "error",
        "There are stories, but the config has no policies",
        "list policies, for example MemoizationPolicy and RulePolicy",
    ),
    (r"training data consisting of entity examples, but|have roles/groups, but your", None, "", ""),
    (r"'CRFEntityExtractor' does not include the 'pattern' feature", "note", "", ""),
    # Said of every domain, whatever it has.
    (r"Slot auto-fill has been removed in 3.0|will be required to specify a recipe", None, "", ""),
    (r"(\w+) have been found across multiple domain files", "note", "", ""),
)


def of_warnings(area: str, warnings: Iterable[str]) -> Iterator[Finding]:
    """Turn warnings of Rasa's into findings, those of a kind into one.

    Args:
        area: of the findings.
        warnings: their texts.
    """
    kinds: dict[int, list[str]] = {}
    for text in warnings:
        plain = " ".join(text.split())
        number = next((number for number, kind in enumerate(_WARNINGS) if re.search(kind[0], plain)), None)
        if number is None:
            yield Finding(area, "warning", *_parted(text))
        else:
            kinds.setdefault(number, []).append(text)
    for number, texts in sorted(kinds.items()):
        pattern, level, what, fix = _WARNINGS[number]
        if level is None:
            continue
        if not what:
            said, more = _parted(texts[0])
            yield Finding(area, level, said, fix or more)
            continue
        names = [match[1] for text in texts if (match := re.search(pattern, " ".join(text.split()))) and match.groups()]
        yield Finding(area, level, _numbered(what, len(set(names))).format(listed(names)), fix)


def _numbered(what: str, count: int) -> str:
    """Choose singular or plural where a sentence has both: ``intent|intents``."""
    return re.sub(r"(\w+)\|(\w+)", r"\1" if count == 1 else r"\2", what)


def listed(names: Iterable[str]) -> str:
    """Return names in quotes, the first few of many."""
    unique = list(dict.fromkeys(names))
    shown = [f"'{name}'" for name in unique[:_SHOWN]]
    return ", ".join(shown) + (f" and {len(unique) - _SHOWN} more" if len(unique) > _SHOWN else "")


def of_error(error: BaseException, folder: Path) -> str:
    """Say in one sentence what happened; where, if it was in a file of the bot's own.

    Args:
        error: anything.
        folder: the project's.
    """
    if isinstance(error, SyntaxError):
        where = f" ({_short(error.filename, folder)}, line {error.lineno})" if error.filename else ""
        return f"{error.msg}{where}"
    said = _parted(str(error))[0]
    if type(error).__module__.startswith(("rasa.", "convai_rasa.")) and said:
        return said + _place(error, folder)
    return f"{type(error).__name__}{f': {said}' if said else ''}{_place(error, folder)}"


def sentences(error: BaseException, folder: Path, file: Path) -> list[str]:
    """Return what is wrong with a file of the project, a sentence for each line that is.

    Args:
        error: what reading it failed with.
        folder: the project's.
        file: or a folder, for errors that name none.
    """
    found: Sequence[Any] = getattr(error, "validation_errors", None) or ()
    file_name = _short(getattr(error, "filename", None) or str(file), folder)
    said: dict[str, str] = {}
    for one in found:
        if str(one.path).startswith("/pipeline"):
            continue  # ``check_understanding`` says so
        line = error._line_number_for_path(error.content, one.path)  # type: ignore[attr-defined]  # of Rasa's own
        place = f"{file_name}, line {line}" if line else file_name
        said.setdefault(place if line else str(one), f"{place}: {_parted(str(one))[0]}")
    return list(said.values()) if found else [of_error(error, folder)]


def nearest(name: str, names: Iterable[str]) -> Optional[str]:
    """Return the one of some names that is most like another; None if none is."""
    close = difflib.get_close_matches(name, list(names), n=1, cutoff=0.7)
    return close[0] if close else None


def _parted(text: str) -> tuple[str, str]:
    """Return the first sentence of a text, and the rest without what links elsewhere."""
    plain = _LINKS.sub("", text.strip())
    first, _, rest = plain.partition("\n\n")
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

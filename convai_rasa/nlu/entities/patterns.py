"""Entities from the bot's own lists: lookup tables, whose values are taken as they stand, and regular expressions."""

from __future__ import annotations

import re
from typing import Any, Iterator, Mapping, Sequence

from convai_rasa.errors import ConfigurationError

RULER = "lookup_tables"  # the name of the pipe


class Patterns:
    """Finds the values of lookup tables (spaCy's ``span_ruler``) and the matches of regular expressions.

    Capitals do not matter, and only whole words count.
    """

    def __init__(self, pipeline: Any, regexes: Mapping[str, Sequence[str]]) -> None:
        """Take a spaCy ``Language``, with the pipe ``RULER`` if there are lookup tables, and each entity's regexes.

        Raises:
            ConfigurationError: a pattern is none.
        """
        self._ruler = pipeline.get_pipe(RULER) if RULER in pipeline.pipe_names else None
        self._regexes = [(name, _compiled(name, pattern)) for name, patterns in regexes.items() for pattern in patterns]

    @property
    def labels(self) -> frozenset[str]:
        """The entities that can be found."""
        return frozenset(name for name, _ in self._regexes) | frozenset(self._ruler.labels if self._ruler else ())

    def find(self, doc: Any) -> Iterator[tuple[int, int, str]]:
        """Return the first character, the character after the last, and the entity of each match."""
        if self._ruler:
            for span in self._ruler.match(doc):
                yield span.start_char, span.end_char, span.label_
        for name, regex in self._regexes:
            for match in regex.finditer(doc.text):
                if match.end() > match.start():
                    yield match.start(), match.end(), name


def add_lookups(pipeline: Any, lookups: Mapping[str, Sequence[str]]) -> None:
    """Put the values of each entity into a spaCy ``Language``, as its pipe ``RULER``, in place of those it had."""
    if RULER in pipeline.pipe_names:
        pipeline.remove_pipe(RULER)
    values = {(name, value.strip()) for name, values in lookups.items() for value in values if value.strip()}
    if values:
        settings = {"phrase_matcher_attr": "LOWER", "annotate_ents": False, "spans_filter": None}
        ruler = pipeline.add_pipe("span_ruler", name=RULER, config=settings)
        ruler.add_patterns([{"label": name, "pattern": value} for name, value in sorted(values)])


def _compiled(name: str, pattern: str) -> re.Pattern[str]:
    try:
        return re.compile(rf"(?<!\w)(?:{pattern})(?!\w)", re.IGNORECASE)
    except re.error as error:
        raise ConfigurationError(
            f"The regex '{pattern}' of {name} is not valid ({error}); correct it in the training data."
        ) from error

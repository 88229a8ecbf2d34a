"""Which entities have a value to read, and from which moment "tomorrow" is counted."""

from __future__ import annotations

import datetime as dt
import functools
import logging
from collections.abc import Iterable, Mapping, Sequence
from typing import Union
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from convai_rasa.nlu.values import recognized
from convai_rasa.nlu.values.languages import LANGUAGES
from convai_rasa.nlu.values.reader import read
from convai_rasa.nlu.values.value import Value

logger = logging.getLogger(__name__)

KINDS = (
    "date", "time", "datetime", "duration", "number", "ordinal", "percent", "money", "quantity", "age", "temperature",
    "any",
)  # fmt: skip
# Labels of spaCy's own pipelines (OntoNotes), of Duckling and of many a bot.
_KIND_OF_LABEL = {
    "DATE": "date",
    "TIME": "time",
    "DURATION": "datetime",
    "DATETIME": "datetime",
    "CARDINAL": "number",
    "NUMBER": "number",
    "ORDINAL": "ordinal",
    "PERCENT": "percent",
    "PERCENTAGE": "percent",
    "MONEY": "money",
    "AMOUNT_OF_MONEY": "money",
    "PRICE": "money",
    "QUANTITY": "quantity",
    "DISTANCE": "quantity",
    "AGE": "age",
    "TEMPERATURE": "temperature",
}
_KINDS_OF_ANY = ("datetime", "money", "percent", "quantity", "ordinal", "number")
_LONGEST = 100  # characters; nothing longer has one value
_REMEMBERED = 4096  # the same few words come again and again


class Normaliser:
    """Reads the values of entities in one language."""

    def __init__(
        self,
        which: Union[bool, Sequence[str], Mapping[str, str]],
        *,
        language: str = "en",
        timezone: str | None = None,
        reference: str = "now",
    ) -> None:
        """Choose what is read.

        Args:
            which: False for nothing, True for the labels everybody knows (DATE, MONEY, …); a list of labels, or a
                mapping from labels to ``KINDS``.
            language: of the texts, two letters; of one that is not read every value stays as it is.
            timezone: a name such as ``Europe/Berlin`` where "now" is, and whose offset the moments carry; None for
                the clock of this machine and no offset.
            reference: the moment from which "tomorrow" is counted, ISO 8601, or ``now``.
        """
        known = sorted({*LANGUAGES, *recognized.CULTURES})
        self._language = language
        self._which = which if language in known else False
        self._zone = zone(timezone)
        self._reference = reference
        if language not in known and which not in (True, False):
            logger.warning(
                "Values in the language '%s' cannot be normalized, so they stay as written (supported languages: %s).",
                language,
                ", ".join(known),
            )

    def kind(self, label: str) -> str | None:
        """Return how the value of a label is read; None where it stays as it is."""
        if isinstance(self._which, Mapping):
            return self._which.get(label)
        usual = _KIND_OF_LABEL.get(label.upper().replace("-", "_"))
        if isinstance(self._which, bool):
            return usual if self._which else None
        return (usual or "any") if label in self._which else None

    def warm_up(self, kinds: Iterable[str]) -> None:
        """Load what the first message with one of these kinds would have to wait for."""
        for kind in sorted(set(kinds)):
            self.read("one", kind)

    def read(self, text: str, kind: str) -> Value | None:
        """Return what an entity's text stands for as one of ``KINDS``; None where it says nothing or several things.

        Whatever is wrong with a text, or with this package, its message goes on without a value.
        """
        if len(text) > _LONGEST:
            return None
        now = self._now()
        for one in _KINDS_OF_ANY if kind == "any" else (kind,):
            try:
                value = _read(text, one, self._language, now, self._zone)
            except Exception:
                logger.warning("%r could not be read as %s, so it stays text.", text, one, exc_info=True)
                continue
            if value is not None:
                return value
        return None

    def _now(self) -> dt.datetime:
        if self._reference == "now":
            return dt.datetime.now(self._zone).replace(tzinfo=None, second=0, microsecond=0)
        moment = dt.datetime.fromisoformat(self._reference)
        return moment.astimezone(self._zone).replace(tzinfo=None) if moment.tzinfo else moment


@functools.lru_cache(_REMEMBERED)
def _read(text: str, kind: str, language: str, now: dt.datetime, where: dt.tzinfo | None) -> Value | None:
    value = read(text, kind, language=language, reference=now, zone=where)
    if value is None and language in recognized.CULTURES:
        value = recognized.recognize(text, kind, language, now, where)
    return value


def zone(name: str | None) -> ZoneInfo | None:
    """Return a time zone by its name; None for None.

    Raises:
        ValueError: there is none of this name.
    """
    if name is None:
        return None
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, IsADirectoryError) as error:
        raise ValueError(f"there is no time zone '{name}'; a name looks like Europe/Berlin") from error

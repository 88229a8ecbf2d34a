"""Which entities have a value to read, and from which moment "tomorrow" is counted."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Iterable, Mapping, Optional, Sequence, Union
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from convai_rasa.nlu.entity_reading import CULTURES, MOMENTS, Meaning, read_amount, read_moment

logger = logging.getLogger(__name__)

KINDS = ("date", "time", "datetime", "number", "ordinal", "percent", "money", "quantity", "age", "temperature", "any")
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
_READERS_OF_ANY = ("datetime", "money", "percent", "quantity", "ordinal", "number")
_LONGEST = 100  # characters; nothing longer has one value, and reading takes longer by the square


class Normaliser:
    """Reads the values of entities in one language."""

    def __init__(
        self,
        which: Union[bool, Sequence[str], Mapping[str, str]],
        *,
        language: str = "en",
        timezone: Optional[str] = None,
        reference: str = "now",
    ) -> None:
        """Choose what is read.

        Args:
            which: False for nothing, True for the labels everybody knows (DATE, MONEY, …); a list of labels, or a
                mapping from labels to ``KINDS``.
            language: of the texts, two letters; of another than ``CULTURES`` nothing is read.
            timezone: a name such as ``Europe/Berlin`` where "now" is, and whose offset the moments carry; None for
                the clock of this machine and no offset.
            reference: the moment from which "tomorrow" is counted, ISO 8601, or ``now``.
        """
        self._culture = CULTURES.get(language)
        self._which = which if self._culture else False
        self._zone = zone(timezone)
        self._reference = reference
        if self._culture is None and which not in (True, False):
            logger.warning(
                "Values in the language '%s' cannot be normalised (those that can: %s), so they stay as they are.",
                language,
                ", ".join(CULTURES),
            )

    def kind(self, label: str) -> Optional[str]:
        """Return how the value of a label is read; None where it stays as it is."""
        if isinstance(self._which, Mapping):
            return self._which.get(label)
        usual = _KIND_OF_LABEL.get(label.upper().replace("-", "_"))
        if isinstance(self._which, bool):
            return usual if self._which else None
        return (usual or "any") if label in self._which else None

    def warm_up(self, kinds: Iterable[str]) -> None:
        """Load what the first message with one of these kinds would have to wait for, about a second."""
        for kind in sorted(set(kinds)):
            self.read("one", kind)

    def read(self, text: str, kind: str) -> Optional[Meaning]:
        """Return what a text stands for; None where it says nothing or more than one thing.

        Args:
            text: of an entity, such as "half past seven".
            kind: one of ``KINDS``.
        """
        if len(text) > _LONGEST:
            return None
        now = self._now()
        for reader in _READERS_OF_ANY if kind == "any" else (kind,):
            if reader in MOMENTS:
                meaning = read_moment(text, reader, str(self._culture), now, self._zone)
            else:
                meaning = read_amount(text, reader, str(self._culture))
            if meaning is not None:
                return meaning
        return None

    def _now(self) -> datetime:
        if self._reference == "now":
            return datetime.now(self._zone).replace(tzinfo=None, second=0, microsecond=0)
        moment = datetime.fromisoformat(self._reference)
        return moment.astimezone(self._zone).replace(tzinfo=None) if moment.tzinfo else moment


def zone(name: Optional[str]) -> Optional[ZoneInfo]:
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

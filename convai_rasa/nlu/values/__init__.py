"""Values that people say: days, times, lengths, numbers, amounts, names. Needs no Rasa."""

from __future__ import annotations

from convai_rasa.nlu.values.names import find_name
from convai_rasa.nlu.values.reader import find, find_people, read
from convai_rasa.nlu.values.value import Value

__all__ = ["Value", "find", "find_name", "find_people", "read"]

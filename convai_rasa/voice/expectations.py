"""What a bot waits for when a form has asked for a slot, read from its domain, and whether some words give it that."""

from __future__ import annotations

from typing import Any, Dict, List, Tuple

from rasa.shared.core.constants import DEFAULT_CATEGORICAL_SLOT_VALUE, SlotMappingType
from rasa.shared.core.domain import Domain
from rasa.shared.core.slots import CategoricalSlot

from convai_rasa.voice.bot import Expectation


def expectation_of(domain: Domain, name: str) -> Expectation:
    """Return what is waited for once a slot was asked for."""
    slot = next((slot for slot in domain.slots if slot.name == name), None)
    if slot is None:
        return Expectation(name)
    free_text = any(mapping.get("type") == str(SlotMappingType.FROM_TEXT) for mapping in slot.mappings)
    spoken = getattr(slot, "spoken", None)
    return Expectation(name, free_text, spoken, {} if spoken else _asked(slot, free_text))


def fills(domain: Domain, name: str, parse: Dict[str, Any]) -> bool:
    """Whether some words give a slot a value: an entity or an intent that it takes; any text is no sign of one."""
    slot = next((slot for slot in domain.slots if slot.name == name), None)
    if slot is None:
        return False
    intent = (parse.get("intent") or {}).get("name")
    for mapping in slot.mappings:
        if mapping.get("type") == str(SlotMappingType.FROM_ENTITY):
            keys = [key for key in ("entity", "role", "group") if mapping.get(key) is not None]
            if any(all(entity.get(key) == mapping[key] for key in keys) for entity in parse.get("entities") or ()):
                return True
        elif intent is not None and intent in _intents(mapping):
            return True
    return str(parse.get("text")).strip().lower() in map(str.lower, _values(slot))


def _asked(slot: Any, free_text: bool) -> Dict[str, Tuple[str, ...]]:
    """Return what answers a closed question, as ``Expectation.asked`` has it."""
    values = _values(slot)
    if free_text and not values:
        return {}
    intents = [intent for mapping in slot.mappings for intent in _intents(mapping)]
    asked = {"entities": _entities(slot), "intents": intents, "values": values}
    return {kind: tuple(names) for kind, names in asked.items() if names}


def _entities(slot: Any) -> List[str]:
    return [str(mapping["entity"]) for mapping in slot.mappings if mapping.get("entity")]


def _values(slot: Any) -> List[str]:
    """Return the texts that are a slot's values by themselves: no entity has to be found in them."""
    if not isinstance(slot, CategoricalSlot) or _entities(slot):
        return []
    return [str(value) for value in slot.values if value != DEFAULT_CATEGORICAL_SLOT_VALUE]


def _intents(mapping: Dict[str, Any]) -> List[str]:
    if mapping.get("type") != str(SlotMappingType.FROM_INTENT):
        return []
    wanted = mapping.get("intent")
    return [str(intent) for intent in (wanted if isinstance(wanted, list) else [wanted]) if intent is not None]

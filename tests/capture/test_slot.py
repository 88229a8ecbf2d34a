"""The key ``spoken`` of a slot, as Rasa reads a domain."""

from __future__ import annotations

from pathlib import Path

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.slots import InvalidSlotConfigError

from convai_rasa.capture import SpokenSlot

pytestmark = pytest.mark.rasa

DOMAIN = """
version: "3.1"
intents: [give]
slots:
  phone:
    type: convai_rasa.capture.SpokenSlot
    spoken: {kind}
    influence_conversation: false
    mappings: [{{type: from_text, conditions: [{{active_loop: contact_form, requested_slot: phone}}]}}]
forms:
  contact_form: {{required_slots: [phone]}}
"""


def test_rasa_takes_the_key_and_keeps_it(tmp_path: Path) -> None:
    domain = Domain.from_yaml(DOMAIN.format(kind="phone"))
    slot = next(slot for slot in domain.slots if slot.name == "phone")
    assert isinstance(slot, SpokenSlot)
    assert (slot.spoken, slot.has_features()) == ("phone", False)
    domain.persist(tmp_path / "domain.yml")  # as it goes into a trained model
    assert Domain.load(tmp_path / "domain.yml").as_dict()["slots"]["phone"]["spoken"] == "phone"


def test_an_unknown_kind_is_refused_in_a_sentence() -> None:
    with pytest.raises(
        InvalidSlotConfigError, match=r"'phone' has the unknown kind 'spoken: fone' \(did you mean 'phone'"
    ):
        Domain.from_yaml(DOMAIN.format(kind="fone"))

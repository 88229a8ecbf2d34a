"""A slot whose value people spell or say digit by digit: a name, an e-mail address, a telephone number.

In ``domain.yml``, where Rasa's own slot types know no other keys than theirs::

    slots:
      phone:
        type: convai_rasa.capture.SpokenSlot
        spoken: phone
        influence_conversation: false
        mappings: [{type: from_text, conditions: [{active_loop: contact_form, requested_slot: phone}]}]
"""

from __future__ import annotations

from typing import Any, Dict, List

from rasa.shared.core.slots import InvalidSlotConfigError, TextSlot

from convai_rasa.capture.said_value import check_kind
from convai_rasa.errors import ConfigurationError


class SpokenSlot(TextSlot):
    """A text slot that names the kind of its value.

    Attributes:
        spoken: one of ``convai_rasa.capture.KINDS``.
    """

    type_name = "convai_rasa.capture.SpokenSlot"

    def __init__(self, name: str, mappings: List[Dict[str, Any]], spoken: str = "", **usual: Any) -> None:
        """Create a slot; the other arguments are those of every slot.

        Raises:
            InvalidSlotConfigError: there is no such kind.
        """
        super().__init__(name, mappings, **usual)
        try:
            self.spoken = check_kind(spoken, slot=name)
        except ConfigurationError as error:
            raise InvalidSlotConfigError(str(error)) from error

"""What a bot says in the same words each time."""

from __future__ import annotations

import re
from typing import Any, Dict, List, Mapping, Optional, Sequence

from convai_rasa.tts import with_buttons

_SLOT = re.compile(r"{[^\n{}]+?}")  # as Rasa's own interpolator finds them


def fixed_texts(
    responses: Mapping[str, Sequence[Mapping[str, Any]]],
    *,
    channel: str = "voice",
    say_buttons: bool = True,
    language: Optional[str] = None,
) -> List[str]:
    """Return the texts of a domain's responses that hold no slot, each once and as the voice will be given it.

    Variants that are for this ``channel`` alone come first. The language is the bot's, ISO 639-1; None for English.
    """
    mine: Dict[str, None] = {}
    common: Dict[str, None] = {}
    for variants in responses.values():
        for variant in _sayable(variants, channel):
            buttons = variant.get("buttons") or []
            titles = [str(button.get("title", "")) for button in buttons] if say_buttons else []
            text = with_buttons(str(variant.get("text") or "").strip(), titles, language)
            if text and not _SLOT.search(text):
                (mine if variant.get("channel") else common)[text] = None
    return list({**mine, **common})


def _sayable(variants: Sequence[Mapping[str, Any]], channel: str) -> List[Mapping[str, Any]]:
    """Return the variants that Rasa may choose; which of those with a condition, only a conversation can tell."""
    own = [variant for variant in variants if variant.get("channel") == channel]
    common = [variant for variant in variants if variant.get("channel") is None]
    # The channel's own always win, unless all of them are conditional.
    return own if any(not variant.get("condition") for variant in own) else [*own, *common]

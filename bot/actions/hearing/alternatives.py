"""A second choice beside the first: "at eight, or if not at nine", "if Friday's gone we'd come on the Saturday".

The first is tried, and others are proposed anyway where there is no room.
"""

from __future__ import annotations

import re

from phrases import Phrases

from ..house.restaurant import WEEKDAYS

SAID = Phrases(__file__, weekdays="|".join(WEEKDAYS))


def without_alternatives(text: str) -> str:
    """Blank out with "#" what is wanted only where the first choice cannot be had."""
    text = SAID.or_at.sub(_blank, text)

    def second(match: re.Match[str]) -> str:
        first, offered = SAID.named.search(text[: match.start()]), SAID.offers.search(match[0])
        return _blank(match) if first and offered else match[0]

    return SAID.conditional.sub(second, text)


def _blank(match: re.Match[str]) -> str:
    return "#" * len(match[0])

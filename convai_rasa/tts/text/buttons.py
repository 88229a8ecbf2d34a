"""Buttons for somebody who sees no screen."""

from __future__ import annotations

from typing import Optional, Sequence

from convai_rasa.languages import lexicon_of


def with_buttons(text: str, titles: Sequence[str], language: Optional[str] = None) -> str:
    """Return a text with the titles of its buttons: "You can say: a, b or c."

    Args:
        text: what is said before; may be empty.
        titles: of the buttons; a title without a letter or digit is left out, as nobody could say it.
        language: ISO 639-1 code, None for English; in one that has no words here, the titles alone are listed.
    """
    sayable = [title.strip() for title in titles if any(character.isalnum() for character in title)]
    if not sayable:
        return text
    lexicon = lexicon_of(language)
    before, conjunction = lexicon.you_can_say, lexicon.or_else
    *most, last = sayable
    listed = f"{', '.join(most)} {conjunction} {last}" if most and conjunction else ", ".join(sayable)
    offer = f"{before}: {listed}" if before else listed
    text = text.strip()
    if text and text[-1].isalnum():
        text += "."
    return f"{text}\n{offer}{'' if offer[-1] in '.!?' else '.'}".strip()

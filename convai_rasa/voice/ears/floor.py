"""Who has the floor when a person speaks while the bot does."""

from __future__ import annotations

import difflib
from typing import Optional

from convai_rasa.languages import lexicon_of, words_of
from convai_rasa.voice.mouth import Cut, Speaker
from convai_rasa.voice.options import InterruptionOptions

_MOST_WORDS = 4
_ECHO_WORDS = 3
_ECHO_SHARE = 0.75


def words_in(text: str, language: Optional[str] = None) -> int:
    """Return how many words of its own a text has: sounds and words that only show attention do not count."""
    return len(words_of(text)) if not is_back_channel(text, language) else 0


def is_back_channel(text: str, language: Optional[str] = None) -> bool:
    """Whether a text in some language, None for English, only shows that the person listens: "ok", "right, I see"."""
    lexicon = lexicon_of(language)
    rest, phrases = lexicon.back_channel_phrases.subn(" ", text.replace("’", "'").lower())
    words = words_of(rest)
    return 0 < len(words) + phrases <= _MOST_WORDS and all(word in lexicon.back_channels for word in words)


class Floor:
    """Decides for one caller whether what they say stops the bot."""

    def __init__(self, speaker: Speaker, options: InterruptionOptions) -> None:
        self._speaker = speaker
        self._options = options

    async def person_speaks(self) -> None:
        """Somebody has begun to speak: the bot stops, unless that takes words and it is heard at the moment."""
        if not self._options.min_words or self._speaker.playback.audible is None:
            await self._hold()

    async def person_said(self, text: str, language: Optional[str]) -> None:
        """So much has been recognized, in some language, and more may come."""
        if words_in(text, language) >= self._options.min_words > 0:
            await self._hold()

    def is_false_alarm(self, text: str, language: Optional[str]) -> bool:
        """Whether spoken words are no reason for the bot to stop.

        There are none, or only a "mhm" that answers no question, or they are the bot's own, come back as an echo.
        """
        if not text:
            return True
        cuts = self._speaker.cuts
        listens = bool(cuts) and is_back_channel(text, language) and not any(map(_was_asked, cuts))
        return listens or any(_repeats(text, cut) for cut in cuts)

    def too_few_words(self, text: str, language: Optional[str]) -> bool:
        """Whether the bot is speaking and these words are not enough to stop it."""
        over_the_bot = self._speaker.playback.audible is not None and not self._speaker.cuts
        return over_the_bot and 0 < self._options.min_words > words_in(text, language)

    async def go_on(self) -> None:
        """The bot keeps the floor."""
        if self._options.resume:
            await self._speaker.resume()
        else:
            await self._speaker.yield_floor()

    async def _hold(self) -> None:
        if self._options.enabled:
            await self._speaker.hold()


def _repeats(text: str, cut: Cut) -> bool:
    """Whether several words are what the bot was saying, but for some misheard ones."""
    words = words_of(text)
    if len(words) < _ECHO_WORDS:
        return False
    said = words_of(f"{cut.heard} {cut.unheard}")
    matcher = difflib.SequenceMatcher(None, said, words, autojunk=False)
    same = matcher.find_longest_match(0, len(said), 0, len(words)).size
    return same >= _ECHO_SHARE * len(words)


def _was_asked(cut: Cut) -> bool:
    """Whether a reply that was stopped had asked its question: all of it but perhaps the last word was heard."""
    return cut.heard != "" and len(cut.unheard.split()) <= 1 and f"{cut.heard} {cut.unheard}".rstrip().endswith("?")

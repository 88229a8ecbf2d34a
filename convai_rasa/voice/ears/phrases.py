"""The bot's own sentences, carried in the trained model archive."""

from __future__ import annotations

import asyncio
import json
import logging
import tarfile
from pathlib import Path, PurePosixPath
from typing import Any, Dict, List, Optional

from convai_rasa.asr import choose_phrases
from convai_rasa.voice.ears.phrase_ends import PhraseEnds
from convai_rasa.voice.languages import base_language
from convai_rasa.voice.suggestions import beginnings_of, choose_suggestions

logger = logging.getLogger(__name__)

PHRASES_FILE = "phrases.json"  # what DistilBertIntentClassifier and Vocabulary write
EXAMPLES_FILE = "intent_examples.json"  # the same
RULES_FILE = "rule_policy.json"  # what Rasa's policies write
STORIES_FILE = "memorized_turns.json"
SENTENCES_FILE = "sentences.json"  # what Vocabulary writes, which can judge readings
_NO_VOCABULARY = (
    "%s has no vocabulary, so speech is heard without the bot's values, and by one reading only; "
    "put '- name: convai_rasa.nlu.Vocabulary' below what finds entities in config.yml, and train."
)


class BotPhrases:
    """What the training sentences of whichever model is loaded teach about speech; only its archive is needed."""

    def __init__(self) -> None:
        self.chosen: List[str] = []  # the sentences that show most of the bot's vocabulary
        self.ends = PhraseEnds()
        self.suggestions: List[str] = []  # what a stranger may ask
        self._archive: Optional[Path] = None

    async def follow(self, archive: Optional[Path], language: Optional[str] = None) -> None:
        """Read the sentences, which are in some language, again if another model was loaded."""
        if archive is None or archive == self._archive:
            return
        self._archive = archive
        await asyncio.to_thread(self._learn, archive, language)

    def _learn(self, archive: Path, language: Optional[str]) -> None:
        files = _read(archive, PHRASES_FILE, EXAMPLES_FILE, RULES_FILE, STORIES_FILE, SENTENCES_FILE)
        phrases = _phrases_in(files)
        if SENTENCES_FILE not in files:
            logger.info(_NO_VOCABULARY, archive.name)
        words = files.get(SENTENCES_FILE, {}).get("words", ())
        self.chosen, self.ends = choose_phrases(phrases), PhraseEnds(phrases, words)
        lookups = [files.get(name, {}).get("lookup", {}) for name in (RULES_FILE, STORIES_FILE)]
        beginnings = beginnings_of(lookups[0].get("rules", {}), lookups[1])
        self.suggestions = choose_suggestions(files.get(EXAMPLES_FILE, {}), beginnings, base_language(language))


def read_phrases(archive: Path) -> List[str]:
    """Read the training sentences from a trained Rasa model, the ``.tar.gz``; none if no component stores them."""
    return _phrases_in(_read(archive, PHRASES_FILE))


def _read(archive: Path, *names: str) -> Dict[str, Any]:
    """Return the files of these names that a model's components have stored; of several, the first."""
    found: Dict[str, Any] = {}
    with tarfile.open(archive, "r:gz") as tar:
        for member in tar:
            path = PurePosixPath(member.name)
            if path.name in names and path.name not in found and "components" in path.parts:
                file = tar.extractfile(member)
                if file is not None:
                    found[path.name] = json.load(file)
    return found


def _phrases_in(files: Dict[str, Any]) -> List[str]:
    return [str(phrase) for phrase in files.get(PHRASES_FILE, ())]

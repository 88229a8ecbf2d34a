"""The bot's own sentences, carried in the trained model archive."""

from __future__ import annotations

import asyncio
import json
import logging
import tarfile
from pathlib import Path, PurePosixPath
from typing import List, Optional, Tuple

from convai_rasa.asr import choose_phrases
from convai_rasa.voice.phrase_ends import PhraseEnds

logger = logging.getLogger(__name__)

PHRASES_FILE = "phrases.json"  # what DistilBertIntentClassifier writes beside its weights


class BotPhrases:
    """What the training sentences of whichever model is loaded teach about speech.

    Attributes:
        chosen: the sentences that show most of the bot's vocabulary.
        ends: how its sentences end.
    """

    def __init__(self) -> None:
        self.chosen: List[str] = []
        self.ends = PhraseEnds()
        self._archive: Optional[Path] = None

    async def follow(self, archive: Optional[Path]) -> None:
        """Read the sentences again if another model was loaded."""
        if archive is None or archive == self._archive:
            return
        self._archive = archive
        loop = asyncio.get_running_loop()
        self.chosen, self.ends = await loop.run_in_executor(None, _learn, archive)


def _learn(archive: Path) -> Tuple[List[str], PhraseEnds]:
    phrases = read_phrases(archive)
    return choose_phrases(phrases), PhraseEnds(phrases)


def read_phrases(archive: Path) -> List[str]:
    """Read the training sentences from a trained Rasa model.

    Only the archive is needed, so the recogniser knows the bot also where nothing else was deployed.

    Args:
        archive: the ``.tar.gz`` that ``rasa train`` wrote.

    Returns:
        The sentences in the order they were stored; empty when no component of the pipeline stores them.
    """
    with tarfile.open(archive, "r:gz") as tar:
        for member in tar:
            path = PurePosixPath(member.name)
            if path.name == PHRASES_FILE and "components" in path.parts:
                file = tar.extractfile(member)
                if file is not None:
                    return [str(phrase) for phrase in json.load(file)]
    logger.info(
        "%s holds no training sentences, so speech is recognised without them; "
        "convai_rasa.nlu.DistilBertIntentClassifier stores them.",
        archive.name,
    )
    return []

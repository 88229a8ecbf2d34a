"""Take a trained intent classifier out of a model archive that ``rasa train`` wrote."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

from convai_rasa.errors import ModelCorrupt
from convai_rasa.nlu.intents.model import SETTINGS_FILE
from convai_rasa.store.publishing import unpack_component


def extract_classifier(archive: Path) -> Path:
    """Unpack the one intent classifier of an archive into a new temporary folder, which the caller removes.

    Raises:
        ModelCorrupt: the file is not such an archive, holds no classifier of this package or several, or names
            files outside itself.
    """

    def only_classifier(files: Sequence[PurePosixPath]) -> PurePosixPath:
        homes = [path.parent for path in files if path.name == SETTINGS_FILE]
        if len(homes) != 1:
            raise ModelCorrupt(
                f"{archive} contains {len(homes)} trained DistilBertIntentClassifiers, but exactly one is needed "
                "to continue from; give another archive, or the folder of a saved classifier."
            )
        return homes[0]

    folder = Path(tempfile.mkdtemp(prefix="convai-archive-"))
    try:
        unpack_component(archive, folder, only_classifier)
    except BaseException:
        shutil.rmtree(folder)
        raise
    return folder

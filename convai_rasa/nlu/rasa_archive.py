"""Take a trained intent classifier out of a model archive that ``rasa train`` wrote."""

from __future__ import annotations

import shutil
import tarfile
import tempfile
from pathlib import Path, PurePosixPath

from convai_rasa.errors import ModelCorrupt
from convai_rasa.nlu.intent_model import SETTINGS_FILE


def extract_classifier(archive: Path) -> Path:
    """Unpack the one intent classifier of an archive into a new temporary folder, which the caller removes.

    Raises:
        ModelCorrupt: the file is not such an archive, holds no classifier of this package or several, or names
            files outside itself.
    """
    folder = Path(tempfile.mkdtemp(prefix="convai-archive-"))
    try:
        with tarfile.open(archive, "r:gz") as tar:
            _unpack(tar, archive, folder)
    except (tarfile.TarError, OSError, EOFError) as error:
        shutil.rmtree(folder)
        raise ModelCorrupt(f"{archive} is not an archive that rasa train wrote ({error}).") from error
    except BaseException:
        shutil.rmtree(folder)
        raise
    return folder


def _unpack(tar: tarfile.TarFile, archive: Path, folder: Path) -> None:
    members = {_inside(member, archive): member for member in tar.getmembers()}
    homes = [path.parent for path in members if path.name == SETTINGS_FILE]
    if len(homes) != 1:
        raise ModelCorrupt(
            f"{archive} holds {len(homes)} trained DistilBertIntentClassifiers, and one is needed to go on from; "
            "give another archive, or the folder of a saved classifier."
        )
    for path, member in members.items():
        if homes[0] not in path.parents or member.isdir():
            continue
        content = tar.extractfile(member) if member.isfile() else None
        if content is None:
            raise ModelCorrupt(f"{archive} holds {member.name}, which is not a plain file; do not use this archive.")
        target = folder / path.relative_to(homes[0])
        target.parent.mkdir(parents=True, exist_ok=True)
        with content, target.open("wb") as file:
            shutil.copyfileobj(content, file)


def _inside(member: tarfile.TarInfo, archive: Path) -> PurePosixPath:
    path = PurePosixPath(member.name)
    if path.is_absolute() or ".." in path.parts:
        raise ModelCorrupt(f"{archive} names {member.name}, a file outside itself; do not use this archive.")
    return path

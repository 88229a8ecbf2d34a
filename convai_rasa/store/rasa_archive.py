"""Take one component's files out of a model archive that ``rasa train`` wrote."""

from __future__ import annotations

import shutil
import tarfile
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath

from convai_rasa.errors import ModelCorrupt


def unpack_component(
    archive: Path, into: Path, choose: Callable[[Sequence[PurePosixPath]], PurePosixPath]
) -> PurePosixPath:
    """Unpack one folder of an archive.

    Args:
        archive: a ``.tar.gz``.
        into: an existing folder, which gets what the chosen one holds; a failure may leave a part of it there.
        choose: is given the paths of all files in the archive and returns the folder to take, or raises.

    Returns:
        The folder that was chosen.

    Raises:
        ModelCorrupt: the file is no such archive, names files outside itself, or the folder holds links and the like.
    """
    try:
        with tarfile.open(archive, "r:gz") as tar:
            members = {_inside(member, archive): member for member in tar.getmembers()}
            home = choose([path for path, member in members.items() if not member.isdir()])
            for path, member in members.items():
                if home in path.parents and not member.isdir():
                    _unpack(tar, member, into / path.relative_to(home), archive)
    except (tarfile.TarError, OSError, EOFError) as error:
        raise ModelCorrupt(f"{archive} is not an archive that rasa train wrote ({error}).") from error
    return home


def _unpack(tar: tarfile.TarFile, member: tarfile.TarInfo, target: Path, archive: Path) -> None:
    content = tar.extractfile(member) if member.isfile() else None
    if content is None:
        raise ModelCorrupt(f"{archive} contains {member.name}, which is not a plain file; do not use this archive.")
    target.parent.mkdir(parents=True, exist_ok=True)
    with content, target.open("wb") as file:
        shutil.copyfileobj(content, file)


def _inside(member: tarfile.TarInfo, archive: Path) -> PurePosixPath:
    path = PurePosixPath(member.name)
    if path.is_absolute() or ".." in path.parts:
        raise ModelCorrupt(f"{archive} names {member.name}, a file outside itself; do not use this archive.")
    return path

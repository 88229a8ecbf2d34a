"""Take one component's files out of a model archive that ``rasa train`` wrote."""

from __future__ import annotations

import shutil
import tarfile
from collections.abc import Callable, Sequence
from pathlib import Path, PurePosixPath

from convai_rasa.errors import ConfigurationError, ModelCorrupt
from convai_rasa.store.formats import FORMATS
from convai_rasa.store.names import Name

TRAINED = {row.has: row.component for row in FORMATS.values() if row.component}  # by the file that tells it


def unpack_component(
    archive: Path, into: Path, choose: Callable[[Sequence[PurePosixPath]], PurePosixPath]
) -> PurePosixPath:
    """Unpack one folder of a ``.tar.gz`` into an existing one; a failure may leave a part of it there.

    ``choose`` is given the paths of all files in the archive and returns the folder to take, or raises.

    Raises:
        ModelCorrupt: the file is no such archive, names files outside itself, or the folder holds links and the like.
    """
    try:
        with tarfile.open(archive, "r:gz") as tar:
            members = {PurePosixPath(member.name): member for member in tar.getmembers()}
            for path in members:
                if path.is_absolute() or ".." in path.parts:
                    raise ModelCorrupt(f"{archive} names {path}, a file outside itself; do not use this archive.")
            files = [path for path, member in members.items() if not member.isdir()]
            home = choose(files)
            for path in files:
                if home in path.parents:
                    member, target = members[path], into / path.relative_to(home)
                    content = tar.extractfile(member) if member.isfile() else None
                    if content is None:
                        what = f"{archive} contains {path}, which is not a plain file"
                        raise ModelCorrupt(f"{what}; do not use this archive.")
                    target.parent.mkdir(parents=True, exist_ok=True)
                    with content, target.open("wb") as file:
                        shutil.copyfileobj(content, file)
    except (tarfile.TarError, OSError, EOFError) as error:
        raise ModelCorrupt(f"{archive} is not an archive that rasa train wrote ({error}).") from error
    return home


def unpack_trained(archive: Path, into: Path, name: Name, component: str | None = None) -> PurePosixPath:
    """Unpack the component of a bot's archive that is meant, as ``unpack_component`` does.

    Where there are several, ``component`` tells which: one of ``TRAINED``, or its folder in the archive; without it the
    name of the model does.

    Raises:
        ConfigurationError: there are several, and nothing says which.
        ModelCorrupt: there is none; or as ``unpack_component``.
    """

    def choose(files: Sequence[PurePosixPath]) -> PurePosixPath:
        homes = {path.parent: TRAINED[path.name] for path in files if path.name in TRAINED}
        wanted = component or (name.model if len(homes) > 1 else None)
        fitting = [home for home, kind in homes.items() if wanted in (None, kind, home.name)]
        if not homes:
            what = f"{archive} contains no trained component of this package"
            raise ModelCorrupt(f"{what}; publish the archive of a bot that has one.")
        if len(fitting) != 1:
            there = ", ".join(f"{home.name} ({kind})" for home, kind in homes.items())
            raise ConfigurationError(f"{archive} contains {there}; say which to publish with --component.")
        return fitting[0]

    return unpack_component(archive, into, choose)

"""What of the checkout a build gets to see, by .dockerignore."""

from __future__ import annotations

import shutil
from pathlib import Path

import pathspec

ROOT = Path(__file__).parents[2]


def context_files() -> list[str]:
    """Return what of the checkout a build gets to see."""
    lines = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    patterns = [line for line in lines if line and not line.startswith("#")]
    anchored = ["!/" + line[1:] if line.startswith("!") else "/" + line for line in patterns]
    ignored = pathspec.PathSpec.from_lines("gitwildmatch", anchored)
    top = [path for path in ROOT.iterdir() if not ignored.match_file(path.name)]
    files = [path for start in top for path in ([start] if start.is_file() else start.rglob("*")) if path.is_file()]
    names = [path.relative_to(ROOT).as_posix() for path in files]
    return sorted(name for name in names if not ignored.match_file(name))


def copy(words: list[str], layer: Path, cwd: str) -> None:
    """Carry out a COPY from the context into a layer."""
    *sources, target = words
    into = layer / Path(cwd, target).as_posix().lstrip("/")
    for source in sources:
        copied = [name for name in context_files() if name == source or name.startswith(f"{source}/")]
        assert copied, f"{source} is not in the build's context"
        for name in copied:
            place = into / (Path(name).relative_to(source) if name != source else Path(name).name)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, place)

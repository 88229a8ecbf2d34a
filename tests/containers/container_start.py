"""Becomes a container: puts its root folder together from layers, mounts what belongs there and starts the command.

Run by container_engine.py as root in new namespaces, as ``container_start.py SPEC``, the path of a JSON file. Uses the
standard library alone.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any


def main() -> None:
    """Become the container's first process."""
    spec = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    root = Path(spec["root"])
    overlay(root, spec["layers"], spec["scratch"])
    for target, tree in spec["trees"].items():  # folders too large to be copied into a layer
        overlay(inside(root, target), tree["layers"], tree["scratch"])
    for target, source in spec["read_only"].items():
        bind(source, inside(root, target), "ro")
    mount("--rbind", "/dev", inside(root, "/dev"))
    mount("--rbind", "/sys", inside(root, "/sys"))
    mount("-t", "proc", "proc", inside(root, "/proc"))
    for target, options in spec["tmpfs"].items():
        mount("-t", "tmpfs", "-o", options or "rw", "tmpfs", inside(root, target))
    for volume in spec["volumes"]:
        target = inside(root, volume["target"])
        take_over(Path(volume["source"]), target)
        bind(volume["source"], target, "ro" if volume["read_only"] else "rw")
    if spec["hosts"]:
        lines = [f"127.0.0.1 {name}\n" for name in ("localhost", *spec["hosts"])]
        Path(root, "etc/hosts").write_text("".join(lines), encoding="utf-8")
    if spec["root_read_only"]:
        mount("-o", "remount,bind,ro", root)
        for target in spec["trees"]:
            mount("-o", "remount,bind,ro", inside(root, target))
    os.chroot(root)
    os.makedirs(spec["cwd"], exist_ok=True)
    os.chdir(spec["cwd"])
    os.umask(0o022)
    command = [*spec["command_prefix"], *spec["command"]]
    os.write(spec["started"], b".")
    os.execvpe(command[0], command, spec["environment"])


def overlay(target: Path, layers: list[str], scratch: str) -> None:
    """Show layers, lowest first, as one folder; what is written goes into the scratch folder."""
    for name in ("upper", "work"):
        Path(scratch, name).mkdir(parents=True, exist_ok=True)
    lower = ":".join(reversed(layers))
    mount("-t", "overlay", "-o", f"lowerdir={lower},upperdir={scratch}/upper,workdir={scratch}/work", "overlay", target)


def bind(source: str, target: Path, mode: str) -> None:
    """Show a folder or a file at another place."""
    mount("--bind", source, target)
    if mode == "ro":
        mount("-o", "remount,bind,ro", target)


def take_over(volume: Path, target: Path) -> None:
    """Give an empty volume the contents and the owner of the image's folder, as container engines do."""
    if volume.is_dir() and not any(volume.iterdir()) and volume.stat().st_uid == 0:
        shutil.copytree(target, volume, dirs_exist_ok=True)
        owner = target.stat()
        os.chown(volume, owner.st_uid, owner.st_gid)
        volume.chmod(owner.st_mode & 0o7777)


def inside(root: Path, target: str) -> Path:
    """Return a folder in the container by its absolute path, made if it is missing; links stay in the container."""
    path = root
    for part in Path(target).parts[1:]:
        path = path / part
        if path.is_symlink():
            link = os.readlink(path)
            path = inside(root, str(Path("/", path.relative_to(root)).parent / link))
    path.mkdir(parents=True, exist_ok=True)
    return path


def mount(*words: Any) -> None:
    """Run mount."""
    subprocess.run(["mount", *map(str, words)], check=True)


if __name__ == "__main__":
    main()

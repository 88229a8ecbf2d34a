"""The files of a Rasa project, found, read and written with sentences for errors."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator, Optional, Sequence

from convai_rasa.errors import ConfigurationError


@dataclass(frozen=True)
class Project:
    """Where the parts of a Rasa project are.

    Attributes:
        folder: the one Rasa's commands are run in.
        config: pipeline and policies.
        credentials: channels; the file need not exist.
        data: files and folders with training data; need not exist.
        domain: a file or a folder; need not exist.
    """

    folder: Path
    config: Path
    credentials: Path
    data: tuple[Path, ...]
    domain: Path

    @classmethod
    def at(
        cls,
        folder: Path,
        *,
        config: Optional[Path] = None,
        credentials: Optional[Path] = None,
        data: Optional[Sequence[Path]] = None,
        domain: Optional[Path] = None,
    ) -> Project:
        """Name the files; a path that is given is relative to the working directory, as in Rasa's own commands.

        Raises:
            ConfigurationError: the folder is not there, or has no config.yml and none was given, or data or a domain
                that were given are not there.
        """
        folder = folder.expanduser().absolute()
        if not folder.is_dir():
            raise ConfigurationError(f"There is no folder {folder}.")
        found = (config or folder / "config.yml").expanduser().absolute()
        if not found.is_file():
            raise ConfigurationError(
                f"{found} is missing: there is no such file."
                if config
                else f"{folder} is not a Rasa project: it has no config.yml; go to the project's folder, or give the "
                "config file with --config if it is elsewhere."
            )
        for option, path in [*(("--data", path) for path in data or []), *([("--domain", domain)] if domain else [])]:
            if not path.expanduser().exists():
                raise ConfigurationError(f"There is no {path}; correct {option}.")
        usual = folder / "domain.yml"
        return cls(
            folder,
            found,
            (credentials or folder / "credentials.yml").expanduser().absolute(),
            tuple(path.expanduser().absolute() for path in data or [folder / "data"]),
            (domain or (usual if usual.exists() else folder / "domain")).expanduser().absolute(),
        )

    def data_files(self, suffixes: Sequence[str] = (".yml", ".yaml", ".json")) -> list[Path]:
        """Return the files of the training data with some suffixes, by default those that Rasa reads."""
        files: list[Path] = []
        for path in self.data:
            files += [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())
        return [file for file in files if file.suffix in suffixes]


@dataclass(frozen=True)
class DataTraits:
    """What the training data asks of a pipeline; None where no data was found.

    Attributes:
        entities: whether examples are annotated with entities.
        retrieval_intents: whether intents such as ``faq/ask_hours`` need a ResponseSelector.
        end_to_end: whether stories hold texts in the place of intents and actions.
    """

    entities: Optional[bool]
    retrieval_intents: Optional[bool]
    end_to_end: Optional[bool] = None


def read_text(path: Path) -> str:
    """Read a UTF-8 file with its line ends as they are.

    Raises:
        ConfigurationError: it cannot be read.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return file.read()
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path} is not UTF-8 text; save it as UTF-8.") from error
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}.") from error


@dataclass(frozen=True)
class Change:
    """A file's text before and after; None where there is no such file."""

    path: Path
    before: Optional[str]
    after: Optional[str]


def write_all(changes: Sequence[Change]) -> None:
    """Write every file or none.

    Raises:
        ConfigurationError: a file is read-only, cannot be written, or was changed by somebody else meanwhile.
    """
    targets = {change: change.path.resolve() for change in changes}  # through a link, not over it
    for change, target in targets.items():
        _check_writable(change, target)
    written: dict[Change, Path] = {}
    done: list[Change] = []
    try:
        for change, target in targets.items():
            if change.after is not None:
                written[change] = _write_beside(target, change.after)
        for change, target in targets.items():
            if change.after is None:
                target.unlink()
            else:
                os.replace(written[change], target)
            done.append(change)
    except OSError as error:
        for change in done:
            _restore(change, targets[change])
        raise ConfigurationError(
            f"Nothing was changed: {error.filename} cannot be written: {error.strerror}."
        ) from error
    finally:
        for copy in written.values():
            copy.unlink(missing_ok=True)


def _check_writable(change: Change, target: Path) -> None:
    exists = target.exists()
    if exists and not (target.stat().st_mode & 0o222 and os.access(target, os.W_OK)):
        raise ConfigurationError(f"Nothing was changed: {target} is read-only; allow writing with: chmod u+w {target}")
    if (read_text(target) if exists else None) != change.before:
        raise ConfigurationError(f"Nothing was changed: {target} was edited in the meantime; run the command again.")


def _write_beside(target: Path, text: str) -> Path:
    copy = target.with_name(f".{target.name}.{secrets.token_hex(4)}")
    mode = target.stat().st_mode & 0o777 if target.exists() else 0o666  # never to be read by more than the file is
    with open(os.open(copy, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "w", encoding="utf-8", newline="") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    if target.exists():
        shutil.copymode(target, copy)
    return copy


def _restore(change: Change, target: Path) -> None:
    if change.before is None:
        target.unlink(missing_ok=True)
    else:
        os.replace(_write_beside(target, change.before), target)


@contextlib.contextmanager
def working_in(folder: Path) -> Iterator[None]:
    """Change the working directory as ``cd`` would, since that is where Rasa looks for models from."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)

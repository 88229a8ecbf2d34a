"""What is known of a published version beside its files: where it came from, how good it is, what it was trained on.

It is the file ``convai-published.json`` in the version's folder, which the manifest lists like any other.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Optional

from convai_rasa.errors import ConfigurationError, ModelCorrupt
from convai_rasa.store.files import sha256
from convai_rasa.store.manifest import PUBLISHED

# Of a classification report, as ``rasa test nlu`` and scikit-learn write it; the first that is there counts.
_MAIN = (("weighted avg", "f1-score"), ("micro avg", "f1-score"), ("accuracy",), ("macro avg", "f1-score"))


@dataclass(frozen=True)
class Provenance:
    """Of one version."""

    name: str = ""  # with its version
    published_at: str = ""  # UTC, ISO 8601, to the second
    source: str = ""  # what it was published from, in words
    metrics: Mapping[str, Any] = field(default_factory=dict)  # the contents of reports, by the names of their files
    main_metric: Optional[tuple[str, float]] = None  # the name and value of the one figure to compare versions by
    data_sha256: Optional[str] = None  # of the training data; None if they were not given
    data_files: Mapping[str, str] = field(default_factory=dict)  # SHA-256 of each of them, by the path it was given by

    @classmethod
    def gather(cls, reports: Sequence[Path], data: Sequence[Path]) -> Provenance:
        """Return what is known of a version that is published now, but for its name and source.

        Raises ConfigurationError as ``read_metrics`` and ``hash_data`` do.
        """
        now = datetime.now(timezone.utc).replace(microsecond=0).isoformat()
        metrics = read_metrics(reports)
        return cls("", now, "", metrics, main_metric(metrics), *hash_data(data))

    def write(self, folder: Path) -> None:
        """Write it into the folder of the version."""
        text = json.dumps(asdict(self), indent=1, ensure_ascii=False)
        (folder / PUBLISHED).write_text(text + "\n", encoding="utf-8")


def read_provenance(folder: Path) -> Provenance | None:
    """Read what ``write`` wrote; None in a folder that was not published, ModelCorrupt if the file is damaged."""
    path = folder / PUBLISHED
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        main = content.pop("main_metric")
        return Provenance(main_metric=(str(main[0]), float(main[1])) if main else None, **content)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise ModelCorrupt(f"{path} cannot be read ({error}); publish the model again.") from error


def read_metrics(paths: Sequence[Path]) -> dict[str, Any]:
    """Read reports, such as ``results/intent_report.json`` of ``rasa test nlu``.

    Raises ConfigurationError if a file is missing or not a JSON object, or two have the same name.
    """
    metrics: dict[str, Any] = {}
    for path in paths:
        if path.name in metrics:
            raise ConfigurationError(f"Two reports are called {path.name}; rename one of them.")
        try:
            metrics[path.name] = json.loads(path.read_text(encoding="utf-8"))
        except OSError as error:
            raise ConfigurationError(f"{path} cannot be read: {error.strerror}.") from error
        except ValueError as error:
            what = f"{path} is not JSON ({error})"
            raise ConfigurationError(f"{what}; give a report such as intent_report.json.") from error
        if not isinstance(metrics[path.name], dict):
            raise ConfigurationError(f"{path} contains no figures by name; give a report such as intent_report.json.")
    return metrics


def main_metric(metrics: Mapping[str, Any]) -> tuple[str, float] | None:
    """Choose the figure to compare versions by: of the first report the weighted F1, else another mean or number."""
    for file, report in metrics.items():
        for path in (*_MAIN, *((key,) for key in report)):
            value: Any = report
            for key in path:
                value = value.get(key) if isinstance(value, Mapping) else None
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                return f"{Path(file).stem} {' '.join(path)}", float(value)
    return None


def hash_data(paths: Sequence[Path]) -> tuple[str | None, dict[str, str]]:
    """Return the SHA-256 of training data, None if there are none, and that of each of their files.

    Of folders all files count. The hash of the whole is over the lines ``sha256  path\\n`` in the order of the paths, a
    path being the name of what was given and the rest within it; so it does not depend on where the data lie.

    Raises:
        ConfigurationError: nothing is there, or two paths end in the same name.
    """
    hashes: dict[str, str] = {}
    for given in paths:
        path = given.absolute()
        files = [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())
        if not files:
            raise ConfigurationError(f"There is no training data in {given}.")
        for file in files:
            name = file.relative_to(path.parent).as_posix()
            if name in hashes:
                what = f"Two files or folders of training data are called {name}"
                raise ConfigurationError(f"{what}; put them into one folder.")
            hashes[name] = sha256(file)
    lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(hashes.items()))
    return hashlib.sha256(lines.encode()).hexdigest() if hashes else None, hashes

"""Reads a user's labeled texts: the file that ``train_from`` names, as JSON lines or CSV.

Each row has a ``text`` and either a ``label`` (negative, neutral, positive) or a ``score``, a mean human rating from
-4 to 4.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any, Iterator, Mapping, Union

from convai_rasa.errors import ConfigurationError
from convai_rasa.nlu.sentiment.halves import LABELS, Label
from convai_rasa.store import sha256

NEUTRAL_BAND = 0.5  # of a rating; nearer to zero than this counts as neutral
HIGHEST_RATING = 4.0
_COLUMNS = "'text' and 'label' or 'score'"

Row = Mapping[Any, Any]
Examples = tuple[list[str], list[Label]]


def label_of(rating: Union[str, float]) -> Label:
    """Return the label that a rating stands for: a label in any case, or a number from -4 to 4.

    Raises:
        ConfigurationError: it is neither.
    """
    if isinstance(rating, str):
        for label in LABELS:
            if rating.strip().lower() == label:
                return label
        raise ConfigurationError(f"'{rating}' is not a sentiment; use one of {', '.join(LABELS)}.")
    if not -HIGHEST_RATING <= rating <= HIGHEST_RATING:  # nor is it when the rating is not a number
        raise ConfigurationError(f"The score {rating} is not between {-HIGHEST_RATING:g} and {HIGHEST_RATING:g}.")
    return "positive" if rating > NEUTRAL_BAND else "negative" if rating < -NEUTRAL_BAND else "neutral"


def read_examples(path: Path, *, every_label: bool = True) -> Examples:
    """Return the texts of a ``.jsonl`` or ``.csv`` file and the label of each.

    A file in which one of the labels has no example is refused with ``every_label``: no head can be fitted on it.

    Raises:
        ConfigurationError: the file is missing or of another kind, or a line is not as it should be; the message names
            file and line.
    """
    rows = {".jsonl": _json_rows, ".csv": _csv_rows}.get(path.suffix.lower())
    if rows is None:
        raise ConfigurationError(f"{path} is neither .jsonl nor .csv; save the examples as one of these.")
    texts, labels = [], []
    try:
        for number, row in rows(path):
            try:
                text, label = _example(row)
            except ConfigurationError as error:
                raise ConfigurationError(f"{path}, line {number}: {error}") from error
            texts.append(text)
            labels.append(label)
    except OSError as error:
        raise _unreadable(path, error) from error
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path} is not UTF-8 text ({error}); save it as UTF-8.") from error
    absent = [label for label in LABELS if label not in labels]
    if absent and every_label:
        raise ConfigurationError(f"{path} has no example that is {', '.join(absent)}; add some.")
    return texts, labels


def examples_hash(path: Path) -> str:
    """Return the SHA-256 of the file.

    Raises:
        ConfigurationError: the file cannot be read.
    """
    try:
        return sha256(path)
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError) -> ConfigurationError:
    return ConfigurationError(
        f"train_from: {path} cannot be read ({error.strerror}); relative paths start in the folder where rasa train is "
        "run."
    )


def _json_rows(path: Path) -> Iterator[tuple[int, Row]]:
    with path.open(encoding="utf-8-sig") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except ValueError as error:
                raise ConfigurationError(f"{path}, line {number}: not JSON ({error}).") from error
            if not isinstance(row, dict):
                raise ConfigurationError(f"{path}, line {number}: expected an object with {_COLUMNS}.")
            yield number, row


def _csv_rows(path: Path) -> Iterator[tuple[int, Row]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file, strict=True)
        columns = set(reader.fieldnames or ())
        if "text" not in columns or not columns & {"label", "score"}:
            raise ConfigurationError(f"{path}, line 1: expected column names, {_COLUMNS} among them.")
        try:
            for row in reader:
                if None in row:
                    raise ConfigurationError(
                        f"{path}, line {reader.line_num}: more values than columns; quote a text that has commas."
                    )
                yield reader.line_num, row
        except csv.Error as error:
            raise ConfigurationError(f"{path}, line {reader.line_num}: not CSV ({error}).") from error


def _example(row: Row) -> tuple[str, Label]:
    text = row.get("text")
    if not isinstance(text, str) or not text.strip():
        raise ConfigurationError("there is no text.")
    label, score = row.get("label"), row.get("score")
    if label not in (None, ""):
        return text, label_of(str(label))
    if score in (None, ""):
        raise ConfigurationError("there is neither a label nor a score.")
    try:
        return text, label_of(float(score))
    except (TypeError, ValueError) as error:
        raise ConfigurationError(f"the score {score!r} is not a number.") from error

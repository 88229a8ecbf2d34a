from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from convai_rasa.store.catalogue import Model
from convai_rasa.store.check import verify_model
from convai_rasa.store.installing import fetch_model
from convai_rasa.store.manifest import MANIFEST


@pytest.fixture
def installed(staged: Any, model: Model, tree: Path) -> Path:
    fetch_model(model, tree)
    return tree / "toy/echo"


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def test_an_untouched_model_has_no_problem_and_every_byte_was_read(installed: Path, model: Model) -> None:
    read: list[int] = []
    assert verify_model(installed, model, progress=read.append) == []
    assert sum(read) == sum(p.stat().st_size for p in installed.rglob("*") if p.is_file() and p.name != MANIFEST)


def test_each_wrong_file_is_named_with_what_is_wrong(installed: Path, model: Model) -> None:
    flip(installed / "sub/weights.bin")
    (installed / "config.json").unlink()
    (installed / "NOTICE.txt").write_text("longer" * 1000)
    problems = verify_model(installed, model)
    assert len(problems) == 3
    assert f"{installed / 'config.json'} is missing." in problems
    assert any("sub/weights.bin differs: SHA-256" in problem for problem in problems)
    assert any("NOTICE.txt differs: " in problem and "6,000 found" in problem for problem in problems)


def test_a_manifest_rewritten_to_fit_a_changed_file_does_not_hide_it(installed: Path, model: Model) -> None:
    flip(installed / "sub/weights.bin")
    manifest = json.loads((installed / MANIFEST).read_text())
    from convai_rasa.store.files import sha256

    manifest["files"]["sub/weights.bin"]["sha256"] = sha256(installed / "sub/weights.bin")
    (installed / MANIFEST).write_text(json.dumps(manifest))
    assert verify_model(installed, None) == []
    assert len(verify_model(installed, model)) == 1


def test_a_broken_manifest_is_a_problem(installed: Path, model: Model) -> None:
    (installed / MANIFEST).write_text("[]")
    assert "cannot be read" in verify_model(installed, model)[0]


def test_a_folder_of_another_program_is_compared_with_the_catalogue_alone(installed: Path, model: Model) -> None:
    (installed / MANIFEST).unlink()
    assert "nothing to compare it with" in verify_model(installed, None)[0]
    assert verify_model(installed, model) == []
    flip(installed / "sub/weights.bin")
    assert "sub/weights.bin differs" in verify_model(installed, model)[0]

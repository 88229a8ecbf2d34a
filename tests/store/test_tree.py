from __future__ import annotations

from pathlib import Path

import pytest

from convai_rasa.store.manifest import MANIFEST
from convai_rasa.store.tree import README_MARK, tree_to_fetch_into


def test_models_go_to_the_given_folder_then_the_variable(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONVAI_MODELS_DIR", "named")
    assert tree_to_fetch_into() == Path("named").absolute()
    assert tree_to_fetch_into("given") == Path("given").absolute()


@pytest.mark.parametrize("mark", ["readme", "model"])
def test_models_go_to_the_nearest_tree_and_not_to_a_bots_archives(
    tree: Path, monkeypatch: pytest.MonkeyPatch, mark: str
) -> None:
    if mark == "readme":
        (tree / "README.md").write_text(f"{README_MARK}\n# Models\n")
    else:
        (tree / "whisper/base").mkdir(parents=True)
        (tree / "whisper/base" / MANIFEST).write_text("{}")
    bot = tree.parent / "bot"
    (bot / "models").mkdir(parents=True)
    (bot / "models" / "trained.tar.gz").write_bytes(b"")
    monkeypatch.chdir(bot)
    assert tree_to_fetch_into() == tree


def test_without_a_tree_models_go_to_the_working_directory(tree: Path) -> None:
    (tree / "README.md").write_bytes(b"\xff\xfe somebody else's")
    assert tree_to_fetch_into() == tree.parent / "models"

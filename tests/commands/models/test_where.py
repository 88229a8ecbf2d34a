from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from convai_rasa import cli


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs ``convai models where`` in an empty project; returns the exit status, the output and the complaints."""
    for variable in ("CONVAI_MODELS_DIR", "WHISPER_CACHE_DIR", "HF_HOME", "HF_HUB_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    (tmp_path / "project/models").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "project")

    def run(*words: str) -> tuple[int, str, str]:
        capsys.readouterr()
        status = cli.main(["models", "where", *words])
        return status, *capsys.readouterr()

    return run


def test_each_place_has_a_line_in_the_order_of_the_search_and_the_hit_comes_last(run: Any, tmp_path: Path) -> None:
    own = tmp_path / "project/models/whisper/v1.0/base"
    own.mkdir(parents=True)
    assert cli.main(["models", "pin", "whisper/base@v1.0"]) == 0
    (tmp_path / "home/.cache/whisper").mkdir(parents=True)
    (tmp_path / "home/.cache/whisper/base.pt").write_bytes(b"")
    status, out, _ = run("whisper/base")
    lines = out.splitlines()
    assert status == 0
    assert lines[0] == f"{'the project'.ljust(35)}  {own}  hit"
    assert [line.split("  ")[0] for line in lines[1:5]] == ["Whisper's cache (WHISPER_CACHE_DIR)"] * 4
    assert lines[4].endswith(
        "base.pt  there, but not usable: it is in OpenAI's own format, but CTranslate2's is needed"
    )
    assert lines[5].startswith("Hugging Face's cache (HF_HOME)")
    assert lines[5].endswith("not there")
    assert lines[6] == f"{'the project, highest version'.ljust(35)}  {own}  also there"
    assert lines[7:] == [f"whisper/base is {own}"]


def test_json_says_the_same(run: Any, tmp_path: Path) -> None:
    own = tmp_path / "project/models/nlu/custom"
    own.mkdir(parents=True)
    status, out, _ = run("nlu/custom", "--json")
    assert status == 0
    assert json.loads(out) == {
        "name": "nlu/custom",
        "places": [{"place": "the project", "path": str(own), "state": "hit", "problem": None}],
        "path": str(own),
        "error": None,
    }


def test_what_is_nowhere_is_an_error_after_the_places(run: Any, tmp_path: Path) -> None:
    status, out, err = run("whisper/base")
    assert status == 1
    assert len(out.splitlines()) == 5
    assert "convai models whisper/base" in err
    status, out, _ = run("whisper/base", "--json")
    content = json.loads(out)
    assert status == 1
    assert content["path"] is None
    assert "convai models whisper/base" in content["error"]


def test_one_tree_can_be_looked_in_alone(run: Any, tmp_path: Path) -> None:
    status, out, _ = run("whisper/base", "--models-dir", str(tmp_path / "other"))
    assert status == 1
    assert out.split() == ["the", "given", "folder", str(tmp_path / "other/whisper/base"), "not", "there"]


def test_a_path_is_where_it_is(run: Any, tmp_path: Path) -> None:
    status, out, _ = run(str(tmp_path / "project"))
    assert status == 0
    assert out.splitlines()[-1] == f"{tmp_path / 'project'} is {tmp_path / 'project'}"

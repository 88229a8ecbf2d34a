"""With real git; git-LFS itself is not needed to ask git which files it would have."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from convai_rasa.cli import main
from convai_rasa.store.lfs_pointers import pointer_size

pytestmark = pytest.mark.processes

LINES = [
    f"models/**/*.{suffix} filter=lfs diff=lfs merge=lfs -text"
    for suffix in ("pt", "pth", "bin", "onnx", "safetensors")
]


def git(*arguments: str, where: Path) -> str:
    return subprocess.run(
        ["git", "-C", str(where), *arguments], capture_output=True, text=True, check=True
    ).stdout.strip()


@pytest.fixture
def project(toys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A git repository with a models/ tree, in which no configuration of the machine counts."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    project = toys.parent
    git("init", "--quiet", where=project)
    return project


def filter_of(path: str, project: Path) -> str:
    return git("check-attr", "filter", "--", path, where=project).rpartition(": ")[2]


def test_git_has_lfs_keep_the_weights_and_nothing_else(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "lfs"]) == 0
    assert (project / ".gitattributes").read_text().splitlines() == LINES
    told = capsys.readouterr().out
    assert all(line in told for line in LINES)
    assert "git lfs install" in told
    for path in ("models/a.bin", "models/nlu/v1.0/intents/model.safetensors", "models/tts/x/vocoder/model.pth"):
        assert filter_of(path, project) == "lfs"
    for path in ("models/nlu/x/config.json", "data/weights.bin"):
        assert filter_of(path, project) == "unspecified"


def test_a_second_time_changes_nothing(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "lfs"]) == 0
    before = (project / ".gitattributes").read_bytes()
    capsys.readouterr()
    assert main(["models", "lfs"]) == 0
    assert (project / ".gitattributes").read_bytes() == before
    assert "under git-LFS already" in capsys.readouterr().out


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_what_is_there_is_kept(project: Path, end: str) -> None:
    mine = end.join(["# mine", "*.wav binary", "*.bin filter=lfs diff=lfs merge=lfs -text"])
    (project / ".gitattributes").write_bytes(mine.encode())
    assert main(["models", "lfs"]) == 0
    text = (project / ".gitattributes").read_bytes().decode()
    assert text == mine + end + "".join(line + end for line in LINES if ".bin" not in line)
    assert filter_of("models/x/y/model.pt", project) == "lfs"


def test_a_dry_run_only_shows_the_lines(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "lfs", "--dry-run"]) == 0
    assert not (project / ".gitattributes").exists()
    assert LINES[0] in capsys.readouterr().out


def test_a_tree_of_another_name_gets_patterns_that_git_understands(project: Path) -> None:
    tree = project / "my [big] models"
    tree.mkdir()
    assert main(["models", "lfs", "--models-dir", str(tree)]) == 0
    assert filter_of("my [big] models/nlu/x/model.bin", project) == "lfs"
    assert filter_of("models/nlu/x/model.bin", project) == "unspecified"


def test_the_rule_that_ignores_the_models_is_named_and_can_be_lifted(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (project / ".gitignore").write_text("# weights\n/models/*\n!/models/README.md\n")
    assert main(["models", "lfs"]) == 0
    told = capsys.readouterr().out
    assert "Git ignores the models now (.gitignore, line 2: /models/*)" in told
    line = told.partition("for example: ")[2].split()[0]
    with (project / ".gitignore").open("a") as file:
        file.write(f"{line}\n")
    weights = project / "models/nlu/intents/model.bin"
    weights.parent.mkdir(parents=True)
    weights.write_bytes(bytes(2000))
    assert "models/nlu/intents/model.bin" in git("ls-files", "--others", "--exclude-standard", where=project)


def test_attributes_that_undo_it_are_told(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / "models/.gitattributes").write_text("*.bin -filter\n")
    assert main(["models", "lfs"]) == 1
    assert "overrides: models/**/*.bin filter=lfs" in capsys.readouterr().err


def test_the_filter_turns_weights_into_what_is_recognised_as_a_pointer(project: Path) -> None:
    """A stand-in for git-lfs's own clean filter: what git stores through it is what a clone without git-LFS gets."""
    assert main(["models", "lfs"]) == 0
    clean = r"""printf 'version https://git-lfs.github.com/spec/v1\noid sha256:%s\nsize %s\n' """
    script = project.parent / "clean.sh"
    script.write_text(
        f'cat > "$0.tmp"\n{clean} "$(sha256sum < "$0.tmp" | cut -d " " -f 1)" "$(wc -c < "$0.tmp" | tr -d " ")"\n'
    )
    git("config", "filter.lfs.clean", f"sh '{script}'", where=project)
    weights = project / "models/nlu/intents/model.bin"
    weights.parent.mkdir(parents=True)
    weights.write_bytes(bytes(2000))
    git("add", "models", where=project)
    stored = project.parent / "stored"
    stored.write_text(git("show", ":models/nlu/intents/model.bin", where=project) + "\n")
    assert pointer_size(stored) == 2000


def test_a_repository_that_git_refuses_is_told(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (project / ".git/HEAD").write_text("nonsense")
    assert main(["models", "lfs"]) == 1
    assert capsys.readouterr().err.startswith(f"convai: git does not work in {project}; ")
    assert not (project / ".gitattributes").exists()


def test_without_a_repository_it_says_so(toys: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["models", "lfs"]) == 1
    assert capsys.readouterr().err == f"convai: {toys} is not in a git repository; create one with: git init\n"

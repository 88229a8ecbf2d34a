from __future__ import annotations

import os
import shutil
import threading
from pathlib import Path

import pytest

from convai_rasa.errors import ModelError, ModelNotFound
from convai_rasa.store import resolve
from convai_rasa.store.manifest import MANIFEST, InstalledFile, Manifest
from convai_rasa.store.names import Name
from convai_rasa.store.versioning import pin, rollback, versions_of

pytestmark = pytest.mark.slow

NAME = Name("nlu", "intents")


def put(tree: Path, version: str | None = None, content: str = "") -> Path:
    folder = tree / "nlu" / version / "intents" if version else tree / "nlu/intents"
    folder.mkdir(parents=True)
    for part in ("encoder", "head"):
        (folder / part).write_text(content or str(version))
    return folder


def at(version: str) -> Name:
    return NAME._replace(version=version)


def test_a_version_is_found_by_its_name(tree: Path) -> None:
    one, ten = put(tree, "v1.0"), put(tree, "v10.0")
    nine = put(tree, "v9.1")
    assert resolve("nlu/intents@v1.0") == one
    assert resolve("models/nlu/intents@v9.1") == nine
    assert resolve("nlu/v9.1/intents") == nine
    assert resolve("nlu/intents@latest") == ten
    assert resolve(tree / "nlu/intents@latest") == ten
    assert versions_of(tree, NAME) == ["v1.0", "v9.1", "v10.0"]


def test_the_plain_name_means_what_is_pinned_then_what_has_no_version_then_the_highest(tree: Path) -> None:
    one, two = put(tree, "v1.0"), put(tree, "v2.0")
    assert resolve("nlu/intents") == two
    plain = put(tree)
    assert resolve("nlu/intents") == plain == resolve("nlu/intents@unversioned")
    assert pin(tree, at("v1.0")) == one == resolve("nlu/intents") == resolve("nlu/current/intents")
    assert os.readlink(tree / "nlu/current/intents") == "../v1.0/intents"
    assert pin(tree, at("latest")) == two == resolve("nlu/intents")
    assert pin(tree, at("unversioned")) == plain == resolve("nlu/intents")


def test_without_versions_the_latest_is_the_folder_outside_them(tree: Path) -> None:
    plain = put(tree)
    assert resolve("nlu/intents@latest") == plain


def test_the_link_as_a_path_is_followed_once_to_the_version(tree: Path) -> None:
    one = put(tree, "v1.0")
    pin(tree, at("v1.0"))
    assert resolve("models/nlu/current/intents") == one
    assert resolve(tree / "nlu/current/intents") == one


def test_a_tree_can_be_moved_and_copied_without_links(tree: Path) -> None:
    put(tree, "v1.0")
    put(tree, "v2.0")
    pin(tree, at("v1.0"))
    moved = tree.rename(tree.with_name("moved"))
    assert resolve("nlu/intents", models_dir=moved) == moved / "nlu/v1.0/intents"
    copy = Path(shutil.copytree(moved, tree.with_name("copy")))
    assert (resolve("nlu/intents", models_dir=copy) / "head").read_text() == "v1.0"


def test_rolling_back_undoes_the_last_pin_and_itself(tree: Path) -> None:
    plain, one, two = put(tree), put(tree, "v1.0"), put(tree, "v2.0")
    with pytest.raises(ModelNotFound, match="never pinned to another version"):
        rollback(tree, NAME)
    pin(tree, at("v1.0"))
    assert rollback(tree, NAME) is None
    assert resolve("nlu/intents") == plain
    assert rollback(tree, NAME) == one == resolve("nlu/intents")
    pin(tree, at("v2.0"))
    pin(tree, at("v2.0"))  # again, which changes nothing of what was before
    assert rollback(tree, NAME) == one == resolve("nlu/intents")
    assert rollback(tree, NAME) == two == resolve("nlu/intents")
    pin(tree, at("unversioned"))
    assert resolve("nlu/intents") == plain
    assert rollback(tree, NAME) == two == resolve("nlu/intents")


def test_an_unknown_version_is_answered_with_those_there_are(tree: Path) -> None:
    put(tree, "v1.0")
    put(tree, "v2.0")
    for wrong in ("v3.0", "v1", "newest", "../v1.0", "1.0"):
        with pytest.raises(ModelNotFound, match=r"There is no nlu/intents@.*there are v1\.0, v2\.0\."):
            resolve(f"nlu/intents@{wrong}")
    with pytest.raises(ModelNotFound, match=r"There is no nlu/intents@v3\.0 .*there are v1\.0, v2\.0\."):
        pin(tree, at("v3.0"))
    with pytest.raises(ModelNotFound, match=r"there is no version of nlu/others\.$"):
        resolve("nlu/others@v1.0")
    with pytest.raises(ModelNotFound, match=r"there is no version of whisper/base; fetch it with: .*base@v1\.0"):
        resolve("whisper/base@v1.0")


def test_a_pin_to_what_is_gone_is_told_and_not_replaced_by_something_else(tree: Path) -> None:
    put(tree)
    put(tree, "v1.0")
    gone = put(tree, "v2.0")
    pin(tree, at("v1.0"))
    pin(tree, at("v2.0"))
    shutil.rmtree(gone)
    with pytest.raises(ModelNotFound, match=r"pinned to .*v2\.0/intents, which is gone.*there are v1\.0, unversioned"):
        resolve("nlu/intents")
    shutil.rmtree(tree / "nlu/v1.0")
    with pytest.raises(ModelNotFound, match=r"meant .*v1\.0/intents before, which is gone"):
        rollback(tree, NAME)


def test_a_damaged_version_is_not_pinned(tree: Path) -> None:
    plain = put(tree)
    damaged = put(tree, "v1.0")
    (damaged / MANIFEST).write_bytes(
        Manifest("nlu/intents", "a test", "", {}, None, None, {"head": InstalledFile(99, "0" * 64)}).dumps()
    )
    with pytest.raises(ModelError, match=r"damaged \(head has 4 bytes instead of 99\), so nlu/intents stays"):
        pin(tree, at("v1.0"))
    assert resolve("nlu/intents") == plain


def test_a_reader_never_sees_a_mix_or_nothing_while_versions_are_switched(tree: Path) -> None:
    for version in ("v1.0", "v2.0"):
        put(tree, version, content=version * 1000)
    pin(tree, at("v1.0"))
    failures: list[BaseException] = []
    seen: set[str] = set()
    done = threading.Event()

    def read() -> None:
        try:
            while not done.is_set() or len(seen) < 2:
                for given in ("nlu/intents", tree / "nlu/current/intents"):
                    folder = resolve(given)
                    encoder, head = (folder / "encoder").read_text(), (folder / "head").read_text()
                    assert encoder == head == folder.parent.name * 1000
                    seen.add(folder.parent.name)
        except BaseException as error:  # an assertion in a thread would be lost
            failures.append(error)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for turn in range(300):
        rollback(tree, NAME) if turn % 3 == 2 else pin(tree, at(f"v{turn % 2 + 1}.0"))
    done.set()
    for reader in readers:
        reader.join()
    assert not failures
    assert seen == {"v1.0", "v2.0"}

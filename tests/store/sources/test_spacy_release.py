from __future__ import annotations

import hashlib
import io
import zipfile
from typing import Any

import pytest

from convai_rasa.errors import ConfigurationError, DownloadError
from convai_rasa.options import parse_options
from convai_rasa.store.catalogue import load_catalogue
from convai_rasa.store.sources import jobs, spacy_release
from convai_rasa.store.sources.spacy_release import SpacyRelease

PREFIX = "en_toy_sm/en_toy_sm-3.8.0/"
MEMBERS = {
    "en_toy_sm/__init__.py": b"import os; os.abort()",
    "en_toy_sm/meta.json": b"{}",
    PREFIX + "meta.json": b'{"lang": "en"}',
    PREFIX + "ner/model": b"weights" * 10_000,
    "en_toy_sm-3.8.0.dist-info/METADATA": b"",
}


@pytest.fixture
def wheel(hub: Any, monkeypatch: Any) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, content in MEMBERS.items():
            archive.writestr(name, content)
    monkeypatch.setattr(spacy_release, "RELEASES", hub.url + "/releases/")
    hub.files["/releases/en_toy_sm-3.8.0/en_toy_sm-3.8.0-py3-none-any.whl"] = buffer.getvalue()
    return buffer.getvalue()


@pytest.fixture
def source(wheel: bytes) -> SpacyRelease:
    digest = hashlib.sha256(wheel).hexdigest()
    return SpacyRelease(package="en_toy_sm", version="3.8.0", sha256=digest, bytes=len(wheel))


def refused(source: SpacyRelease, order: Any) -> str:
    with pytest.raises(DownloadError) as error:
        source.fetch(order)
    return str(error.value)


def test_the_pipeline_is_taken_out_of_a_wheel_whose_hash_was_compared(
    source: SpacyRelease, ordered: Any, delivered: Any
) -> None:
    order = ordered()
    delivery = source.fetch(order)
    assert delivered(order) == {"meta.json": MEMBERS[PREFIX + "meta.json"], "ner/model": MEMBERS[PREFIX + "ner/model"]}
    assert delivery.source == "spaCy's releases: en_toy_sm 3.8.0"
    assert delivery.revision == "3.8.0"
    assert delivery.archives == {"en_toy_sm-3.8.0-py3-none-any.whl": source.sha256}


def test_what_a_repack_of_the_release_holds_does_not_matter(source: SpacyRelease, ordered: Any, delivered: Any) -> None:
    order = ordered({"ner/model": {}, "LICENSE": {}})
    source.fetch(order)
    assert sorted(delivered(order)) == ["meta.json", "ner/model"]


def test_another_wheel_than_was_released_is_refused_before_it_is_opened(
    hub: Any, source: SpacyRelease, ordered: Any, delivered: Any
) -> None:
    hub.fail("wrong")
    order = ordered()
    assert f"is not the release: SHA-256 {source.sha256} expected, " in refused(source, order)
    assert delivered(order) == {}
    source.fetch(order)
    assert delivered(order)


def test_a_wheel_of_another_size_is_not_fetched(hub: Any, source: SpacyRelease, ordered: Any) -> None:
    hub.files = {path: content + b"x" for path, content in hub.files.items()}
    assert "is not the published file" in refused(source, ordered())


def test_a_cut_wheel_goes_on_in_the_next_run(hub: Any, source: SpacyRelease, ordered: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(jobs, "TRIES", 1)
    hub.fail("cut")
    assert "broke off" in refused(source, ordered())
    source.fetch(ordered())
    assert hub.asked[1].headers["Range"].startswith("bytes=")


def test_a_release_without_the_pipeline_in_it_is_refused(hub: Any, source: SpacyRelease, ordered: Any) -> None:
    other = SpacyRelease(package="en_toy_sm", version="3.7.0", sha256=source.sha256, bytes=source.size)
    path = "/releases/en_toy_sm-3.7.0/en_toy_sm-3.7.0-py3-none-any.whl"
    hub.files[path] = next(iter(hub.files.values()))
    assert refused(other, ordered()) == ("en_toy_sm-3.7.0-py3-none-any.whl has no folder en_toy_sm/en_toy_sm-3.7.0/")


@pytest.mark.slow
def test_the_catalogue_s_release_has_the_address_that_spacy_uses() -> None:
    sources = [source for model in load_catalogue().models.values() for source in model.sources if source.spacy_release]
    assert sources
    assert spacy_release.RELEASES == "https://github.com/explosion/spacy-models/releases/download/"
    about = pytest.importorskip("spacy.about")
    assert about.__download_url__ + "/" == spacy_release.RELEASES


@pytest.mark.parametrize(
    "change", [{"package": "../x"}, {"version": "../x"}, {"sha256": "x"}, {"bytes": 0}, {"url": "x"}]
)
def test_impossible_options_are_refused(change: dict[str, Any]) -> None:
    options = {"package": "en_toy_sm", "version": "3.8.0", "sha256": "0" * 64, "bytes": 1, **change}
    with pytest.raises(ConfigurationError):
        parse_options(SpacyRelease, options, where="test")

from __future__ import annotations

import io
import json
import random
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from convai_rasa.errors import ConfigurationError, DownloadError
from convai_rasa.options import parse_options
from convai_rasa.store.catalogue import load_catalogue
from convai_rasa.store.sources import coqui_releases, jobs
from convai_rasa.store.sources.coqui_releases import Coqui
from convai_rasa.tts.export.coqui.voice_folder import CoquiFolder

VOICE = "tts_models/en/ljspeech/toy"
VOCODER = "vocoder_models/en/ljspeech/toy_gan"
CONFIG = b'{"model": "tacotron2", "audio": {}}'
WEIGHTS = random.Random(2).randbytes(200_000)


def zipped(members: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


@pytest.fixture
def releases(hub: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """A list of releases that the server has, in the form of Coqui's own."""
    path = tmp_path / "models.json"
    listed: dict[str, Any] = {}

    def put(model: str, **entry: Any) -> None:
        kind, language, data, name = model.split("/")
        listed.setdefault(kind, {}).setdefault(language, {}).setdefault(data, {})[name] = entry
        path.write_text(json.dumps(listed))

    def release(model: str, members: dict[str, bytes]) -> None:
        file = "--".join(model.split("/")) + ".zip"
        hub.files[f"/v9_models/{file}"] = zipped(
            {f"{file.removesuffix('.zip')}/{name}": c for name, c in members.items()}
        )
        put(model, github_rls_url=f"{hub.url}/v9_models/{file}", commit="abc", license="apache 2.0")

    path.write_text("{}")
    monkeypatch.setattr(coqui_releases, "list_of_releases", lambda: path)
    release(VOICE, {"": b"", "config.json": CONFIG, "model_file.pth": WEIGHTS, "scale_stats.npy": b"numbers"})
    release(VOCODER, {"": b"", "config.json": CONFIG, "model_file.pth.tar": WEIGHTS[:100]})
    return {"release": release, "put": put, "path": path}


def refused(order: Any, source: Coqui | None = None) -> str:
    with pytest.raises(DownloadError) as error:
        (source or Coqui(voice=VOICE)).fetch(order)
    assert "\n" not in str(error.value)
    return str(error.value)


def test_a_voice_and_its_vocoder_are_a_folder_that_can_be_read(releases: Any, ordered: Any, delivered: Any) -> None:
    order = ordered()
    delivery = Coqui(voice=VOICE, vocoder=VOCODER).fetch(order)
    assert delivered(order) == {
        "config.json": CONFIG,
        "model_file.pth": WEIGHTS,
        "scale_stats.npy": b"numbers",
        "vocoder/config.json": CONFIG,
        "vocoder/model_file.pth.tar": WEIGHTS[:100],
    }
    assert delivery.source == f"Coqui's releases: {VOICE} with {VOCODER}"
    assert delivery.revision == "v9_models"
    assert not delivery.archives
    voice = CoquiFolder.read(order.into)
    assert voice.checkpoint.name == "model_file.pth"
    assert voice.vocoder().checkpoint.name == "model_file.pth.tar"


def test_a_voice_that_needs_no_vocoder(releases: Any, ordered: Any, delivered: Any, hub: Any) -> None:
    order = ordered()
    assert str(Coqui(voice=VOICE).fetch(order).source) == f"Coqui's releases: {VOICE}"
    assert sorted(delivered(order)) == ["config.json", "model_file.pth", "scale_stats.npy"]
    assert len(hub.asked) == 1


def test_every_voice_of_the_catalogue_is_in_the_list_of_the_tts_package() -> None:
    sources = [source.coqui for model in load_catalogue().models.values() for source in model.sources if source.coqui]
    assert sources
    for source in sources:
        for model in filter(None, (source.voice, source.vocoder)):
            assert coqui_releases._address(model).startswith("https://")
    assert "TTS" not in sys.modules or sys.modules["TTS"].__spec__ is not None


def test_a_cut_archive_goes_on_in_the_next_run(
    releases: Any, hub: Any, ordered: Any, delivered: Any, monkeypatch: Any
) -> None:
    monkeypatch.setattr(jobs, "TRIES", 1)
    hub.fail("cut")
    assert "broke off" in refused(ordered())
    order = ordered()
    Coqui(voice=VOICE).fetch(order)
    assert hub.asked[1].headers["Range"].startswith("bytes=")
    assert delivered(order)["model_file.pth"] == WEIGHTS


def test_where_the_gateway_is_gone_the_release_itself_is_asked(
    releases: Any, hub: Any, ordered: Any, delivered: Any, monkeypatch: Any
) -> None:
    file = "--".join(VOICE.split("/")) + ".zip"
    monkeypatch.setattr(coqui_releases, "GATEWAY", "http://127.0.0.1:9/")
    monkeypatch.setattr(coqui_releases, "RELEASES", hub.url + "/")
    releases["put"](VOICE, github_rls_url=f"http://127.0.0.1:9/v9_models/{file}")
    order = ordered()
    Coqui(voice=VOICE).fetch(order)
    assert delivered(order)["model_file.pth"] == WEIGHTS
    del hub.files[f"/v9_models/{file}"]
    said = refused(ordered())
    assert said.startswith("127.0.0.1:9 could not be reached, after 3 tries; ")
    assert said.endswith(f"; 127.0.0.1:{hub.port} has no {file} (HTTP 404)")


@pytest.mark.parametrize(
    ("members", "complaint"),
    [
        ({"model_file.pth": b""}, "the archive lacks config.json"),
        ({"config.json": b"{}"}, "the archive lacks model.pth"),
        ({"sub/config.json": b"{}", "sub/other": b"", "x": b""}, "the archive lacks config.json and model.pth"),
        ({"config.json": b"{}", "model.pth": b"", "../../evil": b""}, "unsafe path"),
    ],
)
def test_an_archive_that_is_no_voice_is_refused_and_forgotten(
    releases: Any, ordered: Any, members: dict[str, bytes], complaint: str
) -> None:
    releases["release"](VOICE, members)
    order = ordered()
    said = refused(order)
    assert said.startswith(f"{VOICE} is not a Coqui model: ")
    assert complaint in said
    assert not list(order.staging.rglob("*.zip"))


@pytest.mark.parametrize("content", [b"<html>Not found</html>", b""])
def test_a_page_instead_of_an_archive_is_refused(releases: Any, hub: Any, ordered: Any, content: bytes) -> None:
    hub.files[f"/v9_models/{'--'.join(VOICE.split('/'))}.zip"] = content
    assert f"{VOICE} is not a Coqui model: voice.zip is damaged" in refused(ordered())


def test_an_archive_without_end_is_not_fetched(releases: Any, ordered: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(coqui_releases, "LIMIT_BYTES", 1000)
    assert "at most 1,000 bytes expected" in refused(ordered())


@pytest.mark.parametrize(
    ("address", "complaint"),
    [
        ("http://example.org/voice.zip", f"the TTS package lists {VOICE} at an address that is not https"),
        ("file:///etc/voice.zip", f"the TTS package lists {VOICE} at an address that is not https"),
        (["https://example.org/a.pth"], f"{VOICE} is not released as one zip archive"),
        ("https://example.org/voice.pth", f"{VOICE} is not released as one zip archive"),
        (None, f"{VOICE} is not released as one zip archive"),
    ],
)
def test_an_address_that_cannot_be_trusted_is_refused(
    releases: Any, ordered: Any, address: Any, complaint: str, hub: Any
) -> None:
    releases["put"](VOICE, github_rls_url=address)
    assert refused(ordered()) == complaint
    assert hub.asked == []


@pytest.mark.parametrize("content", ["{}", "[]", '{"tts_models": []}'])
def test_a_voice_that_is_not_listed_is_named(releases: Any, ordered: Any, content: str) -> None:
    releases["path"].write_text(content)
    assert refused(ordered()) == f"the installed TTS package lists no {VOICE}"


def test_a_list_that_cannot_be_read_is_said(releases: Any, ordered: Any) -> None:
    releases["path"].write_text("{")
    assert refused(ordered()) == "the TTS package's list of releases cannot be read; install the package again"


def test_without_the_tts_package_it_is_said_how_to_get_it(hub: Any, ordered: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert "install it with: pip install 'convai-rasa[coqui]'" in refused(ordered())


@pytest.mark.parametrize(
    "options",
    [{}, {"voice": "tacotron2"}, {"voice": VOCODER}, {"voice": VOICE, "vocoder": VOICE}, {"voice": VOICE, "zip": "x"}],
)
def test_impossible_options_are_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        parse_options(Coqui, options, where="test")

"""A form that Duckling's numbers fill, with our components added: written, tested by Rasa, and spoken."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import Any, Iterator

import pytest
import requests
import yaml
from duckling_server import duckling_server
from rasa_process import RasaProcess
from websockets.client import connect

from convai_rasa.audio import pcm16_to_float, resample
from convai_rasa.cli import main
from convai_rasa.launch import RunningBot
from convai_rasa.store import resolve
from convai_rasa.tts import SharedVoice
from convai_rasa.voice.wire import messages as m, native

pytestmark = [pytest.mark.models, pytest.mark.e2e, pytest.mark.processes]

FORMBOT = Path(__file__).parent / "projects" / "formbot"
RATE = 16_000
EXTRACTOR, INTENTS = "convai_rasa.nlu.SpacyModelEntityExtractor", "convai_rasa.nlu.DistilBertIntentClassifier"
# Labels that find "six", "six people" and "Italian", one of them under the name that Duckling's entity has.
ALL_LABELS = {
    "dimensions": ["CARDINAL", "DATE", "TIME", "QUANTITY", "NORP", "ORG", "GPE", "PERSON"],
    "map": {"CARDINAL": "number"},
}


def rewrite(config: Path, *, all_labels: bool) -> None:
    """Train quickly; and perhaps have everything that the extractor knows, above Duckling."""
    content = yaml.safe_load(config.read_text())
    steps = {step["name"]: step for step in content["pipeline"]}
    steps[INTENTS]["strategy"] = "frozen"
    if all_labels:
        others = [step for step in content["pipeline"] if step["name"] != EXTRACTOR]
        content["pipeline"] = [others[0], {"name": EXTRACTOR, **steps.get(EXTRACTOR, {}), **ALL_LABELS}, *others[1:]]
    config.write_text(yaml.safe_dump(content, sort_keys=False))


def pass_its_stories(folder: Path, rasa_process: RasaProcess) -> None:
    rasa_process.run(folder, "test", "core", "--stories", "tests", "--fail-on-prediction-errors", "--no-plot")


@pytest.fixture(scope="module")
def formbot(tmp_path_factory: pytest.TempPathFactory, rasa_process: RasaProcess) -> Iterator[Path]:
    """The project as `convai add` leaves it, trained, while a server gives Duckling's answers."""
    folder = Path(shutil.copytree(FORMBOT, tmp_path_factory.mktemp("formbot") / "formbot"))
    with duckling_server() as duckling, pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONVAI_MODELS_DIR", str(resolve("nlu/minilm").parents[1]))
        config = folder / "config.yml"
        config.write_text(config.read_text().replace("http://localhost:8000", duckling))
        assert main(["add", str(folder), "--yes", "--keep-threshold"]) == 0
        rewrite(config, all_labels=False)
        rasa_process.run(folder, "train", "--quiet")
        yield folder


@pytest.fixture(scope="module")
def with_all_labels(formbot: Path, rasa_process: RasaProcess) -> Path:
    """The same, with the labels that stand in Duckling's way."""
    rewrite(formbot / "config.yml", all_labels=True)
    rasa_process.run(formbot, "train", "--quiet")
    return formbot


def test_its_stories_pass_as_convai_add_leaves_it(formbot: Path, rasa_process: RasaProcess) -> None:
    pass_its_stories(formbot, rasa_process)


def test_its_stories_pass_with_all_that_spacy_knows(with_all_labels: Path, rasa_process: RasaProcess) -> None:
    pass_its_stories(with_all_labels, rasa_process)


@pytest.fixture(scope="module")
def running(with_all_labels: Path) -> Iterator[RunningBot]:
    """The trained project, with its voice channel."""
    with RunningBot(with_all_labels, port=0, actions_port=0, api=True) as bot:
        yield bot


def test_what_duckling_and_the_annotations_know_arrives_alone(running: RunningBot) -> None:
    message = {"text": "I'd like some vegetarian food for about six people"}
    parsed = requests.post(f"{running.server}/model/parse", json=message, timeout=60).json()
    found = {(entity["entity"], entity["value"]): entity["extractor"] for entity in parsed["entities"]}
    assert sorted(found) == [("cuisine", "vegetarian"), ("number", 6)], parsed["entities"]
    assert found["number", 6] == "DucklingEntityExtractor"


async def test_a_caller_fills_the_form_by_voice(running: RunningBot, voice: SharedVoice) -> None:
    said = []
    async with connect(running.url.replace("http", "ws", 1) + "stream", max_size=None) as socket:
        await socket.send(native.encode(m.Start(sender_id="hungry")))
        await _until_turn_ends(socket, ready=True)
        for words in ("I am looking for a restaurant.", "Italian food, please.", "For six people.", "Yes, please."):
            await socket.send(_spoken(voice, words))
            said += await _until_turn_ends(socket)
    tracker = requests.get(f"{running.server}/conversations/hungry/tracker", timeout=30).json()
    slots = {name: tracker["slots"][name] for name in ("cuisine", "num_people", "outdoor_seating")}
    assert slots == {"cuisine": "italian", "num_people": 6, "outdoor_seating": "outside"}, said
    assert tracker["active_loop"] == {}
    assert said[-2] == "All done!"


def _spoken(voice: SharedVoice, text: str) -> bytes:
    sound = resample(pcm16_to_float(voice.synthesize(text)), voice.sample_rate, RATE)
    return bytes((sound * 32767).astype("<i2").tobytes()) + bytes(2 * RATE * 3 // 2)


async def _until_turn_ends(socket: Any, *, ready: bool = False) -> list[str]:
    """Return what the bot says until the turn is over, or until it can be spoken to."""
    texts = []
    while True:
        event = native.decode_server(await asyncio.wait_for(socket.recv(), 60))
        if isinstance(event, m.BotMessage) and event.text:
            texts.append(event.text)
        if isinstance(event, m.Ready if ready else m.TurnEnd):
            return texts

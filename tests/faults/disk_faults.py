"""Files that vanish, are damaged, or cannot be written."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import os
import resource
import shutil
from collections.abc import Iterator
from pathlib import Path

import requests
from callers import HELLO, PARKED, PARKING, WELCOME
from faults import Scene, fault
from house import House

from convai_rasa.tts.cache import sound_key
from convai_rasa.tts.text.script import Sentence, script

WAY = "Turn off Bridge Road at the lighthouse."  # how the answer to PARKING begins


@fault("A sound that the voice has kept is damaged", log="is damaged; it will be made again")
async def _(scene: Scene) -> None:
    first = next(step for step in script(WAY) if isinstance(step, Sentence))
    identity, rate = scene.voice.capabilities.identity, scene.voice.sample_rate
    key = sound_key(identity, first.text, speed=scene.ann.speed, language="en", sample_rate=rate)
    place = scene.house.cache / key[:2] / f"{key}.pcm"
    place.parent.mkdir(exist_ok=True)
    place.write_bytes(b"convai-pcm-1\nnot what was written")
    await check_heard(scene, PARKING, WAY)
    assert len(place.read_bytes()) > 20_000  # anew


@fault("The folder of the voice's kept sounds is removed")
async def _(scene: Scene) -> None:
    shutil.rmtree(scene.house.cache)
    await check_heard(scene, PARKING, PARKED)
    assert list(scene.house.cache.glob("*/*.pcm"))  # made again


@fault("There is a file in the place of the folder of kept sounds", log="cannot be kept in")
async def _(scene: Scene) -> None:
    with aside(scene.house.cache) as place:
        place.write_text("in the way")
        await check_heard(scene, PARKING, PARKED)
        place.unlink()


@fault("The folder of kept sounds is a link to itself")
async def _(scene: Scene) -> None:
    with aside(scene.house.cache) as place:
        place.symlink_to(place)
        await check_heard(scene, PARKING, PARKED)
        place.unlink()


@fault("The disk is full, for kept sounds and for the log")
async def _(scene: Scene) -> None:
    with scene.house.limited(resource.RLIMIT_FSIZE, 0):
        await check_heard(scene, PARKING, PARKED)
        await scene.others_go_on()
        status, answer = await scene.note()
        assert status == 200, answer


@fault("The model files are cut short while everything runs")
async def _(scene: Scene) -> None:
    with copied_aside(scene.house):
        for path in scene.house.models.rglob("*"):
            if path.is_file():
                os.truncate(path, path.stat().st_size // 2)
        await check_all_engines(scene)


@fault("The model files are removed while everything runs")
async def _(scene: Scene) -> None:
    with copied_aside(scene.house):
        shutil.rmtree(scene.house.models)
        await check_all_engines(scene)


@fault("The trained model is removed while Rasa runs")
async def _(scene: Scene) -> None:
    with aside(scene.house.archive):
        await check_newcomer(scene)


@fault("The trained model is damaged, and Rasa is told to load it", log="Could not load model")
async def _(scene: Scene) -> None:
    archive = scene.house.archive
    with aside(archive) as place:
        with archive.with_name("aside").open("rb") as whole:
            place.write_bytes(whole.read(100_000))
        assert await load(scene.house, place) == 400
        await check_newcomer(scene)
        place.unlink()


@fault("The trained model is replaced while somebody talks", log="Loading model")
async def _(scene: Scene) -> None:
    loading = asyncio.ensure_future(load(scene.house, scene.house.archive))
    await asyncio.sleep(0.2)
    await check_heard(scene, PARKING, PARKED)
    assert await loading == 204
    await check_newcomer(scene)


async def check_heard(scene: Scene, said: str, answer: str) -> None:
    """Ask, and hear all of the answer."""
    turn = await scene.ann.ask(said)
    assert answer in turn.text
    assert scene.ann.seconds(turn) > 1
    assert not turn.errors


async def check_all_engines(scene: Scene) -> None:
    """Everything that needs a model works: hearing, understanding, speaking, and decoding."""
    turn = await scene.ann.speak(scene.question)
    assert "parking" in (turn.transcript or "")
    assert PARKED in turn.text
    assert scene.ann.seconds(turn) > 3
    assert not turn.errors
    await check_newcomer(scene)
    assert (await scene.note())[0] == 200


async def check_newcomer(scene: Scene) -> None:
    """Somebody new is let in and answered."""
    async with scene.newcomer() as eve:
        turn = await eve.ask(HELLO)
        assert WELCOME in turn.text
        assert not turn.errors


async def load(house: House, archive: Path) -> int:
    """Tell Rasa to load a trained model; return the answer's status."""
    put = functools.partial(requests.put, f"{house.bot.server}/model", json={"model_file": str(archive)}, timeout=60)
    return (await asyncio.get_running_loop().run_in_executor(None, put)).status_code


@contextlib.contextmanager
def aside(place: Path) -> Iterator[Path]:
    """With a file or a folder put aside, until the end of the block."""
    kept = place.rename(place.with_name("aside"))
    try:
        yield place
    finally:
        if place.is_dir() and not place.is_symlink():
            shutil.rmtree(place)
        place.unlink(missing_ok=True)
        kept.rename(place)


@contextlib.contextmanager
def copied_aside(house: House) -> Iterator[None]:
    """With the models/ tree free to be destroyed, until the end of the block."""
    kept = house.models.with_name("kept")
    shutil.copytree(house.models, kept)
    try:
        yield
    finally:
        shutil.rmtree(house.models, ignore_errors=True)
        kept.rename(house.models)

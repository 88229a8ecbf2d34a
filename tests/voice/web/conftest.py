"""What the tests of this folder share: their helpers, what the microphone hears, and where screenshots go."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from convai_rasa.audio import wav_bytes
from convai_rasa.tts import SharedVoice

sys.path.insert(0, str(Path(__file__).parent))

from browser import CHROMIUM_NAMES, Browser, find_chromium
from firefox import FIREFOX_NAMES, Firefox, find_firefox, has_sound
from page_driver import Page

Launch = Callable[..., AbstractContextManager[Page]]

ROOM = 6.0  # of 32,768: the noise of a quiet room and its microphone, root mean square


@pytest.fixture(scope="session")
def firefox() -> Iterator[Firefox]:
    """A Firefox with sound, for all tests that need nothing else of it."""
    if find_firefox() is None:
        pytest.skip(f"no Firefox on the PATH: {', '.join(FIREFOX_NAMES)}")
    if not has_sound():
        pytest.skip("Firefox plays and records only where there is a sound server: install pulseaudio")
    with Firefox() as firefox:
        yield firefox


@pytest.fixture
def chromium() -> Launch:
    """Opens a page in Chromium."""
    if find_chromium() is None:
        pytest.skip(f"no Chromium on the PATH: {', '.join(CHROMIUM_NAMES)}")
    return Browser


@pytest.fixture(params=["chromium", "firefox"])
def launch(request: pytest.FixtureRequest) -> Launch:
    """Opens a page in each of the two browsers in turn; takes what ``Firefox.page`` takes."""
    found: Any = request.getfixturevalue(request.param)
    return found.page if request.param == "firefox" else found


@pytest.fixture
def screenshot_dir(tmp_path: Path) -> Path:
    """The folder in CONVAI_SCREENSHOTS, or a temporary one."""
    return Path(os.environ.get("CONVAI_SCREENSHOTS", tmp_path))


@pytest.fixture(scope="session")
def microphone(voice: SharedVoice, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Write what a microphone hears: words, and seconds in which nobody speaks."""
    rate = voice.sample_rate
    folder = tmp_path_factory.mktemp("microphone")
    noise = np.random.default_rng(7)

    def write(*parts: str | float) -> Path:
        sounds = [
            voice.synthesize(part) if isinstance(part, str) else np.zeros(int(rate * part), np.int16) for part in parts
        ]
        sound = np.concatenate(sounds).astype(float)
        sound += noise.normal(0, ROOM, len(sound))
        path = folder / f"{len(list(folder.iterdir()))}.wav"
        path.write_bytes(wav_bytes(sound.clip(-32_768, 32_767).astype(np.int16), rate))
        return path

    return write

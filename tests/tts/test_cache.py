from __future__ import annotations

import pathlib
import shutil
import threading
import types

import numpy as np
import pytest

from convai_rasa.tts import disk_cache as disk_cache_module
from convai_rasa.tts.cache import SoundCache, sound_key
from convai_rasa.tts.disk_cache import DiskCache

KEYS = [sound_key("voice", f"sentence {number}", speed=1.0, language="en", sample_rate=8000) for number in range(12)]


def sound(number: int, samples: int = 1000) -> np.ndarray:
    return (np.arange(samples) + 1000 * number).astype(np.int16)


def files(folder: pathlib.Path) -> list[pathlib.Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_whatever_changes_the_sound_changes_the_key() -> None:
    same = {"speed": 1.0, "language": "en", "sample_rate": 22050}
    keys = {
        sound_key("a", "Hello.", **same),
        sound_key("b", "Hello.", **same),
        sound_key("a", "Hello!", **same),
        sound_key("a", "Hello.", **{**same, "speed": 1.1}),
        sound_key("a", "Hello.", **{**same, "language": "de"}),
        sound_key("a", "Hello.", **{**same, "sample_rate": 16000}),
    }
    assert len(keys) == 6
    assert sound_key("a", "Hello.", **same) in keys


@pytest.mark.parametrize("memory_mb", [1.0, 0.0])
def test_what_is_put_comes_back_in_memory_and_from_disk(tmp_path: pathlib.Path, memory_mb: float) -> None:
    cache = SoundCache(tmp_path, memory_mb=memory_mb, disk_mb=1)
    assert cache.get(KEYS[0]) is None
    cache.put(KEYS[0], sound(0))
    cache.put(KEYS[1], np.zeros(0, np.int16))
    for one in (cache, SoundCache(tmp_path, memory_mb=memory_mb, disk_mb=1)):  # the second as after a restart
        np.testing.assert_array_equal(one.get(KEYS[0]), sound(0))
        empty = one.get(KEYS[1])
        assert empty is not None
        assert (empty.dtype, empty.shape) == (np.int16, (0,))


def test_it_works_without_a_disk_and_ends_with_the_process() -> None:
    cache = SoundCache(None, memory_mb=1, disk_mb=1)
    cache.put(KEYS[0], sound(0))
    np.testing.assert_array_equal(cache.get(KEYS[0]), sound(0))


def test_nobody_can_change_what_is_kept(tmp_path: pathlib.Path) -> None:
    cache = SoundCache(tmp_path, memory_mb=1, disk_mb=1)
    given = sound(0)
    cache.put(KEYS[0], given)
    given[:] = 0
    kept = cache.get(KEYS[0])
    assert kept is not None
    with pytest.raises(ValueError, match="read-only"):
        kept[0] = 1
    np.testing.assert_array_equal(kept, sound(0))


def test_memory_is_bounded_and_forgets_what_was_not_used_for_longest() -> None:
    cache = SoundCache(None, memory_mb=0.0065, disk_mb=0)  # three sounds of 2,000 bytes
    for number in range(3):
        cache.put(KEYS[number], sound(number))
    cache.get(KEYS[0])
    cache.put(KEYS[3], sound(3))
    assert [cache.get(key) is not None for key in KEYS[:4]] == [True, False, True, True]
    cache.put(KEYS[4], sound(4, samples=10_000))  # larger than all the room there is
    assert [cache.get(key) is not None for key in KEYS[:5]] == [True, False, True, True, False]
    cache.put(KEYS[0], sound(0))  # the same again takes no more room
    assert [cache.get(key) is not None for key in KEYS[:4]] == [True, False, True, True]


def test_the_disk_is_bounded_and_forgets_what_was_not_used_for_longest(tmp_path: pathlib.Path) -> None:
    import os

    disk = DiskCache(tmp_path, limit_bytes=21_000)
    for number in range(9):
        disk.put(KEYS[number], sound(number))
        os.utime(disk._path(KEYS[number]), (number, number))  # used in this order
    disk.get(KEYS[0])  # and this one again just now
    for number in (9, 10):
        disk.put(KEYS[number], sound(number))
    assert sum(path.stat().st_size for path in files(tmp_path)) <= 21_000
    there = [disk.get(key) is not None for key in KEYS[:11]]
    assert there[0]
    assert there[9:] == [True, True]
    assert not there[1]
    disk.put(KEYS[11], sound(0, samples=20_000))  # larger than all the room there is
    assert disk.get(KEYS[11]) is None
    assert disk.get(KEYS[0]) is not None


@pytest.mark.parametrize("damage", ["cut", "changed", "other", "empty", "garbage"])
def test_a_damaged_file_is_as_good_as_none_and_is_written_anew(tmp_path: pathlib.Path, damage: str) -> None:
    disk = DiskCache(tmp_path, limit_bytes=100_000)
    disk.put(KEYS[0], sound(0))
    (path,) = files(tmp_path)
    whole = path.read_bytes()
    if damage == "other":  # a whole file, but of another sentence
        disk.put(KEYS[1], sound(1))
        path.write_bytes(disk._path(KEYS[1]).read_bytes())
    else:
        path.write_bytes({"cut": whole[:-2], "changed": whole[:-1] + b"x", "empty": b"", "garbage": b"x" * 99}[damage])
    assert disk.get(KEYS[0]) is None
    disk.put(KEYS[0], sound(0))
    np.testing.assert_array_equal(disk.get(KEYS[0]), sound(0))


def test_a_folder_that_cannot_be_written_is_told_of_once(
    tmp_path: pathlib.Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "file").write_text("in the way")
    cache = SoundCache(tmp_path / "file" / "tts", memory_mb=1, disk_mb=1)
    for number in range(3):
        cache.put(KEYS[number], sound(number))
        np.testing.assert_array_equal(cache.get(KEYS[number]), sound(number))
    assert len(caplog.records) == 1
    assert "cannot be kept" in caplog.text


def test_a_folder_that_can_be_written_again_is_used_again_within_a_minute(
    tmp_path: pathlib.Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr(disk_cache_module, "time", types.SimpleNamespace(monotonic=lambda: now))
    folder = tmp_path / "tts"
    disk = DiskCache(folder, limit_bytes=100_000)
    for outage in (1, 2):
        folder.write_text("in the way")
        for number in range(3):  # three minutes of it
            now += 61
            disk.put(KEYS[number], sound(number))
        folder.unlink()
        disk.put(KEYS[0], sound(0))
        assert disk.get(KEYS[0]) is None  # left alone
        now += 61
        for number in range(2):
            disk.put(KEYS[number], sound(number))
            np.testing.assert_array_equal(disk.get(KEYS[number]), sound(number))
        shutil.rmtree(folder)
        said = [record.getMessage() for record in caplog.records]
        assert ["cannot be kept in" in line for line in said] == [True, False] * outage
        assert said[-1].endswith("again.")


def test_many_writers_and_readers_never_see_half_a_sound(tmp_path: pathlib.Path) -> None:
    caches = [SoundCache(tmp_path, memory_mb=0, disk_mb=0.02) for _ in range(2)]  # as two processes would
    wrong: list[object] = []

    def work(number: int) -> None:
        cache = caches[number % 2]
        for turn in range(40):
            key = (number + turn) % len(KEYS)
            cache.put(KEYS[key], sound(key))
            kept = cache.get(KEYS[key])
            if kept is not None and not np.array_equal(kept, sound(key)):
                wrong.append(kept)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert not [path for path in files(tmp_path) if path.suffix == ".new"]

from __future__ import annotations

import random
import threading
from pathlib import Path
from typing import Any

import pytest

from convai_rasa.errors import DownloadError
from convai_rasa.store.sources import download as downloading, http, jobs
from convai_rasa.store.sources.download import Download
from convai_rasa.store.sources.jobs import Abandoned
from convai_rasa.store.sources.place import Order

pytestmark = pytest.mark.slow

CONTENT = random.Random(0).randbytes(1_000_000)


@pytest.fixture
def order(tmp_path: Path, progress: Any) -> Any:
    """An order from whose source files are downloaded."""

    def order(stop: threading.Event | None = None) -> Order:
        return Order("toy", {}, tmp_path, tmp_path, progress, stop=stop or threading.Event())

    return order


@pytest.fixture
def get(hub: Any, tmp_path: Path, order: Any) -> Any:
    hub.files["/f.bin"] = CONTENT

    def get(path: str = "/f.bin", stop: threading.Event | None = None, **limits: Any) -> bytes:
        wanted = Download(order(stop), hub.url + path, "f.bin", **limits)
        wanted.run()
        return wanted.path.read_bytes()

    return get


def ranges(hub: Any) -> list[str | None]:
    return [asked.headers.get("Range") for asked in hub.asked]


def test_a_file_arrives_whole_and_its_bar_is_full(get: Any, progress: Any) -> None:
    assert get(size=len(CONTENT)) == CONTENT
    assert progress.totals == {"toy: f.bin": len(CONTENT)}


@pytest.mark.parametrize("what", ["slow", "no length", "packed", "no tags"])
def test_however_a_server_sends_it_it_is_the_same_file(hub: Any, get: Any, what: str) -> None:
    hub.fail(what)
    assert get() == CONTENT


def test_an_empty_file_is_a_file(hub: Any, get: Any) -> None:
    hub.files["/f.bin"] = b""
    assert get() == b""
    assert get() == b""


def test_a_cut_download_goes_on_where_it_was_cut(hub: Any, get: Any, progress: Any) -> None:
    hub.fail("cut", times=3)
    assert get() == CONTENT
    assert ranges(hub) == [None, "bytes=500000-", "bytes=750000-", "bytes=875000-"]
    assert progress.totals == {"toy: f.bin": len(CONTENT)}


def test_the_next_run_goes_on_where_the_last_was_stopped(hub: Any, get: Any, monkeypatch: Any, progress: Any) -> None:
    monkeypatch.setattr(jobs, "TRIES", 1)
    hub.fail("cut", times=1)
    with pytest.raises(DownloadError, match=r" broke off the connection, after 1 try; run this again to continue$"):
        get()
    assert get() == CONTENT
    assert ranges(hub) == [None, "bytes=500000-"]
    assert progress.totals == {"toy: f.bin": len(CONTENT)}


def test_a_server_that_falls_silent_is_given_up_and_asked_again(hub: Any, get: Any) -> None:
    hub.fail("silent")
    assert get() == CONTENT
    assert ranges(hub) == [None, "bytes=500000-"]


def test_a_server_that_never_answers_is_given_up(hub: Any, get: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(http, "READ_SECONDS", 0.05)
    hub.fail("hang", times=99)
    with pytest.raises(DownloadError, match=r"did not answer in time, after 5 tries; run this again later"):
        get()


def test_a_server_that_sends_next_to_nothing_is_given_up(hub: Any, get: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(downloading, "STALL_SECONDS", 0.0)
    monkeypatch.setattr(downloading, "STALL_BYTES", 1 << 30)
    monkeypatch.setattr(jobs, "TRIES", 1)
    with pytest.raises(DownloadError, match="is sending almost nothing"):
        get()


def test_a_server_without_ranges_sends_all_again(hub: Any, get: Any, progress: Any) -> None:
    hub.fail("cut")
    hub.fail("no ranges")
    assert get() == CONTENT
    assert progress.totals == {"toy: f.bin": len(CONTENT)}


def test_a_server_that_is_cut_at_the_same_place_each_time_is_given_up(hub: Any, get: Any) -> None:
    hub.fail("cut", times=99)
    hub.files["/f.bin"] = b"x" * 1000
    with pytest.raises(DownloadError, match="after 5 tries"):
        get()


def test_a_file_without_tags_is_fetched_from_its_beginning(hub: Any, get: Any, monkeypatch: Any) -> None:
    """Two versions of it could not be told apart."""
    hub.tagged = False
    hub.fail("cut")
    assert get() == CONTENT
    assert ranges(hub) == [None, None]


def test_a_file_that_changes_between_two_tries_is_not_patched_together(hub: Any, get: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(jobs, "TRIES", 1)
    hub.fail("cut")
    with pytest.raises(DownloadError):
        get()
    hub.files["/f.bin"] = CONTENT[::-1]
    assert get() == CONTENT[::-1]
    assert ranges(hub) == [None, "bytes=500000-"]  # asked for the rest, and was sent the whole


def test_another_piece_than_asked_for_is_not_joined(hub: Any, get: Any) -> None:
    hub.fail("cut")
    hub.fail("other piece")
    assert get() == CONTENT


def test_bytes_of_another_address_are_not_used(hub: Any, get: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr(jobs, "TRIES", 1)
    hub.files["/g.bin"] = CONTENT[::-1]
    hub.fail("cut")
    with pytest.raises(DownloadError):
        get()
    assert get("/g.bin") == CONTENT[::-1]
    assert ranges(hub) == [None, None]


def test_what_an_earlier_run_finished_is_only_asked_about(hub: Any, get: Any, progress: Any) -> None:
    get()
    assert get() == CONTENT
    assert hub.asked[1].headers["If-None-Match"]
    assert progress.totals == {"toy: f.bin": len(CONTENT)}
    hub.files["/f.bin"] = b"another"
    assert get() == b"another"


@pytest.mark.parametrize("damage", [b"", b"{", b'{"unknown": 1}', b"[]"])
def test_a_damaged_note_of_what_is_there_begins_the_file_anew(
    hub: Any, get: Any, tmp_path: Path, damage: bytes
) -> None:
    get()
    (tmp_path / "files" / "f.bin.download").write_bytes(damage)
    assert get() == CONTENT


def test_a_beginning_that_is_longer_than_the_file_is_forgotten(get: Any, tmp_path: Path) -> None:
    get()
    with (tmp_path / "files" / "f.bin").open("ab") as file:
        file.write(b"more")
    assert get() == CONTENT


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504])
def test_a_busy_server_is_asked_again(hub: Any, get: Any, status: int) -> None:
    hub.fail(status, times=4)
    assert get() == CONTENT
    assert len(hub.asked) == 5


def test_a_server_that_stays_busy_is_one_sentence(hub: Any, get: Any) -> None:
    hub.fail(503, times=99)
    with pytest.raises(DownloadError) as error:
        get()
    assert str(error.value) == f"127.0.0.1:{hub.port} answers HTTP 503, after 5 tries; run this again later"


def test_what_the_server_asks_to_wait_is_waited(hub: Any, get: Any, monkeypatch: Any) -> None:
    waited: list[float] = []

    class Clock(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            waited.append(timeout or 0)
            return False

    hub.fail(429, Retry_After="7")
    assert get(stop=Clock()) == CONTENT
    assert len(waited) == 1
    assert 7 <= waited[0] <= 8


def test_a_server_that_asks_to_wait_for_an_hour_is_not_waited_for(hub: Any, get: Any) -> None:
    hub.fail(429, Retry_After="3600")
    with pytest.raises(
        DownloadError, match="answers HTTP 429, and asks to wait 3,600 seconds; run this again after that"
    ):
        get()
    assert len(hub.asked) == 1


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (401, "requires a login for f.bin (HTTP 401); put it into ~/.netrc"),
        (403, "denies access to f.bin (HTTP 403); ask its owner for access"),
        (404, "has no f.bin (HTTP 404)"),
        (418, "answers HTTP 418 for f.bin"),
    ],
)
def test_a_refusal_is_one_sentence_and_not_repeated(hub: Any, get: Any, status: int, words: str) -> None:
    hub.fail(status, times=9)
    with pytest.raises(DownloadError) as error:
        get()
    assert str(error.value) == f"127.0.0.1:{hub.port} {words}"
    assert len(hub.asked) == 1


@pytest.mark.parametrize(
    ("limits", "found"), [({"size": 10}, "10 bytes expected"), ({"limit": 10}, "at most 10 bytes expected")]
)
def test_a_file_that_is_too_large_is_not_fetched(hub: Any, get: Any, tmp_path: Path, limits: Any, found: str) -> None:
    with pytest.raises(DownloadError, match=f"f.bin at .* is not the published file: {found}, 1,000,000 found"):
        get(**limits)
    assert not (tmp_path / "files" / "f.bin").exists()


@pytest.mark.parametrize("limits", [{"size": 10}, {"limit": 10}])
def test_a_file_that_turns_out_too_large_is_dropped(hub: Any, get: Any, tmp_path: Path, limits: Any) -> None:
    hub.fail("no length")
    with pytest.raises(DownloadError, match="more than 10 found"):
        get(**limits)
    assert not (tmp_path / "files" / "f.bin").exists()


def test_a_file_that_ends_too_soon_is_dropped(hub: Any, get: Any) -> None:
    hub.fail("no length")
    with pytest.raises(DownloadError, match="2,000,000 bytes expected, 1,000,000 found"):
        get(size=2_000_000)


def test_a_stopped_download_ends_and_can_be_continued(hub: Any, get: Any) -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(Abandoned):
        get(stop=stop)
    assert get() == CONTENT


def test_a_server_that_is_not_there_is_given_up_soon(hub: Any, order: Any, tmp_path: Path) -> None:
    url = "http://user:secret@127.0.0.1:9/f.bin?key=secret"
    with pytest.raises(DownloadError) as error:
        Download(order(), url, "f.bin").run()
    assert str(error.value) == (
        "127.0.0.1:9 could not be reached, after 3 tries; check the network, and HTTPS_PROXY if you need a proxy"
    )


def test_no_password_is_said_or_written_down(hub: Any, order: Any, tmp_path: Path) -> None:
    hub.fail(404)
    url = f"http://user:secret@127.0.0.1:{hub.port}/f.bin?key=secret"
    wanted = Download(order(), url, "f.bin", token="secret")
    with pytest.raises(DownloadError) as error:
        wanted.run()
    assert "secret" not in str(error.value)
    assert "secret" not in repr(wanted)
    hub.files["/f.bin"] = b"content"
    wanted.run()
    assert "secret" not in (tmp_path / "files" / "f.bin.download").read_text()


def test_a_token_does_not_follow_to_another_host(hub: Any, get: Any) -> None:
    hub.redirects["/moved"] = f"http://localhost:{hub.port}/f.bin"
    assert get("/moved", token="hf_secret") == CONTENT
    assert [asked.headers.get("Authorization") for asked in hub.asked] == ["Bearer hf_secret", None]


def test_a_token_goes_before_a_password_in_netrc(hub: Any, get: Any, monkeypatch: Any, tmp_path: Path) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password mine\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    get(token="hf_secret")
    get("/f.bin?again")
    assert hub.asked[0].headers["Authorization"] == "Bearer hf_secret"
    assert hub.asked[1].headers["Authorization"].startswith("Basic ")


def test_going_in_a_circle_ends(hub: Any, get: Any) -> None:
    hub.redirects["/moved"] = "/moved"
    with pytest.raises(DownloadError, match="redirects in a circle; check the address"):
        get("/moved")


def test_a_full_disk_is_not_a_matter_of_trying_again(hub: Any, get: Any, monkeypatch: Any) -> None:
    opened = Path.open

    def full(path: Path, mode: str = "r", **how: Any) -> Any:
        return opened(Path("/dev/full") if mode == "ab" else path, mode, **how)

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(OSError, match="No space left"):
        get()
    assert len(hub.asked) == 1


@pytest.mark.parametrize("seed", range(40))
def test_whatever_happens_on_the_way_what_arrives_is_one_version_of_the_file(
    hub: Any, get: Any, seed: int, monkeypatch: Any
) -> None:
    monkeypatch.setattr(http, "READ_SECONDS", 0.2)
    chance = random.Random(seed)
    monkeypatch.setattr(jobs, "TRIES", chance.choice([1, 5]))  # with one, every fault ends a run
    versions = [chance.randbytes(300_000), chance.randbytes(300_000)]
    ways = ["cut", "no ranges", "other piece", "no tags", "no length", "packed", "slow", "silent", 429, 500, 503, 404]
    for _ in range(chance.randint(1, 12)):
        hub.fail(chance.choice(ways))
    for _ in range(20):
        hub.files["/f.bin"] = chance.choice(versions)
        try:
            arrived = get(size=len(hub.files["/f.bin"]))
        except DownloadError:
            continue
        assert arrived == hub.files["/f.bin"]
        return
    pytest.fail("it never arrived")


def test_the_whole_process_opens_few_connections(hub: Any, order: Any, tmp_path: Path) -> None:
    hub.files |= {f"/{number}": CONTENT[:10_000] for number in range(12)}
    hub.fail("slow", times=12)
    wanted = [Download(order(), f"{hub.url}/{number}", str(number)) for number in range(12)]
    threads = [threading.Thread(target=each.run) for each in wanted]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(each.path.stat().st_size == 10_000 for each in wanted)
    assert 1 < hub.most_at_once <= 4

from __future__ import annotations

import pytest

from convai_rasa.store.sources.http import host_of, is_allowed, seconds_to_wait

SAFE = ["https://example.org/x", "http://127.0.0.1:80/x", "http://localhost/x", "http://[::1]/x"]
UNSAFE = ["http://example.org/x", "http://127.0.0.1.example.org/x", "ftp://example.org/x", "file:///etc/passwd"]
NONE = ["https://", "https://[", ""]


@pytest.mark.parametrize("url", [*SAFE, *UNSAFE, *NONE])
def test_only_encrypted_addresses_and_this_machine_are_allowed(url: str) -> None:
    assert is_allowed(url) is (url in SAFE)


def test_a_host_is_named_without_a_password() -> None:
    assert host_of("https://user:secret@example.org/x?y") == "example.org"
    assert host_of("https://user:secret@example.org:8443/x?y") == "example.org:8443"


def test_waits_are_read_from_seconds_and_dates() -> None:
    assert seconds_to_wait("7") == 7
    assert seconds_to_wait("Wed, 21 Oct 2015 07:28:00 GMT") == 0
    assert seconds_to_wait("Wed, 21 Oct 2015 07:28:00 -0000") == 0
    assert seconds_to_wait("soon") is None
    assert seconds_to_wait(None) is None

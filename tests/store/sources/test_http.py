from __future__ import annotations

import pytest

from convai_rasa.store.sources.http import host_of, is_allowed, seconds_to_wait


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        ("https://example.org/x", True),
        ("http://127.0.0.1:80/x", True),
        ("http://localhost/x", True),
        ("http://[::1]/x", True),
        ("http://example.org/x", False),
        ("http://127.0.0.1.example.org/x", False),
        ("ftp://example.org/x", False),
        ("file:///etc/passwd", False),
        ("https://", False),
        ("https://[", False),
        ("", False),
    ],
)
def test_only_encrypted_addresses_and_this_machine_are_allowed(url: str, allowed: bool) -> None:
    assert is_allowed(url) is allowed


def test_a_host_is_named_without_a_password() -> None:
    assert host_of("https://user:secret@example.org/x?y") == "example.org"
    assert host_of("https://user:secret@example.org:8443/x?y") == "example.org:8443"


def test_waits_are_read_from_seconds_and_dates() -> None:
    assert seconds_to_wait("7") == 7
    assert seconds_to_wait("Wed, 21 Oct 2015 07:28:00 GMT") == 0
    assert seconds_to_wait("Wed, 21 Oct 2015 07:28:00 -0000") == 0
    assert seconds_to_wait("soon") is None
    assert seconds_to_wait(None) is None

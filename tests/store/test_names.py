from __future__ import annotations

import pytest

from convai_rasa.store.names import Name, parse_name, version_key


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("nlu/intents", Name("nlu", "intents")),
        ("nlu/intents/", Name("nlu", "intents")),
        ("whisper/tiny.en@v1.0", Name("whisper", "tiny.en", "v1.0")),
        ("nlu/intents@latest", Name("nlu", "intents", "latest")),
        ("nlu/v2.0/intents", Name("nlu", "intents", "v2.0")),
        ("nlu/current/intents", Name("nlu", "intents")),
        ("nlu/team/intents@v3", Name("nlu", "team/intents", "v3")),
        ("nlu/intents@newest", Name("nlu", "intents", "newest")),
    ],
)
def test_a_name_is_read(text: str, name: Name) -> None:
    assert parse_name(text) == name


@pytest.mark.parametrize(
    "text",
    ["", "nlu", "nlu/", "nlu/intents@", "nlu/v1.0", "nlu/current", "nlu/v1.0/intents@v2.0", "../x", "nlu/.x", "a//b"],
)
def test_what_is_no_name_is_none(text: str) -> None:
    assert parse_name(text) is None


def test_a_name_is_written_as_it_is_read() -> None:
    for text in ("nlu/intents", "nlu/intents@v1.0", "nlu/intents@latest"):
        assert str(parse_name(text)) == text


def test_versions_are_ordered_by_their_numbers() -> None:
    versions = ["v1", "v1.0.1", "v1.2", "v1.10", "v2.0", "v10.0"]
    assert sorted(reversed(versions), key=version_key) == versions

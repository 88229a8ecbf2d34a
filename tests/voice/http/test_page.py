"""The page's files, where the channel serves them from."""

from __future__ import annotations

from convai_rasa.voice.http.page import files, fingerprint


def test_the_page_and_all_that_it_loads_are_there() -> None:
    assert {"index.html", "app.js", "icon.svg", "texts/en.js"} <= set(files())
    assert fingerprint()

from __future__ import annotations

import pytest

from convai_rasa import errors


def test_every_error_is_in_the_picture() -> None:
    classes = [value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, Exception)]
    assert len(classes) > 8
    for error in classes:
        assert issubclass(error, errors.ConvaiError)
        assert error.__name__ in (errors.__doc__ or "")


def test_a_missing_package_names_its_extra() -> None:
    with pytest.raises(errors.MissingExtra, match=r"pip install 'convai-rasa\[rasa,voice\]'"):
        errors.require("no_such_package_anywhere", extra="voice")


def test_without_rasa_the_command_does_not_ask_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert errors.install_command("nlu") == "pip install 'convai-rasa[rasa,nlu]'"
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert errors.install_command("nlu") == "pip install 'convai-rasa[nlu]'"


def test_a_missing_extra_is_no_import_error() -> None:
    """Rasa hides every ImportError of a channel behind "failed to find input channel class"."""
    assert not issubclass(errors.MissingExtra, ImportError)

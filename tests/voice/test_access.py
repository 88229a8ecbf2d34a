from __future__ import annotations

from types import SimpleNamespace
from typing import Any, Dict, Optional

import pytest

from convai_rasa.errors import ProtocolError
from convai_rasa.voice.access import check_origin, check_token


def request(token: Optional[str] = None, query: Optional[Dict[str, str]] = None, **headers: str) -> Any:
    """The parts of a Sanic request that are looked at."""
    return SimpleNamespace(headers={"host": "127.0.0.1:5005", **headers}, token=token, args=query or {})


@pytest.mark.parametrize("origin", ["http://127.0.0.1:5005", "https://127.0.0.1:5005"])
def test_the_bots_own_page_may_talk(origin: str) -> None:
    check_origin(request(origin=origin), [])


def test_a_program_sends_no_origin_and_may_talk() -> None:
    check_origin(request(), [])


@pytest.mark.parametrize("origin", ["http://elsewhere.example", "http://127.0.0.1:5006", "null", "http://127.0.0.1"])
def test_another_page_may_not(origin: str) -> None:
    with pytest.raises(ProtocolError) as error:
        check_origin(request(origin=origin), [])
    assert error.value.code == "forbidden_origin"


@pytest.mark.parametrize("allowed", ["http://elsewhere.example", "*"])
def test_unless_it_is_listed(allowed: str) -> None:
    check_origin(request(origin="http://elsewhere.example"), [allowed])


def test_without_a_token_configured_everybody_may_talk() -> None:
    check_token(request(), None)


@pytest.mark.parametrize(
    ("given", "in_message"),
    [(request(token="secret"), None), (request(query={"token": "secret"}), None), (request(), "secret")],
    ids=["header", "query", "start"],
)
def test_the_token_may_come_in_three_ways(given: Any, in_message: Optional[str]) -> None:
    check_token(given, "secret", in_message)


@pytest.mark.parametrize("wrong", [None, "", "secre", "secret ", "sécret"])
def test_a_wrong_token_is_refused(wrong: Optional[str]) -> None:
    with pytest.raises(ProtocolError) as error:
        check_token(request(token=wrong), "secret", wrong)
    assert error.value.code == "unauthorized"

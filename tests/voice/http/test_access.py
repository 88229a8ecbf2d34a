"""Who may talk, and under which name."""

from __future__ import annotations

import time
from types import SimpleNamespace
from typing import Any, Dict, Optional

import jwt
import pytest

from convai_rasa.errors import ProtocolError
from convai_rasa.voice.http.access import Access, Proof, check_host, check_origin
from convai_rasa.voice.options import VoiceOptions

KEY = "0123456789abcdef0123456789abcdef"


def request(
    token: Optional[str] = None,
    query: Optional[Dict[str, str]] = None,
    ip: str = "127.0.0.1",
    came_in_at: str = "127.0.0.1",
    **headers: Optional[str],
) -> Any:
    """The parts of a Sanic request that are looked at."""
    given = {key: value for key, value in {"host": "127.0.0.1:5005", **headers}.items() if value is not None}
    transport = SimpleNamespace(get_extra_info=lambda name: (came_in_at, 5005))
    return SimpleNamespace(headers=given, token=token, args=query or {}, ip=ip, transport=transport)


def access(**options: Any) -> Access:
    return Access(VoiceOptions(**options))


def refused(call: Any) -> str:
    with pytest.raises(ProtocolError) as error:
        call()
    return error.value.code


# ------------------------------------------------------------------ pages of other sites


@pytest.mark.parametrize("origin", ["http://127.0.0.1:5005", "https://127.0.0.1:5005"])
def test_the_bots_own_page_may_talk(origin: str) -> None:
    check_origin(request(origin=origin), [])


def test_a_program_sends_no_origin_and_may_talk() -> None:
    check_origin(request(), [])


@pytest.mark.parametrize("origin", ["http://elsewhere.example", "http://127.0.0.1:5006", "null", "http://127.0.0.1"])
def test_another_page_may_not(origin: str) -> None:
    assert refused(lambda: check_origin(request(origin=origin), [])) == "forbidden_origin"


@pytest.mark.parametrize("host", ["", None])
def test_a_page_without_a_site_is_not_the_bots_own(host: Optional[str]) -> None:
    assert refused(lambda: check_origin(request(origin="null", host=host), [])) == "forbidden_origin"


@pytest.mark.parametrize("allowed", ["http://elsewhere.example", "*"])
def test_unless_it_is_listed(allowed: str) -> None:
    check_origin(request(origin="http://elsewhere.example"), [allowed])


# ------------------------------------------------------------------ names of this server


@pytest.mark.parametrize("host", ["localhost:5005", "LOCALHOST", "127.0.0.1", "127.1.2.3:80", "[::1]:5005"])
def test_loopback_is_this_server(host: str) -> None:
    check_host(request(host=host), [])


def test_so_is_the_address_that_a_connection_came_in_at() -> None:
    check_host(request(host="192.168.1.5:5005", came_in_at="192.168.1.5"), [])
    check_host(request(host="[fd00::5]:5005", came_in_at="fd00::5"), [])


@pytest.mark.parametrize(
    "host", ["attacker.example:5005", "192.168.1.6", "localhost.attacker.example", "", None, "[::1", "@"]
)
def test_a_strangers_name_led_to_this_machine_is_not(host: Optional[str]) -> None:
    origin = f"http://{host}"
    given = request(host=host, origin=origin, came_in_at="192.168.1.5")
    assert refused(lambda: access().check_place(given)) == "forbidden_host"


def test_a_name_that_is_configured_is() -> None:
    check_host(request(host="Bot.Example.com"), ["bot.example.com"])
    check_host(request(host="bot.example.com"), [], ["https://bot.example.com"])
    check_host(request(host="anything.example"), ["*"])


# ------------------------------------------------------------------ other machines


def test_without_a_token_only_this_machine_may_talk() -> None:
    access().check_place(request())
    access().check_place(request(ip="::ffff:127.0.0.1"))
    far = request(ip="192.168.1.9", host="192.168.1.5", came_in_at="192.168.1.5")
    assert refused(lambda: access().check_place(far)) == "forbidden_machine"
    access(allow_anyone=True).check_place(far)
    access(token=KEY).check_place(far)
    access(jwt_key=KEY).check_place(far)


def test_a_container_asks_for_everybody_by_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONVAI_ALLOW_ANYONE", "true")
    access().check_place(request(ip="172.18.0.1"))


# ------------------------------------------------------------------ tokens


def test_without_a_token_configured_everybody_has_proven_enough() -> None:
    assert access().at_the_door(request()) == Proof()
    assert access().prove(None) == Proof()


@pytest.mark.parametrize(
    "given", [request(token="secret"), request(query={"token": "secret"})], ids=["header", "query"]
)
def test_a_token_in_the_request_is_checked_before_anything_is_sent(given: Any) -> None:
    assert access(token="secret").at_the_door(given) == Proof()


def test_a_token_may_still_come_with_the_first_message() -> None:
    assert access(token="secret").at_the_door(request()) is None
    assert access(token="secret").prove("secret") == Proof()


@pytest.mark.parametrize("wrong", ["secre", "secret ", "sécret", "\ud800", "x" * 5_000_000, "a.b.c"])
def test_a_wrong_token_is_refused(wrong: str) -> None:
    for options in ({"token": "secret"}, {"jwt_key": KEY}):
        assert refused(lambda: access(**options).prove(wrong)) == "unauthorized"  # noqa: B023 - called at once
        assert refused(lambda: access(**options).at_the_door(request(token=wrong))) == "unauthorized"  # noqa: B023 - likewise


@pytest.mark.parametrize("missing", [None, ""])
def test_no_token_is_refused_too(missing: Optional[str]) -> None:
    assert refused(lambda: access(token="secret").prove(missing)) == "unauthorized"


def signed(key: str = KEY, algorithm: str = "HS256", **claims: Any) -> str:
    return jwt.encode({"sub": "ann", "exp": time.time() + 60, **claims}, key, algorithm)


def test_a_jwt_says_who_the_caller_is() -> None:
    proof = access(jwt_key=KEY, token="shared").prove(signed())
    assert proof == Proof("ann")
    assert access(jwt_key=KEY).sender(proof, None) == "ann"
    assert access(jwt_key=KEY).sender(proof, "ann") == "ann"
    assert refused(lambda: access(jwt_key=KEY).sender(proof, "bob")) == "forbidden_name"


@pytest.mark.parametrize(
    "bad",
    [
        signed(exp=time.time() - 1),
        signed(key="another key of thirty-two bytes!!"),
        signed(algorithm="HS512"),
        jwt.encode({"sub": "ann", "exp": time.time() + 60}, None, "none"),
        jwt.encode({"sub": "ann"}, KEY, "HS256"),
        jwt.encode({"exp": time.time() + 60}, KEY, "HS256"),
        signed(sub=""),
        signed(sub="a" * 129),
        signed(sub="ann\nERROR forged"),
        signed(sub="+441632960001"),
        signed(sub="guest:bob"),
        signed(exp="tomorrow"),
    ],
    ids=["expired", "key", "algorithm", "none", "no exp", "no sub", "empty", "long", "lines", "number", "guest", "exp"],
)
def test_a_jwt_that_proves_nothing_is_refused(bad: str) -> None:
    assert refused(lambda: access(jwt_key=KEY).prove(bad)) == "unauthorized"


# ------------------------------------------------------------------ names


@pytest.mark.parametrize(
    "name", ["+441632960001", "tel:+441632960001", "sip:ann@example.com", "client:ann", "call:CA12"]
)
def test_nobody_can_claim_the_name_of_a_telephone_caller(name: str) -> None:
    assert refused(lambda: access().sender(Proof(), name)) == "forbidden_name"


@pytest.mark.parametrize("name", ["", "x" * 129, "ann\nERROR forged", "ann\u2028", "\ud800", "\x1b[31m"])
def test_a_name_stands_in_one_line_of_the_log(name: str) -> None:
    assert refused(lambda: access().sender(Proof(), name)) == "bad_message"


def test_who_gives_no_name_gets_one_that_nobody_can_guess() -> None:
    assert len({access().sender(Proof(), None) for _ in range(100)}) == 100


def test_beside_proven_names_claimed_ones_are_a_space_of_their_own() -> None:
    assert access().sender(Proof(), "ann") == "ann"
    beside = access(jwt_key=KEY, token="shared")
    assert beside.sender(Proof(), "ann") == "guest:ann"
    assert beside.sender(Proof(), "guest:ann") == "guest:ann"  # as `ready` gave it


@pytest.mark.parametrize(
    ("options", "asked", "seen"),
    [
        ({}, request(), True),
        ({}, request(host="localhost:5005"), True),
        ({}, request(host="bot.example"), False),
        ({}, request(ip="192.0.2.7"), False),
        ({}, request(**{"x-forwarded-for": "192.0.2.7"}), False),
        ({"token": "secret"}, request(), False),
        ({"jwt_key": KEY}, request(), False),
        ({"allow_anyone": True}, request(), False),
        ({"token": "secret", "inspect": True}, request(ip="192.0.2.7", host="bot.example"), True),
        ({"inspect": False}, request(), False),
    ],
)
def test_the_bots_inside_is_for_this_machine_alone_unless_it_is_said(
    options: Dict[str, Any], asked: Any, seen: bool
) -> None:
    assert access(**options).may_inspect(asked) is seen

from __future__ import annotations

import asyncio
from typing import List, Tuple

from convai_rasa.voice.call.keys import DigitCollector
from convai_rasa.voice.limits import MAX_DIGITS


def collector(wait_ms: float) -> Tuple[DigitCollector, List[str]]:
    delivered: List[str] = []

    async def deliver(digits: str) -> None:
        delivered.append(digits)

    return DigitCollector(wait_ms, deliver), delivered


async def test_keys_in_quick_succession_are_one_number() -> None:
    digits, delivered = collector(30)
    for key in "4711":
        await digits.press(key)
    assert delivered == []
    await asyncio.sleep(0.1)
    assert delivered == ["4711"]


async def test_the_hash_key_ends_the_number_at_once() -> None:
    digits, delivered = collector(10_000)
    await digits.press("42#")
    await digits.press("#")
    assert delivered == ["42", "#"]
    digits.cancel()


async def test_cancelling_delivers_nothing_more() -> None:
    digits, delivered = collector(10)
    await digits.press("4")
    digits.cancel()
    await asyncio.sleep(0.05)
    assert delivered == []


async def test_a_row_of_hash_keys_says_no_more_than_one() -> None:
    digits, delivered = collector(10_000)
    await digits.press("#" * 64)
    await digits.press("4##2#")
    assert delivered == ["#", "4", "2"]


async def test_however_many_keys_come_they_are_handed_on_in_bounded_pieces() -> None:
    digits, delivered = collector(10_000)
    for _ in range(2_000):
        await digits.press("1" * MAX_DIGITS)
    assert delivered == ["1" * MAX_DIGITS] * 2_000
    digits.cancel()

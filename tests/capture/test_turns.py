"""How a value is asked for until the person agrees with it."""

from __future__ import annotations

import pytest

from convai_rasa.capture import Asking, Captured, Taken, aloud, take


def conversation(kind: str, *said: str, language: str = "en", exact: bool = False) -> list[Taken]:
    asking, turns = Asking("contact"), []
    for text in said:
        turns.append(take(asking, kind, text, language=language, exact=exact))
        asking = turns[-1].asking
    return turns


def test_a_value_is_read_back_repaired_and_agreed_on() -> None:
    first, second, third = conversation(
        "phone", "555 012 3495", "no, the last digit is an 8", "Yes, that's right, thanks."
    )
    assert first.asking.say == "I have 5 5 5, 0 1 2, 3 4 9 5, is that right?"
    assert second.asking.say == "I have 5 5 5, 0 1 2, 3 4 9 8, is that right?"
    assert [first.value, second.value, third.value] == [None, None, "5550123498"]


def test_saying_it_once_more_agrees() -> None:
    assert conversation("phone", "555 012 3495", "555 012 3495")[-1].value == "5550123495"


def test_what_is_not_understood_is_asked_for_letter_by_letter() -> None:
    _, second, third = conversation("name", "K-O-W-A-L-S-I-K", "no", "Kilo, Oscar, Whiskey, Alpha, Lima")
    assert "spell it with a word for each letter" in second.asking.say
    assert second.asking.heard == ""
    assert third.asking.heard == "Kowal"


@pytest.mark.parametrize(
    ("kind", "way"), [("phone", "keys of your phone"), ("email", "you can type it"), ("name", "you can type it")]
)
def test_after_two_failures_there_is_another_way_and_after_four_an_end(kind: str, way: str) -> None:
    turns = conversation(kind, *["what do you need that for"] * 4)
    assert way not in turns[0].asking.say
    assert all(way in turn.asking.say for turn in turns[1:3])
    assert [turn.left_out for turn in turns] == [False, False, False, True]


@pytest.mark.parametrize("words", ["skip", "Skip it, please.", "I don't have one"])
def test_it_may_be_left_out_at_any_time(words: str) -> None:
    assert conversation("email", words)[-1].left_out
    assert conversation("email", "a@b.com", words)[-1].left_out


def test_what_was_typed_or_pressed_needs_no_reading_back() -> None:
    assert conversation("phone", "5550123498", exact=True)[-1].value == "5550123498"


def test_it_is_said_again_and_with_words_when_asked() -> None:
    first, again, words, agreed = conversation("name", "Novak", "pardon?", "can you spell that?", "correct")
    assert again.asking == first.asking
    assert "K for Kilo" in words.asking.say
    assert agreed.value == "Novak"


def test_what_was_kept_comes_back_as_it_was() -> None:
    asking = conversation("name", "Novak")[-1].asking
    assert Asking.of(asking.as_dict(), "contact") == asking
    assert Asking.of(asking.as_dict(), "other") == Asking("other")
    assert Asking.of(None, "contact") == Asking.of({"slot": "contact", "gone": 1}, "contact") == Asking("contact")


@pytest.mark.parametrize(
    ("language", "say", "yes"),
    [
        ("de", "Ich habe notiert: 0 3 0, 1 2 3, 4 5 6, ist das richtig?", "ja, genau"),
        ("es", "He anotado 0 3 0, 1 2 3, 4 5 6, ¿es correcto?", "sí, correcto"),
    ],
)
def test_it_is_asked_in_the_language_of_the_caller(language: str, say: str, yes: str) -> None:
    first, second = conversation("phone", "030 123 456", yes, language=language)
    assert (first.asking.say, second.value) == (say, "030123456")


def test_a_date_is_read_by_whoever_can() -> None:
    def reading(kind: str, text: str, language: str) -> Captured | None:
        return Captured("2026-12-04", kind, False) if "friday" in text else None

    first = take(Asking("day"), "date", "next friday", reading=reading)
    assert first.asking.say == "I have 2026-12-04, is that right?"
    assert take(first.asking, "date", "yes", reading=reading).value == "2026-12-04"


@pytest.mark.parametrize(
    ("kind", "value", "said"),
    [
        ("phone", "5550123498", "5 5 5, 0 1 2, 3 4 9 8"),
        ("phone", "+4930123456", "plus, 4 9 3, 0 1 2, 3 4 5 6"),
        ("name", "Novak", "Novak: N, O, V, A, K"),
        ("email", "john.smith_7@gmail.co.uk", "J, O, H, N, dot, S, M, I, T, H, underscore, 7, at gmail dot co dot uk"),
        ("number", "BR34X7", "B, R, 3 4, X, 7"),
        ("postcode", "SW1A 1AA", "S, W, 1, A, 1, A, A"),
    ],
)
def test_a_value_is_read_back_as_people_do(kind: str, value: str, said: str) -> None:
    assert aloud(Captured(value, kind, True)) == said

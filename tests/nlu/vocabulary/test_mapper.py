"""Which known value somebody meant, from sounds, letters and numbers."""

from __future__ import annotations

from pathlib import Path

import pytest

from convai_rasa.nlu.vocabulary import Mapped, ValueMapper

MENU = {
    "drink": ["iced coffee", "iced mocha", "coffee", "mocha", "cappuccino", "espresso"],
    "size": ["small", "large", "twelve ounce", "sixteen ounce", "twenty ounce"],
    "milk": ["milk", "skim milk", "whole milk", "soy milk", "some milk"],
    "roast": ["light roast", "dark roast"],
    "slot": ["half past seven", "eight o'clock"],
}

LED = {  # by what was done to it, and whose value it is
    "misheard": {
        "drink": {"ice mocha": "iced mocha", "capucino": "cappuccino"},
        "milk": {"skin milk": "skim milk", "home milk": "whole milk", "soy.": "soy milk"},
        "size": {"sixty ounce": "sixteen ounce"},
        "roast": {"lite roast": "light roast"},
    },
    "mistyped": {
        "size": {"lareg": "large", "smal": "small", "Twelve ounec": "twelve ounce"},
        "drink": {"icd coffee": "iced coffee", "icedmocha": "iced mocha"},
    },
    "the same": {
        "size": {"20 ounce": "twenty ounce", "20-OUNCE": "twenty ounce", "20oz": "twenty ounce"},
        "slot": {"7:30": "half past seven", "seven thirty": "half past seven"},
        "drink": {" Mocha.": "mocha"},
    },
}


@pytest.fixture(scope="module")
def menu() -> ValueMapper:
    return ValueMapper({entity: {value: value for value in values} for entity, values in MENU.items()})


@pytest.mark.parametrize(
    ("how", "entity", "text", "value"),
    [(how, entity, *case) for how, values in LED.items() for entity, said in values.items() for case in said.items()],
)
def test_a_text_is_led_by_its_sounds_and_letters(
    menu: ValueMapper, how: str, entity: str, text: str, value: str
) -> None:
    mapped = menu.map(entity, text, heard=how == "misheard")
    assert mapped is not None
    assert mapped.value == value
    assert mapped.confidence == 1.0 or how != "the same"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("entity", "text"),
    [
        ("size", "tall"),
        ("size", "fourteen ounce"),
        ("size", "60"),
        ("slot", "nine o'clock"),
        ("milk", "oat milk"),
        ("drink", "tea"),
        ("drink", ""),
        ("drink", "?!"),
        ("drink", "x" * 5000),
        ("town", "Paris"),
    ],
)
def test_what_is_nearer_to_nothing_is_left_alone(menu: ValueMapper, entity: str, text: str) -> None:
    assert menu.map(entity, text) is None


def test_two_values_equally_near_are_a_question(menu: ValueMapper) -> None:
    assert menu.map("drink", "iced") == Mapped(None, 0.7, ("iced coffee", "iced mocha"))
    both = ValueMapper({"fish": {"sole": "sole", "soul": "soul"}})
    assert both.map("fish", "soal", heard=True) == Mapped(None, 1.0, ("sole", "soul"))
    assert both.map("fish", "soul") == Mapped("soul", 1.0)


def test_thresholds_decide(menu: ValueMapper) -> None:
    assert menu.map("drink", "ice mocha", threshold=0.1) is None
    plural = ValueMapper({"drink": {"mocha": "mocha", "mochas": "mochas"}})
    assert plural.map("drink", "mocka", margin=0.05) == Mapped("mocha", 0.875)
    assert plural.map("drink", "mocka", margin=0.9) == Mapped(None, 0.875, ("mocha", "mochas"))


@pytest.mark.slow
@pytest.mark.parametrize("language", ["en", "de", "xx"])
def test_strange_values_work_or_are_left_alone(language: str) -> None:
    odd = {"": "empty", "😀": "happy", "да": "yes", "нет": "no", "a": "a", "東京": "Tokyo", "大阪": "Osaka", "x": ""}
    mapper = ValueMapper({"odd": odd, "none": {}}, language)
    expected = {"😀": "happy", "да": "yes", "Нет": "no", "a": "a", "東京": "Tokyo"}
    assert {text: getattr(mapper.map("odd", text), "value", None) for text in expected} == expected
    assert [mapper.map("odd", text) for text in ("😁", "b", "京都", "x")] == [None] * 4
    assert mapper.map("none", "a") is None


def test_a_language_without_sounds_goes_by_its_letters() -> None:
    mapper = ValueMapper({"city": {"Łódź": "Łódź", "Kraków": "Kraków"}}, "pl")
    mapped = mapper.map("city", "Krakuw", heard=True)
    assert mapped is not None
    assert mapped.value == "Kraków"


def test_it_is_the_same_after_loading_and_learns_more(menu: ValueMapper, tmp_path: Path) -> None:
    menu.save(tmp_path)
    loaded = ValueMapper.load(tmp_path).with_values({"tip": {"ten percent": "10"}, "size": {"medium": "medium"}})
    assert loaded.entities == menu.entities | {"tip"}
    assert loaded.map("drink", "ice mocha") == menu.map("drink", "ice mocha")
    assert loaded.map("size", "mediun") == ValueMapper({"size": {"medium": "medium"}}).map("size", "mediun")
    assert loaded.map("size", "20 ounce") == Mapped("twenty ounce", 1.0)
    assert loaded.map("tip", "10 percent") == Mapped("10", 1.0)

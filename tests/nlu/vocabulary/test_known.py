"""Which values a bot knows, from its training data."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.nlu.training_data.formats import RasaYAMLReader
from rasa.shared.nlu.training_data.training_data import TrainingData

from convai_rasa.errors import ConfigurationError
from convai_rasa.nlu.vocabulary.known import categorical_values, known_values, said_by_bot

pytestmark = pytest.mark.rasa

EXAMPLES = """version: "3.1"
nlu:
- intent: order
  examples: |
    - a [large](size) [mocha](drink) for [Ann](name)
    - a [small](size) [mocha](drink) for [Bob](name) [at seven](when)
    - a [large](size) [iced mocha](drink) for [Cleo](name) [at eight](when)
    - [small](size) [ice mocha]{"entity": "drink", "value": "iced mocha"} [at eight](when)
    - a [big]{"entity": "size", "value": "large"} one [at seven](when)
- synonym: iced mocha
  examples: |
    - cold mocha
- lookup: town
  examples: |
    - Paris
    - Bath
"""


def read(text: str = EXAMPLES) -> TrainingData:
    return RasaYAMLReader().reads(text)


def test_entities_with_a_closed_set_are_known() -> None:
    assert known_values(read(), None, "en") == {
        "drink": {"mocha": "mocha", "iced mocha": "iced mocha", "ice mocha": "iced mocha", "cold mocha": "iced mocha"},
        "size": {"large": "large", "small": "small", "big": "large"},
        "town": {"Paris": "Paris", "Bath": "Bath"},
    }  # names go on, and so do times


def test_the_options_decide() -> None:
    assert known_values(read(), ["name"], "en") == {"name": {"Ann": "Ann", "Bob": "Bob", "Cleo": "Cleo"}}
    assert known_values(read(), ["unknown"], "en") == {}


def test_a_bot_without_entities_knows_none() -> None:
    assert known_values(read('version: "3.1"\nnlu:\n- intent: a\n  examples: |\n    - b'), None, "en") == {}


def lookup(elements: Any) -> TrainingData:
    return TrainingData(lookup_tables=[{"name": "town", "elements": elements}])


def test_a_lookup_table_may_be_a_file(tmp_path: Path) -> None:
    (tmp_path / "towns.txt").write_text("Paris\n\nBath\n", encoding="utf-8")
    assert set(known_values(lookup(str(tmp_path / "towns.txt")), None, "en")["town"]) == {"Paris", "", "Bath"}
    with pytest.raises(ConfigurationError, match=r"lookup table town names .*none.txt"):
        known_values(lookup(str(tmp_path / "none.txt")), None, "en")


def test_categorical_slots_count_under_the_entity_that_fills_them() -> None:
    domain = Domain.from_yaml("""
entities: [color]
slots:
  paint:
    type: categorical
    values: [red, blue]
    mappings: [{type: from_entity, entity: color}]
  mood:
    type: categorical
    values: [good, bad]
    mappings: [{type: from_text}]
""")
    assert categorical_values(domain, None) == {"color": {"red": "red", "blue": "blue"}}
    assert categorical_values(domain, ["size"]) == {}


@pytest.mark.parametrize(
    ("pattern", "listed"),
    [
        ("(red|blue|sky blue)", {"red", "blue", "sky blue"}),
        (r"\b(?:red|blue)\b", {"red", "blue"}),
        ("red|blue", {"red", "blue"}),
        (r"\d{10}|none", set()),
        ("gr[ae]y|blue", set()),
    ],
)
def test_a_regular_expression_that_lists_words_is_a_list_of_values(pattern: str, listed: set[str]) -> None:
    text = EXAMPLES.replace("[at seven](when)", "[mauve](color)") + f"- regex: color\n  examples: |\n    - {pattern}\n"
    assert set(known_values(read(text), None, "en").get("color", ())) - {"mauve"} == listed


def test_what_the_bot_says_is_known_without_what_is_filled_in() -> None:
    domain = Domain.from_yaml("""
responses:
  utter_ask:
  - text: "{name}, a latte?"
    buttons: [{title: Iced mocha, payload: /mocha}]
  - text: "Which drink?"
  utter_picture:
  - custom: {show: map}
""")
    assert said_by_bot(domain) == (["Iced mocha"], [" , a latte?", "Which drink?", ""])

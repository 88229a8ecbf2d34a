from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from convai_rasa.cli import main
from convai_rasa.project.change.assistant_id import with_assistant_id
from convai_rasa.project.change.undo import undo
from convai_rasa.project.change.yaml_text import YamlText


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            "recipe: default.v1\nlanguage: en\n",
            "recipe: default.v1\nlanguage: en\nassistant_id: ID  # added by convai\n",
        ),
        ("# top\n\npipeline:\n- name: A\n", "# top\n\nassistant_id: ID  # added by convai\npipeline:\n- name: A\n"),
        (
            "assistant_id: placeholder_default  # x\n",
            "# before convai: assistant_id: placeholder_default  # x\nassistant_id: ID  # changed by convai\n",
        ),
        ("assistant_id: mine\n", "assistant_id: mine\n"),
    ],
)
def test_a_configuration_without_one_gets_one_and_loses_it_again(before: str, after: str) -> None:
    text = with_assistant_id(YamlText("config.yml", before), Path("my-bot"))
    value = yaml.safe_load(text)["assistant_id"]
    assert text == after.replace("ID", value)
    assert value == "mine" or value.startswith("my-bot-")
    assert undo(YamlText("config.yml", text)).text == before


def test_rasa_train_leaves_the_file_with_its_comments(moodbot: Path) -> None:
    from rasa.cli.utils import validate_assistant_id_in_config

    before = (moodbot / "config.yml").read_bytes()
    assert main(["add", str(moodbot), "--yes", "--only", "nlu"]) == 0
    added = (moodbot / "config.yml").read_bytes()
    validate_assistant_id_in_config(moodbot / "config.yml")  # what `rasa train` begins with
    assert (moodbot / "config.yml").read_bytes() == added
    assert main(["remove", str(moodbot), "--yes"]) == 0
    assert (moodbot / "config.yml").read_bytes() == before

"""What the component pages show works as shown."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from convai_rasa import nlu
from convai_rasa.nlu.component import component_options
from convai_rasa.nlu.entity_extractor import EntityOptions
from convai_rasa.nlu.intent_classifier import IntentOptions
from convai_rasa.nlu.sentiment import SentimentOptions
from convai_rasa.store import resolve

PAGES = Path(__file__).parents[2] / "docs" / "components"
OPTIONS = {"intent_classifier": IntentOptions, "entity_extractor": EntityOptions, "sentiment": SentimentOptions}


def snippets(page: str, language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", (PAGES / f"{page}.md").read_text(encoding="utf-8"), re.DOTALL)


@pytest.mark.parametrize("page", OPTIONS)
def test_the_pipeline_to_paste_has_keys_that_exist(page: str) -> None:
    (pipeline,) = snippets(page, "yaml")
    ours = [step for step in yaml.safe_load(pipeline)["pipeline"] if step["name"].startswith("convai_rasa.nlu.")]
    assert ours
    for step in ours:
        name = step.pop("name").rpartition(".")[2]
        assert hasattr(nlu, name)
        component_options(OPTIONS[page], step, name)


@pytest.mark.parametrize("page", OPTIONS)
def test_every_key_is_in_the_table(page: str) -> None:
    rows = re.findall(r"^\| `(\w+)` \|", (PAGES / f"{page}.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(rows) == sorted(OPTIONS[page].__fields__)


@pytest.mark.models
@pytest.mark.parametrize("page", OPTIONS)
def test_the_python_runs(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONVAI_MODELS_DIR", str(resolve("nlu/minilm").parent.parent))
    monkeypatch.chdir(tmp_path)
    (code,) = snippets(page, "python")
    exec(compile(code, page, "exec"), {})

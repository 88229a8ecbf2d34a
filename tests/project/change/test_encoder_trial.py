from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from tiny import TinyModels

from convai_rasa.project.change.encoder_trial import Trial, try_encoder
from convai_rasa.project.change.fitting import fitting_components
from convai_rasa.project.change.pipeline import INTENTS

PROJECTS = Path(__file__).parents[1] / "projects"


def examples(name: str) -> tuple[list[str], list[str]]:
    content = yaml.safe_load((PROJECTS / name / "data" / "nlu.yml").read_text(encoding="utf-8"))["nlu"]
    rows = [(line.removeprefix("- "), item["intent"]) for item in content for line in item["examples"].splitlines()]
    return [text for text, _ in rows], [intent for _, intent in rows]


def test_an_encoder_of_random_weights_is_worse_than_letters(tiny_models: TinyModels) -> None:
    trial = try_encoder(tiny_models("multilingual-distilbert"), *examples("spanish"))
    assert trial.examples == 82
    assert 0 < trial.encoder < trial.letters < 1
    assert not trial.passed


def test_too_few_examples_decide_nothing(tiny_models: TinyModels) -> None:
    folder = tiny_models("distilbert")
    assert try_encoder(folder, ["a", "b"], ["one", "two"]) == Trial(0.0, 0.0, 0)
    assert try_encoder(folder, ["a", "b"], ["one", "one"]).passed
    assert try_encoder(folder, [], []).passed
    assert try_encoder(folder, ["hello", "hello there", "bye"], ["greet", "greet", "leave"]).examples == 2


def test_an_encoder_that_is_no_better_is_left_out_with_figures(tiny_models: TinyModels) -> None:
    texts, intents = examples("spanish")
    models = {INTENTS: str(tiny_models("multilingual-distilbert"))}
    fitting = fitting_components([INTENTS], ["table"] * len(texts), "en", models, intents)
    assert fitting.components == (INTENTS,)  # of English bots the figures are known
    words = [text.replace(text.split()[0], "Guten") for text in texts]
    mixed = ["Guten Tag " * 20 + word for word in words]  # so that little is lost, and little told
    fitting = fitting_components([INTENTS], mixed, "es", models, intents)
    assert fitting.components == ()
    assert "of 82 examples, each tested after learning from the others, its encoder" in fitting.notes[0]
    assert "convai add --set multilingual" in fitting.notes[0]


@pytest.mark.models
def test_the_real_encoder_helps_some_languages_that_it_was_not_made_for(models: Path) -> None:
    assert try_encoder(models / "nlu" / "minilm", *examples("french")).passed
    assert not try_encoder(models / "nlu" / "minilm", *examples("hindi")).passed

"""Retrieval intents (``faq/ask_hours``) through a real training: our intent, then Rasa's ResponseSelector."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from rasa_process import RasaProcess

pytestmark = pytest.mark.e2e

EXAMPLES = {
    "faq/ask_hours": ["when do you open", "what are your hours", "how late are you open"],
    "faq/ask_parking": ["where can I park", "is there parking", "can I leave my car somewhere"],
    "greet": ["hello there", "good morning", "hi friend"],
}


def test_the_first_part_is_our_intent_and_rasa_selects_the_response(tmp_path: Path, tiny_checkpoint: Path) -> None:
    ours = {"name": "convai_rasa.nlu.DistilBertIntentClassifier", "model": str(tiny_checkpoint), "max_length": 32}
    pipeline = [
        {"name": "WhitespaceTokenizer"},
        {"name": "CountVectorsFeaturizer"},
        {**ours, "learning_rate": 1e-3, "head_learning_rate": 1e-2, "epochs": 12, "threads": 1},
        {"name": "ResponseSelector", "epochs": 30, "retrieval_intent": "faq"},
    ]
    nlu = [{"intent": name, "examples": "".join(f"- {text}\n" for text in texts)} for name, texts in EXAMPLES.items()]
    responses = {f"utter_{name}": [{"text": f"about {name}"}] for name in EXAMPLES if "/" in name}
    files = {
        "config.yml": {"recipe": "default.v1", "assistant_id": "test", "language": "en", "pipeline": pipeline},
        "domain.yml": {"version": "3.1", "intents": ["faq", "greet"], "responses": responses},
        "data.yml": {"version": "3.1", "nlu": nlu, "responses": responses},
    }
    for name, content in files.items():
        (tmp_path / name).write_text(yaml.safe_dump({**content, **({"policies": []} if name == "config.yml" else {})}))
    with RasaProcess() as rasa:
        rasa.run(tmp_path, "train", "nlu", "--nlu", "data.yml", "--fixed-model-name", "bot")
        (parsed,) = rasa.parse(tmp_path, tmp_path / "models/bot.tar.gz", "when do you open")
    assert parsed["intent"]["name"] == "faq"
    assert {ranked["name"] for ranked in parsed["intent_ranking"]} == {"faq", "greet"}
    assert parsed["response_selector"]["faq"]["response"]["intent_response_key"] == "faq/ask_hours"

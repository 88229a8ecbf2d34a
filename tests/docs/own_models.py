"""The models of one's own that docs/custom-models.md speaks of, in a models/ tree."""

from __future__ import annotations

from pathlib import Path

from tiny import TinyModels

PAGE = "docs/custom-models.md"
TINY = {
    "nlu/custom_entities": "spacy",
    "nlu/custom_sentiment": "sentiments",
    "tts/custom_voice": "vits",
    "whisper/custom": "whisper",
}


def lay_out(tree: Path, tiny_models: TinyModels) -> None:
    """Put them into a tree: the classifier trained on the real encoder, the others with a few random weights."""
    from convai_rasa.nlu import IntentClassifier

    for name, kind in TINY.items():
        (tree / name).parent.mkdir(parents=True, exist_ok=True)
        (tree / name).symlink_to(tiny_models(kind))
    classifier = IntentClassifier()
    texts = ["hello there", "good morning", "book a table", "a table for two", "reserve a table"]
    classifier.train(texts, ["greet", "greet", "book", "book", "book"], base_model="nlu/minilm", strategy="frozen")
    classifier.save(tree / "nlu" / "custom_intent")

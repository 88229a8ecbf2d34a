"""The ways to teach a pretrained recogniser new labels that were not chosen: train it on, with or without rehearsal.

Rehearsal (Robins 1995, "Catastrophic forgetting, rehearsal and pseudorehearsal"): what the pretrained recogniser finds
in the training messages is taught again together with the annotations, which go first where both want the same words.
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any, Callable, Sequence

from tqdm import tqdm

EPOCHS, DROPOUT, BATCH = 20, 0.3, 9  # as the component does by default on 300 messages

Extract = Callable[[Sequence[str]], list[list[dict[str, Any]]]]


def train_further(
    folder: Path, rows: list[dict[str, Any]], *, rehearse: bool, seed: int
) -> tuple[Extract, frozenset[str]]:
    """Train the ``ner`` of a pipeline on annotated messages.

    Returns:
        What finds entities in texts, and the labels the pipeline had before.
    """
    import spacy
    from spacy.training import Example
    from spacy.util import fix_random_seed, minibatch

    fix_random_seed(seed)
    pipeline = spacy.load(folder, exclude=["tagger", "parser", "attribute_ruler", "lemmatizer", "senter", "tok2vec"])
    ner = pipeline.get_pipe("ner")
    before = frozenset(ner.labels)
    examples = []
    for row in rows:
        doc = pipeline.make_doc(row["text"])
        spans = [
            span for span in (doc.char_span(one["start"], one["end"], _label(one)) for one in row["entities"]) if span
        ]
        taken = {token.i for span in spans for token in span}
        known = [span for span in pipeline(row["text"]).ents if not taken & set(range(span.start, span.end))]
        gold = [*spans, *(known if rehearse else [])]
        examples.append(
            Example.from_dict(doc, {"entities": [(one.start_char, one.end_char, one.label_) for one in gold]})
        )
    for label in sorted({_label(one) for row in rows for one in row["entities"]}):
        ner.add_label(label)
    optimizer = pipeline.resume_training()
    for _ in tqdm(range(EPOCHS), desc="Further", unit="epoch", disable=None):
        random.shuffle(examples)
        for batch in minibatch(examples, BATCH):
            ner.update(batch, drop=DROPOUT, sgd=optimizer)

    def extract(texts: Sequence[str]) -> list[list[dict[str, Any]]]:
        return [[_entity(span) for span in doc.ents] for doc in pipeline.pipe(texts)]

    return extract, before


def _label(entity: dict[str, Any]) -> str:
    return json.dumps([entity["entity"], entity.get("role")])


def _entity(span: Any) -> dict[str, Any]:
    entity, role = json.loads(span.label_) if span.label_.startswith("[") else (span.label_, None)
    return {"start": span.start_char, "end": span.end_char, "entity": entity, "role": role}

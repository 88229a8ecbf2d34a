"""Trains a spaCy entity recognizer on the bot's annotations.

Beside a pretrained pipeline it becomes a second recognizer, which starts from the pretrained one's token vectors; the
first one is not touched, so it forgets nothing. The other ways in figures: docs/components/entity_extractor.md.
"""

from __future__ import annotations

import copy
import logging
import random
from contextlib import contextmanager
from typing import Any, Iterator, Optional, Sequence

import numpy as np
from tqdm import tqdm

from convai_rasa.nlu.entities.confidence import ScoredRecognizer, ScoredSpan, fit_temperature
from convai_rasa.nlu.entities.options import EntityTraining
from convai_rasa.nlu.entities.spacy_examples import AnnotatedText, spacy_examples
from convai_rasa.nlu.entities.word_boundaries import Cuts

logger = logging.getLogger(__name__)

TRAINED_PIPE = "trained_ner"
VALIDATION_SHARE = 0.1
FEW_EXAMPLES = 100  # with annotations; of fewer all are needed for training
_LAST_EPOCHS_SHARE = 0.2  # more epochs, with what was held back, once the temperature is known
_STEPS_AN_EPOCH = 32  # few examples are learned in small batches, or there would be too few steps
LARGEST_BATCH = 16
_CONVERGED_LOSS = 1e-3  # per message


def train_recognizer(
    pipeline: Any,
    texts: Sequence[AnnotatedText],
    options: EntityTraining,
    *,
    cuts: Cuts,
    incremental: bool = False,
) -> float:
    """Add a recognizer trained on annotated texts to a spaCy ``Language``, as the pipe ``TRAINED_PIPE``.

    Args:
        pipeline: a blank one, or a pretrained one whose ``ner`` gives the start.
        texts: with and without entities.
        options: how to train.
        cuts: where words end besides where the pipeline ends them.
        incremental: go on with the recognizer that is there; new labels are added to it.

    Returns:
        The temperature of its confidences.
    """
    with _seeded(options.seed):
        source = _source(pipeline)
        recognizer = pipeline.get_pipe(TRAINED_PIPE) if incremental else _add_recognizer(pipeline, source)
        kept, held_back = _hold_back(texts, options)

        def tokenize(text: str) -> Any:
            doc = pipeline.make_doc(text)
            cuts.apply(doc)
            return doc

        training, checking = spacy_examples(tokenize, kept), spacy_examples(tokenize, held_back)
        if incremental:
            for label in sorted({annotation.kind.label for text in texts for annotation in text.annotations}):
                recognizer.add_label(label)
        else:
            recognizer.initialize(lambda: [*training, *checking], nlp=pipeline)
            if source:
                vectors = pipeline.get_pipe(source).model.get_ref("tok2vec")
                recognizer.model.get_ref("tok2vec").from_bytes(vectors.to_bytes())
        from thinc.api import Adam

        annotated = sum(bool(text.annotations) for text in texts)
        logger.info("Learning entities from %d annotated messages, in at most %d passes.", annotated, options.epochs)

        # The other values are those of spaCy's own training configuration.
        optimizer = Adam(options.learning_rate, L2=0.01, L2_is_weight_decay=True, grad_clip=1.0, use_averages=True)
        last_epochs = max(1, round(_LAST_EPOCHS_SHARE * options.epochs)) if checking else 0
        with tqdm(total=options.epochs + last_epochs, desc="Entities", unit="epoch", disable=None) as bar:
            _update(recognizer, training, optimizer, options, options.epochs, bar)
            temperature = _temperature(recognizer, checking, optimizer)
            if checking:
                _update(recognizer, [*training, *checking], optimizer, options, last_epochs, bar)
        for node in recognizer.model.walk():
            for name in node.param_names:
                if (node.id, name) in optimizer.averages:
                    node.set_param(name, optimizer.averages[node.id, name])
    return temperature


def _add_recognizer(pipeline: Any, source: Optional[str]) -> Any:
    if TRAINED_PIPE in pipeline.pipe_names:
        pipeline.remove_pipe(TRAINED_PIPE)
    model = {"model": copy.deepcopy(pipeline.get_pipe_config(source)["model"])} if source else {}
    return pipeline.add_pipe("ner", name=TRAINED_PIPE, config=model)


def _source(pipeline: Any) -> Optional[str]:
    """Return the pretrained recognizer whose token vectors can be taken over."""
    for name in pipeline.pipe_names:
        if name != TRAINED_PIPE and pipeline.get_pipe_meta(name).factory == "ner":
            config = pipeline.get_pipe_config(name)["model"].get("tok2vec", {})
            if "Listener" not in str(config.get("@architectures")):
                return str(name)
    return None


def _update(
    recognizer: Any, examples: Sequence[Any], optimizer: Any, options: EntityTraining, epochs: int, bar: Any
) -> None:
    from spacy.util import minibatch

    order = list(examples)
    size = options.batch_size or min(max(len(order) // _STEPS_AN_EPOCH, 2), LARGEST_BATCH)
    for epoch in range(epochs):
        random.shuffle(order)
        losses: dict[str, float] = {}
        for batch in minibatch(order, size):
            recognizer.update(batch, drop=options.dropout, sgd=optimizer, losses=losses)
        loss = losses.get(recognizer.name, 0.0) / len(order)
        bar.set_postfix(loss=f"{loss:.3f}", refresh=False)
        bar.update()
        if loss < _CONVERGED_LOSS:
            bar.update(epochs - epoch - 1)
            return


def _hold_back(
    texts: Sequence[AnnotatedText], options: EntityTraining
) -> tuple[list[AnnotatedText], list[AnnotatedText]]:
    """Split off messages to find the temperature with.

    What people will say holds names that no example has, so the messages held back are all those with certain values.
    """
    annotated = [text for text in texts if text.annotations]
    share = options.validation_share
    if share is None:
        share = VALIDATION_SHARE if len(annotated) >= FEW_EXAMPLES else 0.0
    values: dict[str, set[int]] = {}
    for number, text in enumerate(annotated):
        for one in text.annotations:
            values.setdefault(text.text[one.start : one.end].lower(), set()).add(number)
    chosen: set[int] = set()
    order = sorted(values)
    random.shuffle(order)
    for value in order:
        if len(chosen | values[value]) <= share * len(annotated):
            chosen |= values[value]
    ids = {id(annotated[number]) for number in chosen}
    return [text for text in texts if id(text) not in ids], [text for text in texts if id(text) in ids]


def _temperature(recognizer: Any, examples: Sequence[Any], optimizer: Any) -> float:
    with recognizer.model.use_params(optimizer.averages):
        found = ScoredRecognizer(recognizer).find([example.predicted.copy() for example in examples])
    spans: list[ScoredSpan] = []
    right: list[bool] = []
    for example, scored in zip(examples, found, strict=True):
        truth = {(span.start, span.end, span.label_) for span in example.reference.ents}
        spans += scored
        right += [(one.span.start, one.span.end, one.span.label_) in truth for one in scored]
    return fit_temperature(spans, right)


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """Make what happens inside depend on the seed alone, and nothing outside depend on what happens inside."""
    state, numpy_state = random.getstate(), np.random.get_state()
    random.seed(seed)
    np.random.seed(seed)
    try:
        yield
    finally:
        random.setstate(state)
        np.random.set_state(numpy_state)

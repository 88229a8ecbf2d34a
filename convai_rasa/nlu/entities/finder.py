"""``EntityExtractor``: the pretrained pipeline, what was trained and what is listed, together."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any, Collection, Mapping, Optional, Sequence, Union

from convai_rasa.errors import ConfigurationError, ModelCorrupt
from convai_rasa.nlu.entities.confidence import ScoredRecognizer
from convai_rasa.nlu.entities.options import EntityTraining
from convai_rasa.nlu.entities.overlaps import merge_own
from convai_rasa.nlu.entities.patterns import RULER, Patterns, add_lookups
from convai_rasa.nlu.entities.settings import Learned, read_settings, write_settings
from convai_rasa.nlu.entities.spacy_examples import read_examples, whole_characters
from convai_rasa.nlu.entities.spacy_pipeline import PretrainedPipeline, blank_pipeline, check_labels, load_pipeline
from convai_rasa.nlu.entities.spacy_training import TRAINED_PIPE, train_recognizer
from convai_rasa.nlu.entities.types import LISTED, TRAINED, Entity, Kind
from convai_rasa.nlu.entities.word_boundaries import Cuts, learn_cuts
from convai_rasa.nlu.values import Normaliser
from convai_rasa.options import parse_options
from convai_rasa.store import resolve

_OWN_PIPES = frozenset({TRAINED_PIPE, RULER})


class EntityExtractor:
    """Finds entities with a pretrained spaCy pipeline, and learns more from annotated examples.

    Examples:
        >>> extractor = EntityExtractor(dimensions=["GPE"], mapping={"GPE": "city"})
        >>> [(entity.label, entity.text) for entity in extractor.extract("a flight to Paris tomorrow")]
        [('city', 'Paris')]
    """

    def __init__(
        self,
        model_path: Union[str, Path, None] = "spacy/en_core_web_sm",
        dimensions: Optional[Sequence[str]] = None,
        mapping: Optional[Mapping[str, str]] = None,
        *,
        threshold: float = 0.0,
        normalise: Union[bool, Sequence[str], Mapping[str, str]] = True,
        timezone: Optional[str] = None,
        reference: str = "now",
    ) -> None:
        """Load a pipeline with only the pipes that find entities.

        Args:
            model_path: a name in the models/ tree, a spaCy pipeline folder, or a folder that ``save`` wrote; None for
                an extractor that is to be trained from blank.
            dimensions: labels of the pretrained pipeline to keep; None keeps all.
            mapping: from the pretrained pipeline's labels to the bot's entity names; other labels keep their name.
            threshold: entities with a lower confidence are left out.
            normalise: which values are read; it, ``timezone`` and ``reference`` are those of ``values.Normaliser``.

        Raises:
            ModelError: the model is not installed, or the folder is not a spaCy pipeline that finds entities.
            ConfigurationError: a dimension or a label of the mapping is not one the pipeline knows.
            MissingExtra: spaCy is not installed.
        """
        self._reading: dict[str, Any] = {"timezone": timezone, "reference": reference}
        self._normalise = normalise
        self._threshold = threshold
        self._dimensions: Optional[frozenset[str]] = None
        self._mapping: dict[str, str] = dict(mapping or {})
        if model_path is None:
            self._use(blank_pipeline("en"), Learned())
            return
        folder = resolve(str(model_path))
        saved_dimensions, saved_mapping, learned = read_settings(folder)
        pipeline = load_pipeline(folder)
        known = PretrainedPipeline(pipeline, own=_OWN_PIPES).labels
        chosen = saved_dimensions if dimensions is None else dimensions
        self._mapping = dict(saved_mapping if mapping is None else mapping)
        if known:  # a trained extractor may have left the pretrained pipes behind
            check_labels(chosen or (), known, "dimensions")
            check_labels(self._mapping, known, "map")
            self._dimensions = None if chosen is None else frozenset(chosen)
        self._use(pipeline, learned)
        if not known and not self.labels:
            raise ModelCorrupt(f"{folder} finds no entities: its pipeline has none of ner, entity_ruler, spancat.")

    @property
    def labels(self) -> tuple[str, ...]:
        """The entities it finds, under the names the bot uses."""
        pretrained = (self._mapping.get(label, label) for label in self.pretrained_labels)
        return tuple(sorted({*pretrained, *self._taught}))

    @classmethod
    def load(cls, path: Union[str, Path]) -> EntityExtractor:
        """Load what ``save`` wrote."""
        return cls(path)

    def train(
        self,
        examples: Sequence[Mapping[str, Any]],
        *,
        lookups: Optional[Mapping[str, Sequence[str]]] = None,
        regexes: Optional[Mapping[str, Sequence[str]]] = None,
        unread: Collection[str] = (),
        incremental: bool = False,
        **options: Any,
    ) -> None:
        """Learn entities; what was learned before is replaced, what the pretrained pipeline knows stays.

        Args:
            examples: messages, ``{"text": …, "entities": [{"start", "end", "entity", "role"?, "group"?}]}``; those
                without entities teach where there are none.
            lookups: for each entity, values that are matched as written.
            regexes: for each entity, regular expressions.
            unread: words whose value is not normalized, lower case.
            incremental: continue from what was trained before; its entities stay and new ones are added.
            options: the fields of ``EntityTraining``.

        Raises:
            ConfigurationError: an option is unknown or impossible, or an annotation is wrong, or nothing is to be
                learned.
        """
        chosen = parse_options(EntityTraining, options, where="EntityExtractor.train")
        texts = read_examples(examples)
        annotated = any(text.annotations for text in texts)
        if not annotated and not lookups and not regexes:
            raise ConfigurationError("There is no annotated example to learn entities from; annotate some.")
        going_on = incremental and TRAINED_PIPE in self._pipeline.pipe_names
        blank = chosen.base == "blank" and not going_on
        if not (blank or going_on or self._pretrained.labels):
            raise ConfigurationError(
                "There is no pretrained pipeline to start from; load one, or train with base: blank."
            )
        pipeline = blank_pipeline(chosen.language) if blank else self._pipeline
        cuts = learn_cuts(pipeline.make_doc, texts, self._learned.cuts if going_on else Cuts())
        temperature = 1.0
        if annotated:
            temperature = train_recognizer(pipeline, texts, chosen, cuts=cuts, incremental=going_on)
        if self._dimensions == frozenset():  # what is not wanted need not be saved
            for name in set(pipeline.pipe_names) - _OWN_PIPES:
                pipeline.remove_pipe(name)
        add_lookups(pipeline, lookups or {})
        self._use(pipeline, Learned(temperature, dict(regexes or {}), sorted(unread), cuts))

    def extract(self, text: str) -> list[Entity]:
        """Return the entities of one text in the order they appear."""
        return self.extract_all([text])[0]

    def extract_all(self, texts: Sequence[str]) -> list[list[Entity]]:
        """Return the entities of each text; several texts at once are faster than one by one."""
        found = []
        for known, own in zip(self._find_pretrained(texts), self._find_own(texts), strict=True):
            sure = [one for one in (*known, *own) if one.confidence is None or one.confidence >= self._threshold]
            found.append([self._read(entity) for entity in merge_own(sure)])
        return found

    def keep_only(self, names: Collection[str]) -> None:
        """Leave out what the pretrained pipeline finds under names that are not the bot's nor in the mapping."""
        kept = {label for label in self.pretrained_labels if label in self._mapping or label in names}
        self._dimensions = frozenset(kept)
        self._kinds = self._kinds_of_value()

    def save(self, path: Union[str, Path]) -> None:
        """Write the pipeline and the settings into a folder."""
        folder = Path(path)
        self._pipeline.to_disk(folder)
        write_settings(folder, self._dimensions, self._mapping, self._learned)

    def warm_up(self) -> None:
        """Load what would make the first message slow."""
        if not self.labels:
            return
        self._normaliser.warm_up(self._kinds.values())
        self.extract("warm up")

    def _use(self, pipeline: Any, learned: Learned) -> None:
        self._pipeline, self._learned = pipeline, learned
        self._pretrained = PretrainedPipeline(pipeline, own=_OWN_PIPES)
        trained = pipeline.get_pipe(TRAINED_PIPE) if TRAINED_PIPE in pipeline.pipe_names else None
        self._trained = None if trained is None else ScoredRecognizer(trained)
        self._patterns = Patterns(pipeline, learned.regexes)
        labels = () if trained is None else trained.labels
        self._taught = self._patterns.labels | {Kind.of_label(label).entity for label in labels}
        self._normaliser = Normaliser(self._normalise, language=pipeline.lang, **self._reading)
        self._kinds = self._kinds_of_value()

    @property
    def pretrained_labels(self) -> tuple[str, ...]:
        """The labels of the pretrained pipeline that are kept, under its names."""
        known = self._pretrained.labels
        return known if self._dimensions is None else tuple(label for label in known if label in self._dimensions)

    def _kinds_of_value(self) -> dict[str, str]:
        """Return how the value of each entity is read, where it is."""
        names = [(self._mapping.get(label, label), label) for label in self.pretrained_labels]
        kinds: dict[str, str] = {}
        for name, label in [*names, *((name, name) for name in sorted(self._taught))]:
            kind = self._normaliser.kind(name) or self._normaliser.kind(label)
            if kind is not None:
                kinds[name] = kind if kinds.get(name, kind) == kind else "any"  # such as DATE and TIME under one name
        return kinds

    def _docs(self, texts: Sequence[str]) -> list[Any]:
        return [self._pipeline.tokenizer(whole_characters(text)) for text in texts]

    def _find_pretrained(self, texts: Sequence[str]) -> list[list[Entity]]:
        wanted = frozenset(self.pretrained_labels)
        if not wanted:
            return [[] for _ in texts]
        return [
            [
                _entity(span, self._mapping.get(span.label_, span.label_), confidence)
                for span, confidence in spans
                if span.label_ in wanted and span.text.strip()
            ]
            for spans in self._pretrained.find(self._docs(texts))
        ]

    def _find_own(self, texts: Sequence[str]) -> list[list[Entity]]:
        if not self._taught:
            return [[] for _ in texts]
        docs, found = self._docs(texts), []
        for doc in docs:
            places = set(self._patterns.find(doc))
            if self._learned.cuts.apply(doc):  # "c." is "c" and "." now
                places.update(self._patterns.find(doc))
            words = [(start, end, doc.text[start:end], label) for start, end, label in sorted(places)]
            found.append([Entity(*place, 1.0, value=place[2], source=LISTED) for place in words])
        if self._trained is not None:
            for entities, spans in zip(found, self._trained.find(docs), strict=True):
                for scored in spans:
                    if scored.span.text.strip():
                        name, role, group = Kind.of_label(scored.span.label_)
                        sure = scored.confidence(self._learned.temperature)
                        entities.append(_entity(scored.span, name, sure, role=role, group=group, source=TRAINED))
        return found

    def _read(self, entity: Entity) -> Entity:
        kind = self._kinds.get(entity.label)
        if kind is None or entity.text.lower() in self._learned.unread:
            return entity
        meaning = self._normaliser.read(entity.text, kind)
        return entity if meaning is None else dataclasses.replace(entity, value=meaning.value, info=meaning.info)


def _entity(span: Any, label: str, confidence: Optional[float], **more: Any) -> Entity:
    """Return an entity without the spaces around it, which spaCy counts as words."""
    text = span.text.strip()
    start = span.start_char + len(span.text) - len(span.text.lstrip())
    return Entity(start, start + len(text), text, label, confidence, text, **more)

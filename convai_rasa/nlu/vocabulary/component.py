"""The bot's vocabulary inside a Rasa pipeline: learned with it, stored in its archive, and asked by what was heard."""

from __future__ import annotations

import logging
import math
from dataclasses import replace
from pathlib import Path
from typing import Any, Dict, List, Optional, Sequence, Type

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.nlu.extractors.extractor import EntityExtractorMixin
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_NAME_KEY, PREDICTED_CONFIDENCE_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from convai_rasa.nlu.component import Component, NLUComponentError, bot_language, domain_of, one_sentence
from convai_rasa.nlu.training_sentences import write_sentences
from convai_rasa.nlu.vocabulary.closed_questions import Asked
from convai_rasa.nlu.vocabulary.known import categorical_values, known_values, said_by_bot
from convai_rasa.nlu.vocabulary.known_entities import KnownEntities, SpokenValueOptions, VocabularyOptions, was_heard
from convai_rasa.nlu.vocabulary.mapper import Mapped, ValueMapper
from convai_rasa.nlu.vocabulary.sentence_model import Sentences
from convai_rasa.nlu.vocabulary.world import BotWorld

logger = logging.getLogger(__name__)

CODE_VERSION = "3"  # raise it when training changes, so that Rasa does not reuse what older code learned
VOCABULARY = "vocabulary"  # of a message that was heard: how well it fits into the bot's world
ANSWER = "answer"  # of that: what was meant, where the bot has asked for one of a few values
_LEAST = 1e-3  # agreement: a logarithm has no zero
_SURE = 0.6  # confidence in an intent, from which known words are taken to mean what they say


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR], is_trainable=True)
class Vocabulary(Component[VocabularyOptions]):
    """Rasa component that knows the bot's sentences and values as they are spoken; comes after what finds entities.

    The voice channel hears with what it stores, whatever finds the intents and entities. What was heard gets a
    ``vocabulary``, which says how well it fits into the bot's world; the rest of a message stays as it is, and what
    was typed altogether.
    """

    keys: Type[VocabularyOptions] = VocabularyOptions
    _known: Optional[KnownEntities] = None

    @staticmethod
    def required_packages() -> List[str]:
        """Return the packages this component needs."""
        return ["num2words"]

    @classmethod
    def fingerprint_addon(cls, config: Dict[str, Any]) -> Optional[str]:
        """Make Rasa train again when the training code changed."""
        return CODE_VERSION

    def restore(self, trained: Optional[Path]) -> None:
        """Load what training stored, and add what the domain knows: values of slots, buttons, and responses."""
        world = BotWorld.load(trained) if trained else BotWorld(ValueMapper({}), Sentences(), {})
        domain = domain_of(self._model_storage, self._context)
        if domain is not None:
            values = categorical_values(domain, self._options.entities)
            world = world.with_domain(world.mapper.with_values(values), *said_by_bot(domain))
        world.mapper.sounds_of("one")  # loads what the first message would have to wait for
        for entity in sorted(world.mapper.entities):
            world.mapper.map(entity, "one", threshold=0)
        self.use(world)

    def train(self, training_data: TrainingData) -> Resource:
        """Store the known values of the training data, how they are said, and the sentences they are said in."""
        language = (bot_language(self._context) or "en").partition("-")[0].lower()
        with one_sentence():
            values = known_values(training_data, self._options.entities, language)
        logger.info("Values of %s are known by how they are said.", ", ".join(sorted(values)) or "no entity")
        world = BotWorld.learn(training_data, ValueMapper(values, language), language)
        examples = [(str(one.get(TEXT) or ""), str(one.get(INTENT))) for one in training_data.intent_examples]
        with self._model_storage.write_to(self._resource) as folder:
            world.save(folder)
            # DistilBertIntentClassifier writes these, too; whether it is in the pipeline must not matter here, since
            # Rasa would not train this again when it is taken out.
            write_sentences(folder, [text for text, _ in examples], [intent for _, intent in examples])
        return self._resource

    def process(self, messages: List[Message]) -> List[Message]:
        """Say of each message that was heard how well it fits into the bot's world."""
        known = self._loaded()
        for message in messages:
            if was_heard(message):
                self._judge(known.world, message, known.of(message))
        return messages

    def use(self, world: BotWorld) -> None:
        """Work with a world that is there already."""
        self._known = KnownEntities(world, type(self).__name__, SpokenValueOptions(**self._options.dict()))

    def _loaded(self) -> KnownEntities:
        if self._known is None:
            raise NLUComponentError(
                f"This {type(self).__name__} was created for training; load a trained one to use it."
            )
        return self._known

    def _judge(self, world: BotWorld, message: Message, entities: Sequence[Dict[str, Any]]) -> None:
        text, about = str(message.get(TEXT) or ""), message.get("metadata")["voice"]
        fit = world.likelihood(text, entities)
        if isinstance(about.get("agreement"), float):  # the text is the answer that other words sounded like
            fit = replace(fit, values=fit.values + math.log(max(about["agreement"], _LEAST)))
        told = fit.as_dict()
        answer = self._answer(world, text, message)
        if answer is not None:
            told[ANSWER] = {"text": answer.value, "agreement": answer.confidence}
        message.set(VOCABULARY, told, add_to_output=True)

    @staticmethod
    def _answer(world: BotWorld, text: str, message: Message) -> Optional[Mapped]:
        """Return which answer to a closed question the text sounds like; None where none was asked."""
        told = message.get("metadata")["voice"].get("asked")
        if not isinstance(told, dict):
            return None
        asked = Asked(*(tuple(map(str, told.get(key) or ())) for key in ("entities", "intents", "values")))
        intent = message.get(INTENT) or {}
        means_itself = (
            intent.get(INTENT_NAME_KEY) not in (None, DEFAULT_NLU_FALLBACK_INTENT_NAME, *asked.intents)
            and (intent.get(PREDICTED_CONFIDENCE_KEY) or 0.0) >= _SURE
            and not world.strange_words(text)
        )
        return world.answers.nearest(text, asked, only_alike=means_itself)


@DefaultV1Recipe.register([DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR], is_trainable=True)
class SpokenValueMapper(Vocabulary, EntityExtractorMixin):
    """A ``Vocabulary`` that also leads the values of entities to those the bot knows.

    An entity's value becomes the nearest known one, with ``confidence_value`` and the words it came from in ``text``.
    Where several are equally near it stays, and they are its ``alternatives``; or they become an entity of their own.
    Known values that no component marked become entities.
    """

    keys = SpokenValueOptions
    _options: SpokenValueOptions

    def process(self, messages: List[Message]) -> List[Message]:
        """Lead the values of each message's entities to known ones, and find those that nobody marked."""
        known = self._loaded()
        for message in messages:
            entities = known.of(message, find=self._options.find)
            if entities:
                message.set(ENTITIES, entities, add_to_output=True)
            if was_heard(message):
                self._judge(known.world, message, entities if self._options.find else known.of(message))
        return messages

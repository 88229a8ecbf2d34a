"""What our Rasa components share: how they are made and loaded, and how their errors and entities reach Rasa."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Dict, Generic, Iterator, Optional, Type, TypeVar

import rasa.nlu.constants
import rasa.shared.nlu.constants
from rasa.engine.graph import ExecutionContext, GraphComponent, SchemaNode
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.graph_components.providers.domain_provider import DomainProvider
from rasa.graph_components.providers.nlu_training_data_provider import NLUTrainingDataProvider
from rasa.shared.core.domain import Domain
from rasa.shared.exceptions import RasaException

from convai_rasa.errors import ConvaiError
from convai_rasa.options import OptionsT, parse_options

# Rasa adds these to a component's configuration by itself.
_RASA_KEYS = frozenset({"finetuning_epoch_fraction"})

ComponentT = TypeVar("ComponentT", bound="Component[Any]")


class NLUComponentError(RasaException):
    """An error of this package inside a Rasa command; Rasa prints it as one line without a stack trace."""


@contextmanager
def one_sentence() -> Iterator[None]:
    """Hand errors of this package to Rasa in the form it prints without a stack trace."""
    try:
        yield
    except ConvaiError as error:
        raise NLUComponentError(str(error)) from error


class Component(GraphComponent, Generic[OptionsT]):
    """A Rasa component that knows its keys and finds in the archive what it stored there when it was trained.

    Attributes:
        keys: what a user may write below it in config.yml, with the default of each.
    """

    keys: Type[OptionsT]

    def __init__(
        self, options: OptionsT, model_storage: ModelStorage, resource: Resource, context: ExecutionContext
    ) -> None:
        """Hold what Rasa gives; nothing is loaded."""
        self._options = options
        self._model_storage = model_storage
        self._resource = resource
        self._context = context

    @classmethod
    def get_default_config(cls) -> Dict[str, Any]:
        """Return the default of every key."""
        return cls.keys().dict()

    @classmethod
    def create(
        cls: Type[ComponentT],
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> ComponentT:
        """Check the configuration and make a component to train; no model is loaded."""
        given = {key: value for key, value in config.items() if key not in _RASA_KEYS}
        with one_sentence():
            options = parse_options(cls.keys, given, where=f"config.yml, {cls.__name__}")
            return cls(options, model_storage, resource, execution_context)

    @classmethod
    def load(
        cls: Type[ComponentT],
        config: Dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> ComponentT:
        """Check the configuration and make a component that is ready for messages, or to be trained further."""
        component = cls.create(config, model_storage, resource, execution_context)
        with one_sentence(), ExitStack() as reading:
            try:
                folder = reading.enter_context(model_storage.read_from(resource))
            except ValueError:  # Rasa's way to say that nothing was stored: there was nothing to train on
                component.restore(None)
            else:
                component.restore(folder if any(folder.iterdir()) else None)
        return component

    def restore(self, trained: Optional[Path]) -> None:
        """Load what answers messages.

        Args:
            trained: the folder in the archive that ``train`` filled; None if it had nothing to store.

        Raises:
            ConvaiError: a model is missing or broken.
        """


def _node(context: ExecutionContext, kind: type) -> Optional[SchemaNode]:
    return next((node for node in context.graph_schema.nodes.values() if issubclass(node.uses, kind)), None)


def bot_language(context: ExecutionContext) -> Optional[str]:
    """Return the ``language`` of config.yml during training; Rasa tells it only to what reads the examples."""
    reader = _node(context, NLUTrainingDataProvider)
    return reader.config.get("language") if reader else None


def domain_node(context: ExecutionContext) -> Optional[SchemaNode]:
    """Return what provides the domain in the graph; None in one without, as ``rasa train nlu`` makes it."""
    return _node(context, DomainProvider)


def domain_of(model_storage: ModelStorage, context: ExecutionContext) -> Optional[Domain]:
    """Return the domain in the archive, which components are not handed; None while it is trained."""
    node = domain_node(context)
    if node is None or node.resource is None:
        return None
    provider = node.uses.load(node.config, model_storage, node.resource, context)
    return provider.provide_inference()


def not_scored_by_rasa_test(extractor: str) -> None:
    """Tell ``rasa test nlu`` that entities under this extractor's name were not trained on the bot's annotations.

    Rasa scores the entities of every extractor outside this set against the annotated examples, where
    labels the bot never annotates could only count as mistakes. Rasa keeps the set twice.
    """
    for module in (rasa.nlu.constants, rasa.shared.nlu.constants):
        module.PRETRAINED_EXTRACTORS.add(extractor)

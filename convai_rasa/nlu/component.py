"""What the three Rasa components share: how our errors reach Rasa, and how Rasa tests treat our entities."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from typing import Any, Iterator, Mapping, Optional, Type

import rasa.nlu.constants
import rasa.shared.nlu.constants
from rasa.engine.graph import ExecutionContext
from rasa.graph_components.providers.nlu_training_data_provider import NLUTrainingDataProvider
from rasa.shared.exceptions import RasaException

from convai_rasa.errors import ConvaiError
from convai_rasa.options import OptionsT, parse_options

logger = logging.getLogger(__name__)

# Rasa adds these to a component's configuration by itself.
_RASA_KEYS = frozenset({"finetuning_epoch_fraction"})


class NLUComponentError(RasaException):
    """An error of this package inside a Rasa command; Rasa prints it as one line without a stack trace."""


@contextmanager
def one_sentence() -> Iterator[None]:
    """Hand errors of this package to Rasa in the form it prints without a stack trace."""
    try:
        yield
    except ConvaiError as error:
        raise NLUComponentError(str(error)) from error


def component_options(options: Type[OptionsT], config: Mapping[str, Any], component: str) -> OptionsT:
    """Check the keys a user wrote below a component in config.yml.

    Raises:
        ConfigurationError: a key is unknown or a value impossible.
    """
    given = {key: value for key, value in config.items() if key not in _RASA_KEYS}
    return parse_options(options, given, where=f"config.yml, {component}")


def bot_language(context: ExecutionContext) -> Optional[str]:
    """Return the ``language`` of config.yml during training; Rasa tells it only to what reads the examples."""
    nodes = context.graph_schema.nodes.values()
    readers = (node for node in nodes if issubclass(node.uses, NLUTrainingDataProvider))
    return next((reader.config.get("language") for reader in readers), None)


def not_scored_by_rasa_test(extractor: str) -> None:
    """Tell ``rasa test nlu`` that entities under this extractor's name were not trained on the bot's annotations.

    Rasa scores the entities of every extractor outside this set against the annotated examples, where
    labels the bot never annotates could only count as mistakes. Rasa keeps the set twice.
    """
    for module in (rasa.nlu.constants, rasa.shared.nlu.constants):
        module.PRETRAINED_EXTRACTORS.add(extractor)

"""Rasa's check before training, which knows only its own extractors.

Of a bot whose annotations, lookup tables and regexes this package learns from it would say that nothing does.
"""

from __future__ import annotations

import functools
import warnings
from typing import Any, Callable, Mapping, Type

from rasa.graph_components.validators.default_recipe_validator import DefaultV1RecipeValidator
from rasa.shared.importers.importer import TrainingDataImporter

_NOTHING_LEARNS = (
    "You have defined training data (consisting of|with) "
    "(entity examples|entities that have roles/groups|regexes|lookup tables), "
    "but your NLU configuration does not include"
)


def learns_from_annotations(component: Type[Any], when: Callable[[Mapping[str, Any]], bool]) -> None:
    """Keep Rasa from saying that nothing learns from the annotations where a component of ours does.

    Args:
        component: of ours.
        when: whether it does so with a certain configuration.
    """
    check = DefaultV1RecipeValidator.validate

    @functools.wraps(check)
    def validate(self: DefaultV1RecipeValidator, importer: TrainingDataImporter) -> TrainingDataImporter:
        with warnings.catch_warnings():
            if any(node.uses is component and when(node.config) for node in self._graph_schema.nodes.values()):
                warnings.filterwarnings("ignore", message=_NOTHING_LEARNS)
            return check(self, importer)

    DefaultV1RecipeValidator.validate = validate

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.training_data.message import Message


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class Greetings(GraphComponent):
    """Knows a greeting by its first word."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        return {"words": ["hello", "hi"]}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Greetings:
        component = cls()
        component.words = list(config["words"])
        return component

    def process(self, messages: list[Message]) -> list[Message]:
        for message in messages:
            if message.get("text", "").split(" ")[0] in self.words:
                message.set("intent", {"name": "greet", "confidence": 1.0}, add_to_output=True)
        return messages

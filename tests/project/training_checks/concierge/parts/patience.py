from __future__ import annotations

from rasa.core.policies.memoization import AugmentedMemoizationPolicy
from rasa.engine.recipes.default_recipe import DefaultV1Recipe


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.POLICY_WITHOUT_END_TO_END_SUPPORT, is_trainable=True)
class Patience(AugmentedMemoizationPolicy):
    """Remembers whole conversations."""

    @staticmethod
    def get_default_config():
        return {**AugmentedMemoizationPolicy.get_default_config(), "priority": 5}

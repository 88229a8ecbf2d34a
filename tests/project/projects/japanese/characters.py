"""A tokenizer of the bot's own: Rasa brings none for Japanese."""

from __future__ import annotations

from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.nlu.tokenizers.tokenizer import Token, Tokenizer
from rasa.shared.nlu.training_data.message import Message


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class CharacterTokenizer(Tokenizer):
    """Makes a token of each character."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Return the keys that Rasa's own tokenizers have."""
        return {"intent_tokenization_flag": False, "intent_split_symbol": "_", "token_pattern": None}

    @classmethod
    def create(cls, config: dict[str, Any], *args: Any) -> CharacterTokenizer:
        """Make one."""
        return cls(config)

    def tokenize(self, message: Message, attribute: str) -> list[Token]:
        """Return the characters of a message that are not blank."""
        text = message.get(attribute)
        return [Token(character, start) for start, character in enumerate(text) if not character.isspace()]

"""The name by which archives trained with earlier versions know ``convai_rasa.nlu.entities``."""

from convai_rasa.nlu.entities import EntityExtractor, SpacyModelEntityExtractor

__all__ = ["EntityExtractor", "SpacyModelEntityExtractor"]

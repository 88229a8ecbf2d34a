"""The name by which archives trained with earlier versions know ``convai_rasa.nlu.intents``."""

from convai_rasa.nlu.intents import DistilBertIntentClassifier, IntentClassifier

__all__ = ["DistilBertIntentClassifier", "IntentClassifier"]

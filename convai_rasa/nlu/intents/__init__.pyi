from .classifier import DistilBertIntentClassifier as DistilBertIntentClassifier, IntentClassifier as IntentClassifier
from .head import IntentHead as IntentHead
from .source import load_model as load_model

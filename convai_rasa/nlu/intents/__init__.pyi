from .classifier import DistilBertIntentClassifier as DistilBertIntentClassifier, IntentClassifier as IntentClassifier
from .head import IntentHead as IntentHead
from .linear import logistic_regression as logistic_regression
from .source import load_model as load_model

from .entities import EntityExtractor as EntityExtractor, SpacyModelEntityExtractor as SpacyModelEntityExtractor
from .intents import DistilBertIntentClassifier as DistilBertIntentClassifier, IntentClassifier as IntentClassifier
from .sentiment import HybridSentimentAnalyzer as HybridSentimentAnalyzer, SentimentAnalyzer as SentimentAnalyzer
from .symbol_names import FALLBACK_LANGUAGE as FALLBACK_LANGUAGE, SymbolNames as SymbolNames
from .vocabulary import SpokenValueMapper as SpokenValueMapper, ValueMapper as ValueMapper, Vocabulary as Vocabulary
from .voice_confidence import VoiceConfidence as VoiceConfidence

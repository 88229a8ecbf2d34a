from .analyzer import SentimentAnalyzer as SentimentAnalyzer
from .component import HybridSentimentAnalyzer as HybridSentimentAnalyzer

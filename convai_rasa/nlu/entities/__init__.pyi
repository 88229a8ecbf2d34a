from .extractor import SpacyModelEntityExtractor as SpacyModelEntityExtractor
from .finder import EntityExtractor as EntityExtractor
from .spacy_pipeline import check_pipeline as check_pipeline, load_pipeline as load_pipeline

from .adding import Proposal as Proposal, Wishes as Wishes, propose as propose
from .entity_plan import PRETRAINED_LABELS as PRETRAINED_LABELS
from .fitting import DEFAULT_MODELS as DEFAULT_MODELS, fitting_components as fitting_components, lost_on as lost_on
from .pipeline import (
    COMPONENTS as COMPONENTS,
    DIET as DIET,
    ENTITIES as ENTITIES,
    INTENTS as INTENTS,
    INTENTS_ONLY as INTENTS_ONLY,
    SENTIMENT as SENTIMENT,
    SPOKEN_VALUES as SPOKEN_VALUES,
    VOCABULARY as VOCABULARY,
    VOICE_CONFIDENCE as VOICE_CONFIDENCE,
)
from .rasa_components import names_of as names_of, short as short
from .undo import undo as undo
from .voice_channel import CHANNEL as CHANNEL
from .yaml_text import YamlText as YamlText

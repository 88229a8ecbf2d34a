from .entity_kinds import KINDS as KINDS, Normaliser as Normaliser, zone as zone
from .person_names import find_name as find_name
from .placed_words import Word as Word, split as split
from .reader import find as find, find_people as find_people, read as read
from .value import Value as Value

from .entities import KINDS as KINDS, Normaliser as Normaliser, zone as zone
from .names import find_name as find_name
from .reader import find as find, find_people as find_people, read as read
from .value import Value as Value
from .words import split as split

from .aloud import aloud as aloud, example as example
from .expecting import Progress as Progress, likeliest as likeliest, progress as progress, prompts as prompts
from .kinds import KINDS as KINDS, ON_KEYS as ON_KEYS, check_kind as check_kind
from .reading import Captured as Captured, read as read, spelling_in as spelling_in
from .repairs import repair as repair
from .slot import SpokenSlot as SpokenSlot
from .turns import Asking as Asking, Taken as Taken, take as take

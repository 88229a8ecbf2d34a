from .component import SpokenValueMapper as SpokenValueMapper, Vocabulary as Vocabulary
from .mapper import Mapped as Mapped, ValueMapper as ValueMapper

from .component import SpokenValueMapper as SpokenValueMapper
from .mapper import Mapped as Mapped, ValueMapper as ValueMapper

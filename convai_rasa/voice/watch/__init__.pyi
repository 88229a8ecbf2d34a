from .inspection import inspection as inspection
from .metrics import SoundClock as SoundClock, TurnTimer as TurnTimer

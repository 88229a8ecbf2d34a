from .metrics import SoundClock as SoundClock, TurnTimer as TurnTimer

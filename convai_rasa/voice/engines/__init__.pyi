from .admission import Door as Door, Load as Load, Pace as Pace
from .recognition import Urgency as Urgency, recogniser_for as recogniser_for
from .shared import Engines as Engines, load_voices as load_voices

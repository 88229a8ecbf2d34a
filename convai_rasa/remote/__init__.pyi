from .background import iterate as iterate, run as run, run_together as run_together
from .engine import RemoteEngine as RemoteEngine, RemoteError as RemoteError
from .http_client import HttpEngine as HttpEngine, HttpOptions as HttpOptions
from .roster import Roster as Roster, all_failed as all_failed
from .wyoming import WyomingEngine as WyomingEngine, WyomingOptions as WyomingOptions

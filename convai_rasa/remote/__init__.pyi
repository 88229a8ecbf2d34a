from .background import iterate as iterate, run as run, run_together as run_together
from .errors import RemoteError as RemoteError
from .http import Answer as Answer, HttpOptions as HttpOptions, HttpServer as HttpServer
from .roster import Roster as Roster, all_failed as all_failed
from .wyoming import WyomingOptions as WyomingOptions, WyomingServer as WyomingServer

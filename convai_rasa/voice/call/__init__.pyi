from .call import GONE as GONE, Call as Call, Calls as Calls
from .host import Host as Host
from .session import Session as Session

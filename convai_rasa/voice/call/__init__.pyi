from .answering import Host as Host
from .call import GONE as GONE, Call as Call, Calls as Calls
from .session import Session as Session

from .demonstration import hold_demo as hold_demo, read_questions as read_questions
from .devices import list_devices as list_devices
from .talking import hold_conversation as hold_conversation, person as person

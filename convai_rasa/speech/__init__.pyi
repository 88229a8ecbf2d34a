from .app import make_app as make_app
from .batches import Batches as Batches, recognize_in_kinds as recognize_in_kinds
from .desk import Desk as Desk
from .local_engines import LocalEngines as LocalEngines, SpeechEngines as SpeechEngines
from .openai_errors import Refusal as Refusal
from .options import TOKENS_VARIABLE as TOKENS_VARIABLE, SpeechOptions as SpeechOptions, read_tokens as read_tokens
from .prometheus import Metrics as Metrics
from .served_names import Names as Names
from .serving import Service as Service

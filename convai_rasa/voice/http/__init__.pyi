from .attachments import transcribe_attachment as transcribe_attachment
from .request_head import guard_heads as guard_heads
from .server import MAX_WEBSOCKET_MESSAGE as MAX_WEBSOCKET_MESSAGE, VoiceServer as VoiceServer
from .stopping import Stopping as Stopping

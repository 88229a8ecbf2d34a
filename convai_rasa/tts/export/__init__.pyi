from .piper_to_onnx import PiperFolder as PiperFolder
from .voice_file import (
    EXPORTER as EXPORTER,
    FLOW as FLOW,
    FRAMES as FRAMES,
    STEP as STEP,
    TEXT as TEXT,
    VOICE_FILE as VOICE_FILE,
    WAVE as WAVE,
    Symbols as Symbols,
    VoiceFile as VoiceFile,
    read_voice_file as read_voice_file,
    source_sha256 as source_sha256,
)

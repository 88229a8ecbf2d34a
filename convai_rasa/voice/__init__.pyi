from .channel import VoiceInput as VoiceInput, VoiceOutput as VoiceOutput
from .http import transcribe_attachment as transcribe_attachment
from .languages import (
    base_language as base_language,
    code_of as code_of,
    ends_by_silence as ends_by_silence,
    misfits as misfits,
)
from .options import AUTO as AUTO, AsrEngine as AsrEngine, EngineOptions as EngineOptions, VoiceOptions as VoiceOptions

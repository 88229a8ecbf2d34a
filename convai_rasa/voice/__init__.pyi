from .channel import VoiceInput as VoiceInput, VoiceOutput as VoiceOutput
from .http import transcribe_attachment as transcribe_attachment
from .languages import base_language as base_language, code_of as code_of, misfits as misfits
from .options import AUTO as AUTO, AsrEngine as AsrEngine, EngineOptions as EngineOptions, VoiceOptions as VoiceOptions

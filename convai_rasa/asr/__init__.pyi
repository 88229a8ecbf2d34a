from .auto_model import ModelChoice as ModelChoice, choose_model as choose_model
from .prompt import build_prompt as build_prompt, choose_phrases as choose_phrases
from .recognizer import (
    ENTRY_POINTS as ENTRY_POINTS,
    Alternative as Alternative,
    Capabilities as Capabilities,
    Expected as Expected,
    Outcome as Outcome,
    Recognizer as Recognizer,
    Request as Request,
    SharingRecognizer as SharingRecognizer,
    Transcript as Transcript,
    join_transcripts as join_transcripts,
    load_recognizer as load_recognizer,
    recognize_together as recognize_together,
)
from .sharing import quicker_alone as quicker_alone, settle as settle
from .whisper import (
    WhisperOptions as WhisperOptions,
    WhisperRecognizer as WhisperRecognizer,
    check_whisper as check_whisper,
    knows_english_only as knows_english_only,
)
from .window import split_at_quiet as split_at_quiet

from .whisper_folder import check_whisper as check_whisper, knows_english_only as knows_english_only
from .whisper_recognizer import WhisperOptions as WhisperOptions, WhisperRecognizer as WhisperRecognizer

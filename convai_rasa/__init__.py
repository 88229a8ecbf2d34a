"""Ears, a voice and better understanding for any Rasa 3.6 bot, all running locally.

Nothing heavy is imported here: the parts live in ``convai_rasa.nlu``, ``convai_rasa.voice``,
``convai_rasa.asr``, ``convai_rasa.tts``, ``convai_rasa.audio`` and ``convai_rasa.store``.
"""

__version__ = "0.1.0"

from .spoken import GraphVoice as GraphVoice, load_voice as load_voice

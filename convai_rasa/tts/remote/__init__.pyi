from .several_voices import SeveralVoices as SeveralVoices

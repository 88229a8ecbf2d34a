from .glow_tts import GlowTts as GlowTts
from .layers import loading as loading, quiet as quiet, read_checkpoint as read_checkpoint
from .mel_scale import MelScale as MelScale
from .symbol_table import read_symbols as read_symbols
from .tacotron2 import Tacotron2 as Tacotron2
from .vocoder import export_vocoder as export_vocoder
from .voice_folder import CoquiFolder as CoquiFolder

from .folder import CoquiFolder as CoquiFolder
from .glow_tts import GlowTts as GlowTts
from .layers import loading as loading, quiet as quiet, read_checkpoint as read_checkpoint
from .mel_scale import MelScale as MelScale
from .symbols import read_symbols as read_symbols
from .tacotron2 import Tacotron2 as Tacotron2
from .vocoder import export_vocoder as export_vocoder

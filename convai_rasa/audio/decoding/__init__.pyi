from .decode import Recording as Recording, decode_audio as decode_audio
from .isolated_decoder import Decoder as Decoder
